"""Nine requests to a price: a login, one for each driver, and ids that travel from step to step."""

import anyio
import httpx
import pytest

from tests.contract.house import application, differences, price, told, why
from tests.contract.server import THROTTLED, Says, token

pytestmark = pytest.mark.anyio

SHAPE = "agentapp"
SECRETS = {"AGENTAPP_PASSWORD": "p"}
LOGIN = "POST /v1/users/obtain-token"
DRIVERS = "POST /v1/insured_objects/drivers"
OWNER = "POST /v1/insured_objects/owners/natural_persons"
COMPANY = "POST /v1/insured_objects/owners/legal_persons"
INSURANT = "POST /v1/insured_objects/insurants/natural_persons"
CAR = "POST /v3/insured_objects/cars"
INSURED = "POST /v1/insured_objects/"
AGREEMENT = "POST /v1/agreements/calculations"
INSURE = "PATCH /v1/agreements/a-1"
RESULT = "POST /v1/agreements/a-1/results/SKA"
STEPS = [DRIVERS, OWNER, INSURANT, CAR, INSURED, AGREEMENT, INSURE, RESULT]
EXCEPTIONS = {
    # Zeros are no number of a passport and no phone: nobody applies with these.
    OWNER: {"credential[0].series": ("0000", "4500")},
    INSURANT: {"contact[1].data": ("+7 (000) 000-00-00", "+7 (900) 000-00-01")},
    AGREEMENT: {
        # The shape's own car has a plate; ours says of a car without one that it has none.
        "is_car_without_registration": (True, False),
        # Left out where the shape was written down.
        "owner_registration.address_query": ("...", "г Москва, ул Тестовая, д 1"),
    },
}
SUCCESS = Says({"status": "SUCCESS", "premium": "12 345,67", "agreement_id": "a-1"})  # made up
DRIVER = application().model_dump(mode="json")["drivers"][0]
ANNA = {**DRIVER, "first_name": "Анна", "license": {**DRIVER["license"], "number": "000002"}}


def shaped(**changes):
    return application(vehicle__document__series="77УУ", **changes)


@pytest.fixture
def insurer(server):
    server.guard = token("Token tok", but="/v1/users/obtain-token")
    server.on(LOGIN, Says({"token": "tok"}))
    server.on(DRIVERS, Says({"id": "d-1"}, 201), Says({"id": "d-2"}, 201))
    server.on(OWNER, Says({"person": "p-1"}, 201))
    server.on(COMPANY, Says({"person": "p-9"}, 201))
    server.on(INSURANT, Says({"person": "p-2"}, 201))
    server.on(CAR, Says({"id": "c-1"}, 201))
    server.on(INSURED, Says({"id": "o-1"}, 201))
    server.on(AGREEMENT, Says({"id": "a-1"}, 201))
    server.on(INSURE, Says({"id": "a-1"}))
    server.on(RESULT, SUCCESS)
    return server


async def test_every_request_field_by_field(house, insurer, expected):
    answer = await house.answer(shaped())
    assert price(answer) == (12345.67, True)
    assert answer["insurer_quote_id"] == "a-1"
    assert insurer.lines() == list(expected) == [LOGIN, *STEPS]
    for line, body in expected.items():
        assert differences(body, insurer.once(line).body) == EXCEPTIONS.get(line, {}), line


async def test_one_request_for_each_driver(house, insurer):
    await house.answer(shaped(drivers=[DRIVER, ANNA]))
    assert insurer.lines() == [LOGIN, DRIVERS, *STEPS]
    names = [asked.body["first_name"] for asked in insurer.asked if asked.line == DRIVERS]
    assert names == ["Тест", "Анна"]
    assert insurer.once(INSURED).body["drivers"] == ["d-1", "d-2"]
    assert insurer.once(AGREEMENT).body["drivers_ids"] == ["d-1", "d-2"]


async def test_no_drivers_and_a_company(house, insurer):
    owner = application().model_dump(mode="json")["owner"]
    contacts = {name: owner[name] for name in ("address", "phone", "email")}
    company = {"kind": "company", "name": "ООО «Пример»", "inn": "7731000016", **contacts}
    answer = await house.answer(shaped(owner=company, drivers="unlimited"))
    assert price(answer) == (12345.67, True)
    assert insurer.lines() == [LOGIN, COMPANY, *STEPS[2:]]
    sent = insurer.once(INSURED).body
    assert (sent["drivers"], sent["owner"]) == ([], "p-9")


async def test_a_refusal(house, insurer):
    insurer.on(RESULT, Says({"status": "DECLINED", "premium": 1, "message": "Регион закрыт"}))
    assert why(await house.answer()) == ("declined", "territory", "Регион закрыт")


