"""A misconfigured insurer: its price is wrong in the ordered way, and the tariff tells it is."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest

from osago_core.moscow import moscow_day
from osago_core.offer import Declined, Offer
from osago_core.tariff import (
    Owner,
    RatedDriver,
    RatedFacts,
    VehicleClass,
    find_territory,
    tariff_on,
)
from osago_sandbox.insurers import INSURERS
from tests.sandbox.ask import application, living_in

pytestmark = pytest.mark.anyio

EVERYONE = [insurer.id for insurer in INSURERS]
WHOLE_ROUBLES = "barsuk"
TARIFF = tariff_on(moscow_day(datetime.now(UTC)))
REPORT_KBM = {"sever", "kedr", "snegir", "barsuk", "yantar", "omut", "lukomor"}
REPORT_KS = {"sever"}


def half_a_year():
    """Ivanov in Kazan, class 13, six months of use: nobody refuses him."""
    what = application(period__use_months=6)
    what["owner"] = what["owner"] | living_in("Республика Татарстан", "Казань")["owner"]
    return what


def lawful(**changes):
    """What the tariff says to him."""
    facts = {
        "vehicle_class": VehicleClass.CAR_INDIVIDUAL,
        "owner": Owner.INDIVIDUAL,
        "territory_id": find_territory("Республика Татарстан", "Казань").id,
        "power_hp": Decimal(87),
        "drivers": (RatedDriver(age=41, experience=21, kbm_class="13"),),
        "use_months": 6,
    }
    return TARIFF.calculate(RatedFacts(**facts | changes))


@pytest.fixture
def order(http):
    async def put(fault, **more):
        wanted = {"insurer": "*", "fault": fault, **more}
        async with http.post("/_control/faults", json=wanted) as answer:
            assert answer.status == 201, await answer.text()

    return put


@pytest.fixture
def everyone_with(ask, order, http):
    """The ten's right and wrong offers under an order for all of them; and it heals."""

    async def asked(fault, **params):
        right = {insurer: await ask(insurer, half_a_year(), key="before") for insurer in EVERYONE}
        await order(fault, **params)
        wrong = {insurer: await ask(insurer, half_a_year(), key="under") for insurer in EVERYONE}
        await http.delete("/_control/faults")
        for key in ("before", "under", "after"):
            for insurer in EVERYONE:
                offer = await ask(insurer, half_a_year(), key=key)
                assert alike(offer, right[insurer]), (insurer, key)
        return [(insurer, right[insurer], wrong[insurer]) for insurer in EVERYONE]

    return asked


def alike(one, other):
    """Whether two offers say the same, but for the number of the application."""
    assert isinstance(one, Offer)
    names = ("premium", "base_rate", "commission", "coefficients", "final")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def told(insurer, premium):
    """A premium as the insurer shows it."""
    whole = insurer == WHOLE_ROUBLES
    return premium.quantize(Decimal(1), rounding=ROUND_HALF_UP) if whole else premium


async def test_kopecks_read_as_roubles(everyone_with):
    calculation = lawful()
    for insurer, right, wrong in await everyone_with("kopecks"):
        assert calculation.allows(right.premium), insurer
        assert not calculation.allows(wrong.premium), insurer
        assert wrong.base_rate == right.base_rate * 100, insurer
        assert wrong.premium == told(insurer, calculation.premium(right.base_rate) * 100)
        implied = calculation.implied_base_rate(wrong.premium)
        assert round(implied / 100) == right.base_rate, insurer
        assert wrong.coefficients == right.coefficients, insurer
        if right.commission:  # shown in whole roubles at one of them
            assert abs(wrong.commission - right.commission * 100) <= 50, insurer


async def test_a_yearly_price_for_half_a_year(everyone_with):
    calculation, yearly = lawful(), lawful(use_months=12)
    ks = calculation.coefficients["ks"]
    assert ks < 1
    for insurer, right, wrong in await everyone_with("full_year"):
        assert wrong.base_rate == right.base_rate, insurer
        assert wrong.premium == told(insurer, yearly.premium(right.base_rate))
        implied = calculation.implied_base_rate(wrong.premium)
        assert round(implied * ks) == right.base_rate, insurer
        assert reported(right, "ks") in {None, ks}, insurer
        assert reported(wrong, "ks") in {None, Decimal(1)}, insurer
        assert reported(wrong, "kbm") == reported(right, "kbm"), insurer


