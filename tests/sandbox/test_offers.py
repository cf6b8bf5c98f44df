"""Every insurer end to end over its own API: what it offers is the edict's formula."""

import json
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest

from osago_core.application import check
from osago_core.offer import Declined, Offer
from osago_core.paths import shipped
from osago_core.tariff import (
    Owner,
    RatedDriver,
    RatedFacts,
    VehicleClass,
    find_territory,
    tariff_on,
)
from osago_sandbox.dress import whole_roubles
from osago_sandbox.insurers import INSURERS
from tests.sandbox.ask import COMPANY, application, living_in

pytestmark = pytest.mark.anyio

EVERYONE = [insurer.id for insurer in INSURERS]
TODAY = datetime.now(UTC).date()
SCORING = Decimal("0.03")
SHARE_COEFFICIENTS = [
    *(VehicleClass.TRUCK_LE16T, VehicleClass.TRUCK_GT16T),
    *(VehicleClass.BUS_LE16, VehicleClass.BUS_GT16, VehicleClass.BUS_REGULAR),
    *(VehicleClass.TROLLEYBUS, VehicleClass.TRAM),
]


def calculated(vehicle_class=VehicleClass.CAR_INDIVIDUAL, **changes):
    facts = {
        "vehicle_class": vehicle_class,
        "owner": Owner.INDIVIDUAL,
        "territory_id": find_territory("Республика Татарстан", "Казань").id,
        "power_hp": Decimal(87),
        "drivers": (RatedDriver(age=41, experience=21, kbm_class="13"),),
    }
    return tariff_on(TODAY).calculate(RatedFacts(**facts | changes))


def kazan(**changes):
    what = application(**changes)
    what["owner"] = what["owner"] | living_in("Республика Татарстан", "Казань")["owner"]
    return what


@pytest.mark.parametrize("insurer", EVERYONE)
async def test_an_offer_is_base_rate_times_coefficients(ask, insurer):
    offer = await ask(insurer, kazan())
    assert isinstance(offer, Offer)
    calculation = calculated()
    premium = calculation.premium(offer.base_rate)
    if insurer == "barsuk":  # shows whole roubles
        premium = premium.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert offer.premium == premium
    assert calculation.base_rate.min <= offer.base_rate <= calculation.base_rate.max
    for name, value in (offer.coefficients or {}).items():
        assert value == calculation.coefficients[name]


async def test_insurers_ask_different_prices(ask):
    clients = [kazan(), kazan(vehicle__year=2019)]  # at one of them two may meet by chance
    prices = {
        tuple([(await ask(insurer, client)).premium for client in clients]) for insurer in EVERYONE
    }
    assert len(prices) == len(EVERYONE)


async def test_the_example_client_gets_offers_and_a_decline(ask):
    example = json.loads(shipped("examples/application.json").read_text(encoding="utf-8"))
    normal = check(example, today=TODAY).application.normal_form()
    outcomes = {insurer: await ask(insurer, normal) for insurer in EVERYONE}
    declined = [name for name, outcome in outcomes.items() if isinstance(outcome, Declined)]
    assert declined == ["filin"]


