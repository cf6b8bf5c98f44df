"""A calculation that is polled until several insurers' offers stand in it, good ones and bad."""

from copy import deepcopy
from unittest.mock import ANY
from uuid import UUID

import pytest

from tests.contract.house import application, differences, price, why
from tests.contract.server import THROTTLED, Says, token

pytestmark = pytest.mark.anyio

SHAPE = "yandex-osago"
SECRETS = {"AGGREGATOR_TOKEN": "s3cret"}
CREATE, POLL = "POST /osago/calculate", "GET /osago/calculate"
ACCEPTED = Says({"request_id": "r-1", "calculation_date": "2026-01-10T10:00:00Z"})
IN_PROGRESS = Says({"request_id": "r-1", "status": "PARTNER_CALCULATION_IN_PROGRESS", "offers": []})
GOOD = {
    "offer_id": "o-1",
    "partner": {"code": 5, "name": "СК А"},
    "price": 12345,
    "status": "PRE_CALC_READY",
    "is_prolongation": False,
    "is_ext_prolongation": False,
    "is_reinsurance_pool": False,
    "draft_url": None,
    "payment_url": "https://pay.example.org/x",
    "policy_series": "ХХХ",
    "policy_number": "0000000001",
    "message": None,
    "upsales": [
        {
            "id": "u-1",
            "is_required": True,
            "upsale_code": "NS",
            "short_name": "НС",
            "options": [{"id": 1, "is_default": True, "compatibility_id": 1, "price": 1480}],
        }
    ],
}
REJECTED = {
    "offer_id": "o-2",
    "partner": {"code": 6, "name": "СК Б"},
    "price": None,
    "status": "REJECTED",
    "message": "Нужен действительный адрес",
}
UNPRICED = {"is_required": True, "options": [{"is_default": True, "price": None}]}
COEFFICIENTS = {"tb": 8665, "kt": 1.8, "kbm": 0.46, "kvs": 0.93, "ks": 1, "kp": 1, "km": 1.1}
EXCEPTIONS = {
    # Our key, another every time.
    "request_id": ("00000000-0000-0000-0000-000000000001", ANY),
    # Zeros are no number of a passport, a licence or a phone: nobody applies with these.
    "owner.passport.series": ("0000", "4500"),
    "drivers_info.drivers[0].previous_license.license.number": ("000000", "000002"),
    "owner.contact.phone": ("70000000000", "79000000001"),
}


def ready(*offers, status="CALCULATION_READY"):
    body = {
        "request_id": "r-1",
        "status": status,
        "partner": {"code": 12, "name": "Агрегатор", "logo_url": "//x"},
        "offers": list(offers),
        "drivers": [{"series": "9900", "number": "000001", "coefficients": COEFFICIENTS}],
    }
    return Says(body)


def with_(offer, **changes):
    return {**deepcopy(offer), **changes}


@pytest.fixture
def insurer(server):
    server.guard = token("Bearer s3cret", but=None)
    server.on(CREATE, ACCEPTED)
    server.on(POLL, IN_PROGRESS, ready(GOOD, REJECTED))
    return server


async def test_a_good_offer_beside_a_rejected_one(house, insurer):
    told = await house.quote()
    good = told["sk-a"]
    assert price(good) == (12345 + 1480, False)
    assert good["base_rate"] == 8665
    assert good["coefficients"] == {"kt": 1.8, "kbm": 0.46, "kvs": 0.93, "km": 1.1}
    assert (good["payment_url"], good["insurer_quote_id"], good["offered_by"]) == (
        "https://pay.example.org/x",
        "o-1",
        "СК А",
    )
    assert why(told["sk-b"]) == ("declined", "owner", "Нужен действительный адрес")
    assert why(told["sk-v"]) == ("declined", "other", "")  # not in the answer
    assert insurer.lines() == [CREATE, POLL, POLL]
    assert {a.query["request_id"] for a in insurer.asked[1:]} == {"r-1"}


async def test_the_request_field_by_field(house, insurer, expected):
    previous = {
        "series": "7700",
        "number": "000002",
        "issue_date": "2005-06-01",
        "last_name": "Старов",
    }
    await house.quote(application(drivers__0__previous_license=previous))
    sent = insurer.once(CREATE).body
    assert differences(expected[CREATE], sent) == EXCEPTIONS
    assert sent["request_id"] == str(UUID(sent["request_id"]))