@pytest.mark.parametrize(
    ("ordered", "value"),
    [
        ({}, TARIFF.kbm("3")),
        ({"kbm": "M"}, TARIFF.kbm("M")),
        ({"kbm": 0.93}, Decimal("0.93")),
    ],
    ids=["default", "class", "value"],
)
async def test_another_kbm(everyone_with, ordered, value):
    calculation = lawful()
    for insurer, right, wrong in await everyone_with("wrong_kbm", **ordered):
        assert wrong.base_rate == right.base_rate, insurer
        assert wrong.premium == told(insurer, lawful(kbm=value).premium(right.base_rate))
        assert calculation.implied_base_rate(wrong.premium) > right.base_rate * 2, insurer
        assert reported(right, "kbm") in {None, TARIFF.kbm("13")}, insurer
        assert reported(wrong, "kbm") in {None, value}, insurer
        assert reported(wrong, "ks") == reported(right, "ks"), insurer


async def test_who_reports_coefficients_reports_the_wrong_ones_of_above(ask):
    offers = {insurer: await ask(insurer, half_a_year()) for insurer in EVERYONE}
    assert {insurer for insurer in EVERYONE if reported(offers[insurer], "kbm")} == REPORT_KBM
    assert {insurer for insurer in EVERYONE if reported(offers[insurer], "ks")} == REPORT_KS


@pytest.mark.parametrize("insurer", ["kedr", "sever"])  # one step, and two
async def test_an_order_of_one_request_spoils_one_application(ask, order, insurer):
    right = await ask(insurer, half_a_year())
    await order("kopecks", insurer=insurer, times=1)
    assert (await ask(insurer, half_a_year())).premium == right.premium * 100
    assert (await ask(insurer, half_a_year())).premium == right.premium


async def test_a_mistake_for_the_poll_stays_with_the_application_until_orders_are_dropped(
    ask, order, http
):
    right = await ask("sever", half_a_year(), key="the-key")
    await order("full_year", insurer="sever", step="poll", times=1)
    for _ in range(2):
        assert (await ask("sever", half_a_year(), key="the-key")).premium > right.premium
    await http.delete("/_control/faults?insurer=kedr")  # somebody else's
    assert (await ask("sever", half_a_year(), key="the-key")).premium > right.premium
    await http.delete("/_control/faults?insurer=sever")
    assert (await ask("sever", half_a_year(), key="the-key")).premium == right.premium


async def test_a_price_beside_a_refusal_is_as_wrong(ask, order):
    old = application(vehicle__year=1999)
    assert isinstance(await ask("yantar", old), Declined)
    right = ask.last.body["premium"]
    await order("kopecks")
    assert isinstance(await ask("yantar", old), Declined)
    assert roubles(ask.last.body["premium"]) == roubles(right) * 100


async def test_a_preliminary_price_stays_preliminary(ask, order):
    await order("wrong_kbm")
    offer = await ask("lukomor", application(drivers__0__kbm_class=None))
    assert not offer.final


async def test_a_year_of_use_is_a_year_already(ask, order):
    right = await ask("omut")
    await order("full_year")
    assert (await ask("omut")).premium == right.premium


async def test_transit_has_neither_ks_nor_kbm_to_get_wrong(ask, order):
    transit = application(vehicle__registration="transit", period__use_months=6)
    right = await ask("omut", transit)
    for fault in ("full_year", "wrong_kbm"):
        await order(fault, times=2)
        assert (await ask("omut", transit)).premium == right.premium


@pytest.mark.parametrize("kbm", [13, 0, -1, True, "14", "", [], float("nan"), "1.17"])
async def test_a_kbm_that_is_neither_class_nor_value_is_told_so(http, kbm):
    wanted = {"insurer": "*", "fault": "wrong_kbm", "kbm": kbm}
    async with http.post("/_control/faults", json=wanted) as answer:
        assert answer.status == 400
        body = await answer.json()
    assert body["error"] == "kbm must be a class as text or a value above 0 and up to 5"
    assert body["known"][0] == "M"


def reported(offer, name):
    return (offer.coefficients or {}).get(name)


def roubles(text):
    return Decimal(text.replace(" ", "").replace(",", "."))
