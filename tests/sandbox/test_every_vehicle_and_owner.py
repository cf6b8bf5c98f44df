"""Every vehicle class, owner, list of drivers and registration: a lawful price, or why none.

Over HTTP at omut, which takes nearly everybody; at the ten by their desks' own rules.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any, NamedTuple

import pytest

from osago_core.moscow import moscow_day
from osago_core.offer import Declined, Offer
from osago_core.tariff import (
    Owner,
    RatedDriver,
    RatedFacts,
    Registration,
    VehicleClass,
    find_territory,
    tariff_on,
)
from osago_daemon.resilience.trouble import Trouble
from osago_sandbox import request as ask_for
from osago_sandbox.insurers import INSURERS
from osago_sandbox.pricing import price
from osago_sandbox.underwriting import first_refusal
from tests.sandbox.ask import COMPANY, IVANOV, application

pytestmark = pytest.mark.anyio

TODAY = moscow_day(datetime.now(UTC))
TARIFF = tariff_on(TODAY)
MOSCOW = find_territory("Москва", None).id

VEHICLES: dict[str, tuple[dict[str, Any], dict[str, VehicleClass]]] = {
    "moto": ({"category": "A"}, {}),
    "car": (
        {"category": "B"},
        {
            "person": VehicleClass.CAR_INDIVIDUAL,
            "sole_trader": VehicleClass.CAR_INDIVIDUAL,
            "company": VehicleClass.CAR_LEGAL,
        },
    ),
    "car_taxi": ({"category": "B", "use": "taxi"}, {}),
    "truck_le16t": ({"category": "C", "max_mass_kg": 3500}, {}),
    "truck_gt16t": ({"category": "C", "max_mass_kg": 18000}, {}),
    "bus_le16": ({"category": "D", "seats": 16}, {}),
    "bus_gt16": ({"category": "D", "seats": 40}, {}),
    "bus_regular": ({"category": "D", "use": "regular_route"}, {}),
    "trolleybus": ({"category": "Tb"}, {}),
    "tram": ({"category": "Tm"}, {}),
    "tractor": ({"category": "tractor"}, {}),
}
"""What is told of the vehicle; its class by owner where it is not the name itself."""

OWNERS = {
    "person": IVANOV["owner"],
    "sole_trader": IVANOV["owner"] | {"kind": "sole_trader", "inn": "500100732259"},
    "company": COMPANY,
}
DRIVERS = {"limited": IVANOV["drivers"], "unlimited": "unlimited"}


class Case(NamedTuple):
    vehicle: str
    owner: str
    drivers: str
    registration: str

    @property
    def vehicle_class(self) -> VehicleClass:
        by_owner = VEHICLES[self.vehicle][1]
        return by_owner[self.owner] if by_owner else VehicleClass(self.vehicle)

    def facts(self) -> RatedFacts:
        """What the tariff should be asked."""
        russia = self.registration == "russia"
        listed = (RatedDriver(age=41, experience=21, kbm_class="13"),)
        return RatedFacts(
            vehicle_class=self.vehicle_class,
            owner=Owner.LEGAL if self.owner == "company" else Owner.INDIVIDUAL,
            territory_id=MOSCOW if russia else None,
            power_hp=Decimal(87),
            drivers=listed if self.drivers == "limited" else None,
            registration=Registration(self.registration),
        )

    def application(self) -> dict[str, Any]:
        told = application(owner=OWNERS[self.owner], drivers=DRIVERS[self.drivers])
        told["vehicle"] |= {**VEHICLES[self.vehicle][0], "registration": self.registration}
        return told

    def request(self) -> ask_for.Request:
        """The application as a desk reads it."""
        vehicle, address = self.application()["vehicle"], IVANOV["owner"]["address"]
        driver = ask_for.Driver(date(1985, 2, 1), date(2005, 6, 1), "13")
        return ask_for.Request(
            vehicle=ask_for.Vehicle(
                power_hp=Decimal(vehicle["power_hp"]),
                **{
                    name: vehicle[name]
                    for name in ("category", "use", "registration", "year", "max_mass_kg", "seats")
                },
            ),
            owner=ask_for.Owner(self.owner, address["region"], address["place"], None, None),
            drivers=(driver,) if self.drivers == "limited" else None,
            period=ask_for.Period(date(2026, 12, 1), 12, 12),
        )


def cases(registration: str) -> Iterator[Case]:
    for vehicle, owner, drivers in product(VEHICLES, OWNERS, DRIVERS):
        yield Case(vehicle, owner, drivers, registration)


def test_the_matrix_has_all_twelve_classes():
    assert {case.vehicle_class for case in cases("russia")} == set(VehicleClass)


@pytest.mark.parametrize("registration", ask_for.REGISTRATIONS)
async def test_each_has_a_lawful_price_over_http(ask, registration):
    for case in cases(registration):
        offer = await ask("omut", case.application())
        assert isinstance(offer, Offer), case
        calculation = TARIFF.calculate(case.facts())
        assert offer.base_rate in calculation.base_rate, case
        assert calculation.allows(offer.premium), case
        assert offer.premium == calculation.premium(offer.base_rate), case
        for name, value in (offer.coefficients or {}).items():
            assert value == calculation.coefficients[name], (case, name)


@pytest.mark.parametrize("registration", ask_for.REGISTRATIONS)
def test_each_of_the_ten_prices_it_lawfully_or_says_why_not(registration):
    for case, insurer in product(cases(registration), INSURERS):
        request, expected = case.request(), TARIFF.calculate(case.facts())
        priced = price(insurer.rates, request, TODAY, Random(1))
        assert priced.facts == case.facts(), case
        assert priced.premium == expected.premium(priced.base_rate), (case, insurer.id)
        assert expected.allows(priced.premium), (case, insurer.id)
        words = first_refusal(insurer.rules, request)
        assert words is None or words.strip(), (case, insurer.id)


async def test_a_refusal_names_why_in_words_that_are_understood(ask):
    refused = {
        "kedr": Case("tram", "company", "unlimited", "russia"),
        "snegir": Case("car", "person", "unlimited", "russia"),
        "barsuk": Case("car", "company", "limited", "russia"),
        "sever": Case("truck_gt16t", "sole_trader", "limited", "transit"),
        "verst": Case("moto", "person", "limited", "foreign"),
        "trakt": Case("car_taxi", "person", "limited", "russia"),
        "lukomor": Case("bus_regular", "company", "limited", "russia"),
        "filin": Case("tractor", "sole_trader", "limited", "russia"),
    }
    for insurer, case in refused.items():
        outcome = await ask(insurer, case.application())
        assert isinstance(outcome, Declined), insurer
        assert outcome.message, insurer
        assert outcome.reason != "other", (insurer, outcome.message)


async def test_an_organisations_kbm_is_the_worst_drivers_or_1_for_unlimited_use(ask):
    for drivers, kbm in (("limited", Decimal("0.46")), ("unlimited", Decimal(1))):
        offer = await ask("lukomor", Case("car", "company", drivers, "russia").application())
        assert offer.coefficients["kbm"] == kbm


@pytest.mark.parametrize(
    ("vehicle", "missing", "named"),
    [
        ({"category": "C"}, "max_mass_kg", "vehicle.max_mass"),
        ({"category": "D"}, "seats", "vehicle.seats"),
        ({"category": "B"}, "power_hp", "vehicle.engine_power"),
        ({"category": "A"}, "power_hp", "vehicle.engine_power"),
    ],
)
async def test_what_a_class_or_its_price_depends_on_is_asked_for_by_name(
    ask, vehicle, missing, named
):
    what = application()
    what["vehicle"] |= {**vehicle, missing: None}
    with pytest.raises(Trouble):
        await ask("omut", what)
    assert [problem["property"] for problem in ask.last.body["properties"]] == [named]


async def test_vehicles_without_a_power_coefficient_need_no_power(ask):
    for name in ("tram", "trolleybus", "tractor", "truck_gt16t", "bus_regular"):
        what = Case(name, "company", "limited", "russia").application()
        what["vehicle"]["power_hp"] = None
        assert isinstance(await ask("omut", what), Offer), name
