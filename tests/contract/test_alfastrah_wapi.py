"""One request behind Digest, full of phrases; every answer of theirs is made up."""

import pytest

from tests.contract.house import application, differences, price, why
from tests.contract.server import Says, digest

pytestmark = pytest.mark.anyio

SHAPE = "alfastrah-wapi"
SECRETS = {"WAPI_PASSWORD": "p4ss-canary"}
LINE = "POST /wapi/osago/calculation"
EXCEPTIONS = {
    # Zeros are no number of a passport and no phone: nobody applies with these.
    "transport_owner.person.person_data.person_document.document_series": ("0000", "4500"),
    "transport_owner.person.person_data.phones[0].phone_number": ("70000000000", "79000000001"),
    # An address of ours is one text, not street by street.
    "transport_owner.person.person_data.addresses[0].street": (
        "ул Тестовая, 1",
        "г Москва, ул Тестовая, д 1",
    ),
    # Required in production, where the shape was not taken.
    "agent": (
        ...,
        {
            "agent_contract_id": 1001,
            "channel_sale_id": 17,
            "department_id": 5,
            "signer_id": 7,
            "manager_id": 9,
        },
    ),
}
OFFER = Says({"calculation_id": 77, "premium": "12 345,67 руб."})


def capitals_only(content):
    """As they do: any other mark or model is their own server's error."""
    mark = content.decode().partition('"mark":"')[2].partition('"')[0]
    return OFFER if mark.isupper() else Says({}, 500)


@pytest.fixture
def insurer(server):
    server.guard = digest("agent", "p4ss-canary")
    server.on(LINE, capitals_only)
    return server


async def test_an_offer_after_the_challenge(house, insurer, expected):
    answer = await house.answer(application(vehicle__document__kind="pts"))
    assert price(answer) == (12345.67, True)
    assert (answer["insurer_quote_id"], answer["attempts"]) == ("77", 2)
    assert [asked.status for asked in insurer.asked] == [401, 200]
    assert differences(expected[LINE], insurer.once(LINE).body) == EXCEPTIONS
    assert not any(b"canary" in asked.content for asked in insurer.asked)


async def test_capitals_whatever_was_written(house, insurer):
    answer = await house.answer(application(vehicle__brand="Lada", vehicle__model="granta"))
    assert price(answer) == (12345.67, True)
    sent = insurer.once(LINE).body["vehicle"]
    assert (sent["mark"], sent["model"]) == ("LADA", "GRANTA")


async def test_blocks_that_depend(house, insurer):
    holder = {**application().model_dump(mode="json")["owner"], "first_name": "Анна"}
    del holder["sex"]
    await house.answer(application(policyholder=holder, drivers="unlimited", vehicle__use="rental"))
    sent = insurer.once(LINE).body
    assert sent["transport_insurer"]["person"]["person_data"] == {
        "first_name": "Анна",
        "last_name": "Тестов",
        "birth_date": "1985-01-01",
        "email": "test@example.org",
    }
    assert (sent["drivers"], sent["insurance_contract"]["drivers_restriction"]) == ([], False)
    assert sent["insurance_contract"]["purpose_of_use"] == "Прочие"


async def test_a_wrong_password(house, insurer):
    insurer.guard = digest("agent", "another")
    answer = await house.answer()
    assert (answer["type"], answer["kind"]) == ("failed", "auth")
    assert len(insurer.asked) == 2  # more would lock the account
    assert "canary" not in str(answer)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ({"code": "UW-17", "message": "Регион закрыт"}, ("declined", "territory")),
        ({"code": "UW-1", "message": None}, ("declined", "other")),
        ({"code": "VAL-3", "message": "vin"}, ("failed", "rejected_request")),
        ({"code": "BUSY", "message": "", "wait_s": 3600}, ("failed", "throttled")),
        ({"code": "X-1", "message": "?"}, ("failed", "server_error")),
        ({"code": 17, "message": "?"}, ("failed", "server_error")),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
async def test_their_errors_in_whatever_status(house, insurer, error, outcome, status):
    insurer.on(LINE, Says({"premium": "9 999,00 руб.", "error": error}, status))
    answer = await house.answer()
    unknown = outcome == ("failed", "server_error")
    if unknown and status == 400:
        outcome = ("failed", "rejected_request")
    assert why(answer)[:2] == outcome
    assert answer.get("retry_at", "2026-01-10T11:00")[:16] == "2026-01-10T11:00"


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says({}, 500), "server_error"),
        (Says({}), "bad_answer"),
        (Says({"premium": "12,345"}), "bad_answer"),  # twelve roubles, or twelve thousand
        (Says(b"\xff\xfe"), "bad_answer"),
    ],
)
async def test_no_offer_that_is_not_there(house, insurer, says, kind):
    insurer.on(LINE, says)
    answer = await house.answer()
    assert (answer["type"], answer["kind"]) == ("failed", kind)