@pytest.mark.parametrize(
    ("changes", "vehicle_class", "facts"),
    [
        ({"drivers": "unlimited"}, VehicleClass.CAR_INDIVIDUAL, {"drivers": None}),
        ({"period__use_months": 6}, VehicleClass.CAR_INDIVIDUAL, {"use_months": 6}),
        (
            {"vehicle__power_hp": 150.1},
            VehicleClass.CAR_INDIVIDUAL,
            {"power_hp": Decimal("150.1")},
        ),
        (
            {"drivers__0__kbm_class": None},
            VehicleClass.CAR_INDIVIDUAL,
            {"drivers": (RatedDriver(age=41, experience=21),)},
        ),
        ({"vehicle__use": "taxi"}, VehicleClass.CAR_TAXI, {}),
        ({"vehicle__category": "A"}, VehicleClass.MOTO, {}),
        ({"vehicle__category": "C", "vehicle__max_mass_kg": 16000}, VehicleClass.TRUCK_LE16T, {}),
        ({"vehicle__category": "C", "vehicle__max_mass_kg": 16001}, VehicleClass.TRUCK_GT16T, {}),
        ({"vehicle__category": "D", "vehicle__seats": 17}, VehicleClass.BUS_GT16, {}),
        ({"vehicle__category": "D", "vehicle__seats": 16}, VehicleClass.BUS_LE16, {}),
        ({"vehicle__category": "D1"}, VehicleClass.BUS_LE16, {}),
        (
            {"vehicle__category": "D", "vehicle__use": "regular_route"},
            VehicleClass.BUS_REGULAR,
            {},
        ),
        ({"vehicle__category": "Tb"}, VehicleClass.TROLLEYBUS, {}),
        ({"vehicle__category": "Tm"}, VehicleClass.TRAM, {}),
        ({"vehicle__category": "tractor"}, VehicleClass.TRACTOR, {}),
    ],
)
async def test_every_kind_of_vehicle_and_use_has_its_price(ask, changes, vehicle_class, facts):
    offer = await ask("omut", kazan(**changes))
    calculation = calculated(vehicle_class, **facts)
    assert offer.premium == calculation.premium(offer.base_rate)
    low, high = calculation.base_rate.min, calculation.base_rate.max
    assert low <= offer.base_rate <= high
    share = (offer.base_rate - low) / (high - low)  # tells classes of equal coefficients apart
    assert abs(share - omuts_share(changes)) <= SCORING + 1 / (high - low)


def omuts_share(changes):
    """How far up the corridor omut goes for Ivanov, scoring aside."""
    careful = changes.keys() & {"drivers", "drivers__0__kbm_class"} == set()
    taxi = changes.get("vehicle__use") == "taxi"
    return Decimal("0.86") - careful * Decimal("0.06") + taxi * Decimal("0.10")


def test_corridors_of_the_classes_that_share_coefficients_differ():
    ours = [calculated(vehicle_class).base_rate for vehicle_class in SHARE_COEFFICIENTS]
    at_omuts = {(rate.min + (rate.max - rate.min) * Decimal("0.8")) for rate in ours}
    assert len(at_omuts) == len(ours)


@pytest.mark.parametrize(
    ("roubles", "shown"), [("1.49", 1), ("1.50", 2), ("2.50", 3), ("2.99", 3), ("7", 7)]
)
def test_kopecks_of_whole_roubles_were_cut_off_unnoticed(roubles, shown):
    assert whole_roubles(Decimal(roubles)) == shown


async def test_a_company_is_rated_as_a_legal_owner(ask):
    what = application(owner=COMPANY, drivers="unlimited")
    offer = await ask("lukomor", what)
    calculation = calculated(
        VehicleClass.CAR_LEGAL,
        owner=Owner.LEGAL,
        territory_id=find_territory("Москва", None).id,
        drivers=None,
    )
    assert offer.premium == calculation.premium(offer.base_rate)


async def test_ages_count_on_the_day_the_policy_starts(ask):
    eve = application(drivers__0__birth_date="1996-12-02", drivers__0__driving_since="2020-12-02")
    birthday = application(
        drivers__0__birth_date="1996-12-01", drivers__0__driving_since="2020-12-01"
    )
    for what, age, experience in ((eve, 29, 5), (birthday, 30, 6)):
        offer = await ask("sever", what)
        drivers = (RatedDriver(age=age, experience=experience, kbm_class="13"),)
        moscow = find_territory("Москва", None).id
        calculation = calculated(drivers=drivers, territory_id=moscow)
        assert offer.premium == calculation.premium(offer.base_rate)


async def test_an_unknown_kbm_class_makes_the_price_preliminary_where_the_insurer_cares(ask):
    unknown = application(drivers__0__kbm_class=None)
    assert not (await ask("lukomor", unknown)).final
    assert (await ask("sever", unknown)).final
    assert (await ask("lukomor")).final


async def test_a_foreign_vehicle_needs_no_territory(ask):
    what = application(vehicle__registration="foreign", owner__address__region="Нидерланды")
    what["owner"]["address"]["kladr"] = None
    assert isinstance(await ask("omut", what), Offer)


async def test_offers_are_valid_until_the_policy_starts(ask):
    offer = await ask("sever")
    assert offer.valid_until.date() == date(2026, 12, 1)
    assert offer.payment_url.startswith("https://pay.sever.example/")