async def test_conditional_and_repeated_blocks(house, insurer):
    foreign = {"foreign": True, "number": "AB 123456", "issue_date": "2015-06-01"}
    driver = application().model_dump(mode="json")["drivers"][0]
    holder = {**application().model_dump(mode="json")["owner"], "last_name": "Иванов"}
    await house.quote(
        application(
            drivers=[{**driver, "license": foreign}, driver],
            policyholder=holder,
            vehicle__power_hp=90,
        )
    )
    sent = insurer.once(CREATE).body
    first, second = sent["drivers_info"]["drivers"]
    assert (first["license"], first["foreign_license"]["number"]) == (None, "AB 123456")
    assert (second["license"]["number"], second["foreign_license"]) == ("000001", None)
    assert second["previous_license"] is None
    assert sent["insurer"] == {
        "last_name": "Иванов",
        "first_name": "Тест",
        "middle_name": "Тестович",
        "birth_date": "1985-01-01",
    }
    assert sent["vehicle"]["modification"] is None
    await house.quote(application(drivers="unlimited"))
    assert insurer.asked[-2].body["drivers_info"] == {"is_unlimited_drivers": True, "drivers": []}


async def test_a_make_that_they_do_not_know_is_not_sent(house, insurer):
    told = await house.quote(application(vehicle__brand="LADDA"))
    assert {why(each)[:2] for each in told.values()} == {("failed", "internal")}
    assert 'nearest: "LADA"' in told["sk-a"]["message"]
    assert insurer.asked == []


@pytest.mark.parametrize(
    ("offer", "outcome"),
    [
        (with_(GOOD, status="APPROVED"), (13825, True)),
        (with_(GOOD, status="PAYMENT_READY", upsales=[]), (12345, True)),
        (with_(GOOD, status="PAYMENT_READY", upsales=None), (12345, True)),
        (with_(GOOD, status="OFFER_ERROR", message="Сбой"), ("failed", "server_error", "Сбой")),
        (with_(GOOD, status="CLOSED_TIMEOUT", message="Поздно"), ("declined", "other", "Поздно")),
        (with_(GOOD, price=None), ("failed", "bad_answer")),  # not the extras alone
        (with_(GOOD, upsales=[UNPRICED]), ("failed", "bad_answer")),
        (with_(GOOD, status="NEW_WORD"), ("failed", "bad_answer")),
        (with_(GOOD, status=None), ("failed", "bad_answer")),
    ],
)
async def test_one_of_them_says_something_else_and_the_other_stays(house, insurer, offer, outcome):
    other = with_(GOOD, partner={"code": 6, "name": "СК Б"}, price=20000.5)
    insurer.on(POLL, ready(offer, other))
    told = await house.quote()
    assert price(told["sk-b"]) == (21480.5, False)
    one = told["sk-a"]
    assert (price(one) if one["type"] == "offer" else why(one)[: len(outcome)]) == outcome


async def test_asked_again_while_one_of_them_is_not_ready(house, insurer):
    waits = with_(GOOD, status="PRE_CALC_IN_PROGRESS", price=None)
    insurer.on(POLL, ready(waits, REJECTED), ready(GOOD, REJECTED))
    told = await house.quote()
    assert price(told["sk-a"]) == (13825, False)
    assert insurer.lines() == [CREATE, POLL, POLL]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("NO_CALCULATION_AVAILABLE", ("declined", "other", "Нет предложений")),
        ("CALCULATION_ERROR", ("failed", "rejected_request", "Нет предложений")),
    ],
)
async def test_no_calculation_is_nobodys_offer_whatever_stands_beside(
    house, insurer, status, outcome
):
    answer = ready(GOOD, status=status)
    answer.body["message"] = "Нет предложений"
    insurer.on(POLL, IN_PROGRESS, answer)
    told = await house.quote()
    assert {id_: why(each) for id_, each in told.items()} == dict.fromkeys(
        ("sk-a", "sk-b", "sk-v"), outcome
    )
    assert insurer.lines() == [CREATE, POLL, POLL]


async def test_properties_that_they_find_fault_with(house, insurer):
    wrong = [
        {"property": "vehicle.vin", "message": "invalid"},
        {"property": "owner", "message": "XTA00000000000001 of Тестов"},
    ]
    insurer.on(
        CREATE, Says({"request_id": "r-1", "message": "bad request", "properties": wrong}, 400)
    )
    told = await house.quote()
    assert {why(each) for each in told.values()} == {
        ("failed", "rejected_request", "HTTP 400: vehicle.vin: invalid; owner: *** of ***")
    }
    assert insurer.lines() == [CREATE]


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says({"request_id": "r-1", "message": "no access"}, 403), "auth"),
        (Says({"request_id": "r-1", "message": "no such thing"}, 404), "rejected_request"),
        (Says({"request_id": "r-1", "message": "sorry"}, 500), "server_error"),
        (THROTTLED, "throttled"),
    ],
)
async def test_what_goes_wrong_at_once(house, insurer, says, kind):
    insurer.on(CREATE, says)
    told = await house.quote()
    assert {each["kind"] for each in told.values()} == {kind}
    assert {each["retryable"] for each in told.values()} == {kind in {"server_error", "throttled"}}


async def test_a_token_of_somebody_else(house, insurer):
    insurer.guard = token("Bearer other", but=None)
    told = await house.quote()
    assert {each["kind"] for each in told.values()} == {"auth"}
    assert "s3cret" not in str(told)