@pytest.mark.parametrize("line", [DRIVERS, CAR, AGREEMENT, RESULT])
@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says({"errors": {"vin_number": ["invalid"]}}, 400), "rejected_request"),
        (Says({"detail": "boom"}, 500), "server_error"),
        (Says(b"<html>oops", 201), "bad_answer"),
        (Says({"unexpected": 1}, 201), "bad_answer"),
    ],
)
async def test_nothing_is_done_after_a_step_that_failed(house, insurer, line, says, kind):
    insurer.on(line, says)
    answer = await house.answer()
    assert (answer["type"], answer["kind"]) == ("failed", kind)
    again = 3 if kind == "server_error" and line != AGREEMENT else 1  # it can't be repeated
    assert insurer.lines() == [LOGIN, *STEPS[: STEPS.index(line)], *[line] * again]


async def test_a_refused_login(house, insurer):
    insurer.on(LOGIN, Says({"detail": "wrong password p"}, 400))
    answer = await house.answer()
    assert (answer["type"], answer["kind"]) == ("failed", "auth")
    assert insurer.lines() == [LOGIN]


async def test_a_token_that_ends_in_the_middle(house, insurer):
    def car(_):
        insurer.guard = token("Token new", but="/v1/users/obtain-token")
        insurer.on(LOGIN, Says({"token": "new"}))
        return Says({"id": "c-1"}, 201)

    insurer.on(CAR, car)
    answer = await house.answer()
    assert price(answer) == (12345.67, True)
    assert insurer.lines() == [LOGIN, *STEPS[:4], LOGIN, *STEPS[4:]]


async def test_refused_for_now_and_gone_on_with_by_the_next_daemon(house, insurer):
    insurer.on(AGREEMENT, THROTTLED)
    assert (await house.answer())["kind"] == "throttled"
    insurer.on(AGREEMENT, Says({"id": "a-1"}, 201))
    assert price(await house.answer()) == (12345.67, True)
    assert insurer.lines() == [LOGIN, *STEPS[:6], LOGIN, *STEPS[5:]]


class Dies(httpx.AsyncBaseTransport):
    """The way out of a daemon that is killed as it is about to send a line for the nth time.

    Or, `after`, when it was answered and nobody has read that yet.
    """

    def __init__(self, inner, line, kill, *, after, nth):
        self.inner, self.line, self.kill, self.after, self.left = inner, line, kill, after, nth

    async def handle_async_request(self, request):
        self.left -= f"{request.method} {request.url.path}" == self.line
        response = None
        if self.left or self.after:
            response = await self.inner.handle_async_request(request)
        if not self.left:
            self.kill()
            await anyio.sleep_forever()
        return response


async def killed(house, line, *, after=False, nth=1, asked=None):
    """A daemon asks, and is killed on its way."""
    with anyio.CancelScope() as life:

        def kill():
            house.hub.kill("daemon-1")
            life.cancel()

        def way(inner):
            return Dies(inner, line, kill, after=after, nth=nth)

        async with house.daemon(way) as desk:
            await told(desk, asked or shaped())
    assert life.cancelled_caught


@pytest.mark.parametrize("line", [line for line in STEPS if line != AGREEMENT])
async def test_killed_before_a_step_and_nothing_is_sent_twice(house, insurer, line):
    await killed(house, line)
    assert insurer.lines() == [LOGIN, *STEPS[: STEPS.index(line)]]
    answer = await house.answer(shaped())
    assert price(answer) == (12345.67, True)
    assert insurer.lines() == [
        LOGIN,
        *STEPS[: STEPS.index(line)],
        LOGIN,
        *STEPS[STEPS.index(line) :],
    ]
    assert insurer.once(INSURED).body == {
        "drivers": ["d-1"],
        "owner": "p-1",
        "car": "c-1",
        "insurant": "p-2",
    }


async def test_killed_between_two_drivers(house, insurer):
    both = shaped(drivers=[DRIVER, ANNA])
    await killed(house, DRIVERS, nth=2, asked=both)
    assert price(await house.answer(both)) == (12345.67, True)
    assert insurer.lines() == [LOGIN, DRIVERS, LOGIN, *STEPS]
    names = [asked.body["first_name"] for asked in insurer.asked if asked.line == DRIVERS]
    assert names == ["Тест", "Анна"]
    assert insurer.once(INSURED).body["drivers"] == ["d-1", "d-2"]


@pytest.mark.parametrize("after", [False, True])
async def test_killed_while_the_agreement_was_on_its_way_it_is_not_made_twice(
    house, insurer, after
):
    await killed(house, AGREEMENT, after=after)
    made = insurer.lines()
    assert made == [LOGIN, *STEPS[: 5 + after]]
    answer = await house.answer(shaped())
    assert (answer["kind"], answer["retryable"]) == ("connection", False)
    assert [line for line in insurer.lines() if line != LOGIN] == made[1:]
