"""Two forms, and offers in a list without any word of how they stand."""

import pytest

from tests.contract.house import application, differences, price, why
from tests.contract.server import THROTTLED, Says

pytestmark = pytest.mark.anyio

SHAPE = "sravni-mock"
FACTORS, OFFERS = "POST /rationDetail", "POST /startCalculation"
EXCEPTIONS = {}
FACTOR = {
    "title": "БТ",
    "headerValue": "8665",
    "value": "1399 - 8665 Р",
    "name": "(базовый тариф)",
    "detailText": "…",
}
BRANDING = {"fontColor": "#000", "backgroundColor": "#fff", "iconTitle": "A", "bankLogoUrlPDF": "x"}
DRIVER = application().model_dump(mode="json")["drivers"][0]


def offer(name, amount):
    return {"name": name, "rating": 4.5, "price": amount, "branding": BRANDING}


@pytest.fixture
def insurer(server):
    server.on(FACTORS, Says({"factors": [FACTOR]}))
    server.on(OFFERS, Says({"offers": [offer("СК А", 12345), offer("СК Б", 20000)]}))
    return server


async def test_several_offers_and_the_forms_field_by_field(house, insurer, expected):
    told = await house.quote()
    assert {id_: price(told[id_]) for id_ in ("mock-a", "mock-b")} == {
        "mock-a": (12345, True),
        "mock-b": (20000, True),
    }
    assert told["mock-a"]["offered_by"] == "СК А"
    assert why(told["mock-others"]) == ("declined", "other", "")
    assert insurer.lines() == [FACTORS, OFFERS]
    sent = insurer.once(FACTORS)
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert differences(expected[FACTORS], sent.form) == EXCEPTIONS
    assert insurer.once(OFFERS).form == {
        "base": "8665",
        "vin": "XTA00000000000001",
        "drivers": "9900000001",
    }


async def test_other_drivers_other_coefficients(house, insurer):
    young = {
        **DRIVER,
        "first_name": "Анна",
        "birth_date": "2006-01-01",
        "driving_since": "2025-06-01",
        "license": {"series": "9901", "number": "000002", "issue_date": "2025-06-01"},
        "kbm_class": None,
    }
    await house.quote(application(drivers=[DRIVER, young], owner__address__place="Химки"))
    sent = insurer.once(FACTORS).form
    assert {name: sent[name] for name in ("territory", "accident", "age")} == {
        "territory": "1",
        "accident": "1.17",
        "age": "2.27",
    }
    assert insurer.once(OFFERS).content.endswith(b"&drivers=9900000001&drivers=9901000002")
    await house.quote(application(drivers="unlimited"))
    sent = insurer.asked[-2].form
    assert (sent["accident"], sent["age"], sent["limit"]) == ("1", "1", "2.32")
    assert "drivers" not in insurer.asked[-1].form


async def test_the_cheapest_of_all_others(house, insurer):
    others = [offer("СК Г", 3000), offer("СК Д", 2000), offer("СК Е", 4000)]
    insurer.on(OFFERS, Says({"offers": [*others, offer("СК А", 1000)]}))
    told = await house.quote()
    assert (price(told["mock-others"]), told["mock-others"]["offered_by"]) == ((2000, True), "СК Д")
    assert price(told["mock-a"]) == (1000, True)


async def test_no_offers_at_all(house, insurer):
    insurer.on(OFFERS, Says({"offers": []}))
    assert {why(each) for each in (await house.quote()).values()} == {("declined", "other", "")}


@pytest.mark.parametrize("amount", [None, 0, -1, "-", True, [1], {"a": 1}, 10**12])
async def test_an_offer_without_a_price_beside_a_good_one(house, insurer, amount):
    insurer.on(OFFERS, Says({"offers": [offer("СК А", amount), offer("СК Б", 20000)]}))
    told = await house.quote()
    assert why(told["mock-a"])[:2] == ("failed", "bad_answer")
    assert price(told["mock-b"]) == (20000, True)


@pytest.mark.parametrize("line", [FACTORS, OFFERS])
@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says({"message": "no"}, 400), "rejected_request"),
        (Says({"message": "who?"}, 403), "auth"),
        (Says({"message": "down"}, 502), "server_error"),
        (THROTTLED, "throttled"),
        (Says({}), "bad_answer"),
    ],
)
async def test_what_goes_wrong(house, insurer, line, says, kind):
    insurer.on(line, says)
    told = await house.quote()
    assert {each["kind"] for each in told.values()} == {kind}
    assert insurer.lines().count(line) == (3 if kind == "server_error" else 1)
