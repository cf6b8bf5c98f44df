"""Which row of annex 1 a vehicle belongs to, and what it must be known by for that.

The rules are those of annex 1 of 7204-U (rows as numbered in the data files); which facts
an application must have is checked by `osago_core.application` as well.
"""

from collections.abc import Iterator

from osago_core.application.rules.vehicle import BUSES, CARS, POWER_RATED, TRUCKS
from osago_core.application.vehicle import Vehicle
from osago_core.tariff import Owner, VehicleClass

HEAVY_KG = 16_000
"""Rows 3.1 and 3.2: permitted maximum mass of 16 t is still the lighter class."""

MANY_SEATS = 16
"""Rows 4.1 and 4.2: 16 passenger seats are still the smaller class."""

SMALL_BUSES = frozenset({"D1", "D1E"})
"""No more than 16 passenger seats by definition (196-FZ, article 25)."""

_MOTO = POWER_RATED - CARS
_ELECTRIC = {"Tb": VehicleClass.TROLLEYBUS, "Tm": VehicleClass.TRAM}


def vehicle_class(vehicle: Vehicle, owner: Owner) -> VehicleClass | None:
    """Return the row; None where `missing` names a fact that decides it."""
    category = vehicle.category
    if category in CARS:
        return _car(vehicle, owner)
    if category in _MOTO:
        return VehicleClass.MOTO
    if category in TRUCKS:
        return _truck(vehicle)
    if category in BUSES:
        return _bus(vehicle)
    return _ELECTRIC.get(category, VehicleClass.TRACTOR)


def missing(vehicle: Vehicle) -> Iterator[str]:
    """Yield the fields without which there is no price, as they are called in the application."""
    category = vehicle.category
    if category in POWER_RATED and vehicle.power_hp is None:
        yield "power_hp"
    if category in TRUCKS and vehicle.max_mass_kg is None:
        yield "max_mass_kg"
    counted = category in BUSES - SMALL_BUSES and vehicle.use != "regular_route"
    if counted and vehicle.seats is None:
        yield "seats"


def _car(vehicle: Vehicle, owner: Owner) -> VehicleClass:
    if vehicle.use == "taxi":
        return VehicleClass.CAR_TAXI
    return VehicleClass.CAR_LEGAL if owner is Owner.LEGAL else VehicleClass.CAR_INDIVIDUAL


def _truck(vehicle: Vehicle) -> VehicleClass | None:
    if vehicle.max_mass_kg is None:
        return None
    heavy = vehicle.max_mass_kg > HEAVY_KG
    return VehicleClass.TRUCK_GT16T if heavy else VehicleClass.TRUCK_LE16T


def _bus(vehicle: Vehicle) -> VehicleClass | None:
    if vehicle.use == "regular_route":
        return VehicleClass.BUS_REGULAR
    if vehicle.category in SMALL_BUSES:
        return VehicleClass.BUS_LE16
    if vehicle.seats is None:
        return None
    return VehicleClass.BUS_GT16 if vehicle.seats > MANY_SEATS else VehicleClass.BUS_LE16
