"""What an application costs at an insurer: the edict's coefficients times its own base rate."""

from datetime import date
from decimal import Decimal
from random import Random

from osago_core.tariff import (
    BadFacts,
    Calculation,
    NoTariff,
    Owner,
    RatedDriver,
    RatedFacts,
    Registration,
    Territory,
    VehicleClass,
    find_territory,
    tariff_on,
)
from osago_sandbox.outcome import Price
from osago_sandbox.rates import Rates
from osago_sandbox.request import Request, Vehicle, full_years

HEAVY_KG = 16_000
MANY_SEATS = 16
_MOTO = {"A", "A1", "M", "B1"}
_SMALL_BUS = {"D1", "D1E"}


class CannotPrice(Exception):  # noqa: N818  # an answer for the client, not a bug
    """The tariff has no price for it. `fact` is the culprit's name in `Form`, if it has one."""

    def __init__(self, fact: str, detail: str) -> None:
        super().__init__(f"{fact}: {detail}")
        self.fact = fact
        self.detail = detail


def price(rates: Rates, request: Request, today: date, scoring: Random) -> Price:
    """The price under the tariff of `today`. Raises `CannotPrice`."""
    calculation = calculate(request, today)
    corridor = calculation.base_rate
    base_rate = rates.base_rate(request, corridor.min, corridor.max, scoring)
    return price_at(base_rate, calculation, rates, today)


def price_at(base_rate: Decimal, calculation: Calculation, rates: Rates, day: date) -> Price:
    """The price of a calculation under the tariff of `day`, at a base rate in roubles."""
    premium = calculation.premium(base_rate)
    return Price(
        premium=premium,
        base_rate=base_rate,
        coefficients=calculation.coefficients,
        commission=rates.commission_on(premium),
        facts=calculation.facts,
        day=day,
    )


def calculate(request: Request, today: date) -> Calculation:
    """Everything but the base rate. Raises `CannotPrice`."""
    try:
        return tariff_on(today).calculate(rated(request))
    except BadFacts as bad:
        raise CannotPrice(
            "months" if bad.field == "term_months" else bad.field, bad.detail
        ) from bad
    except NoTariff as gap:
        raise CannotPrice("tariff", gap.detail) from gap


def rated(request: Request) -> RatedFacts:
    """The facts that the tariff counts. Raises `CannotPrice` or `BadFacts`."""
    registration = Registration(request.vehicle.registration)
    territory = _territory(request) if registration is Registration.RUSSIA else None
    legal = request.owner.kind == "company"
    return RatedFacts(
        vehicle_class=vehicle_class(request.vehicle, legal=legal),
        owner=Owner.LEGAL if legal else Owner.INDIVIDUAL,
        territory_id=territory.id if territory else None,
        power_hp=request.vehicle.power_hp,
        drivers=_drivers(request),
        # No application tells the class of an organisation, so unlimited use of its vehicles is
        # rated with 1 (the tariff calls that a doubt), here as in every calculation of ours.
        use_months=request.period.use_months,
        registration=registration,
        term_months=request.period.months,
    )


def vehicle_class(vehicle: Vehicle, *, legal: bool) -> VehicleClass:
    """The row of annex 1. Raises `CannotPrice` where the facts that decide it are missing."""
    category = vehicle.category
    if category in {"B", "BE"}:
        if vehicle.use == "taxi":
            return VehicleClass.CAR_TAXI
        return VehicleClass.CAR_LEGAL if legal else VehicleClass.CAR_INDIVIDUAL
    if category in _MOTO:
        return VehicleClass.MOTO
    if category.startswith("C"):
        return _truck(vehicle)
    if category.startswith("D"):
        return _bus(vehicle)
    rest = {"Tb": VehicleClass.TROLLEYBUS, "Tm": VehicleClass.TRAM}
    return rest.get(category, VehicleClass.TRACTOR)


def _truck(vehicle: Vehicle) -> VehicleClass:
    if vehicle.max_mass_kg is None:
        raise CannotPrice("max_mass_kg", "is required for a truck")
    heavy = vehicle.max_mass_kg > HEAVY_KG
    return VehicleClass.TRUCK_GT16T if heavy else VehicleClass.TRUCK_LE16T


def _bus(vehicle: Vehicle) -> VehicleClass:
    if vehicle.use == "regular_route":
        return VehicleClass.BUS_REGULAR
    if vehicle.category in _SMALL_BUS:
        return VehicleClass.BUS_LE16
    if vehicle.seats is None:
        raise CannotPrice("seats", "is required for a bus")
    return VehicleClass.BUS_GT16 if vehicle.seats > MANY_SEATS else VehicleClass.BUS_LE16


def _territory(request: Request) -> Territory:
    owner = request.owner
    found = find_territory(owner.region, owner.place, kladr=owner.kladr, fias=owner.fias)
    if found is None:
        raise CannotPrice("region", "region or place is not known to the tariff")
    return found


def _drivers(request: Request) -> tuple[RatedDriver, ...] | None:
    if request.drivers is None:
        return None
    start = request.period.start_date
    return tuple(
        RatedDriver(
            age=full_years(driver.birth_date, start),
            experience=full_years(driver.driving_since, start),
            kbm_class=driver.kbm_class,
        )
        for driver in request.drivers
    )
