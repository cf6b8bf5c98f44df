"""Cross-checks of the vehicle: what its category needs, how its papers fit it."""

from collections.abc import Iterator
from datetime import date

from osago_core.application.facts import VehicleFacts
from osago_core.application.fields.documents import is_tractor_series
from osago_core.application.problems import Problem, problem
from osago_core.application.rules.days import check_past

CARS = frozenset({"B", "BE"})
POWER_RATED = frozenset({"A", "A1", "M", "B1"}) | CARS
"""Categories priced by engine power (7204-U, annex 2)."""

TRUCKS = frozenset({"C", "C1", "CE", "C1E"})
"""Categories priced by permitted maximum mass (7204-U, annex 1, row 3)."""

BUSES = frozenset({"D", "D1", "DE", "D1E"})
"""Categories priced by seats and by regular service (7204-U, annex 1, row 4)."""

ON_ROUTES = BUSES | {"Tb", "Tm"}
IDENTIFIERS = ("vin", "body_number", "chassis_number")


def check(vehicle: VehicleFacts, starts: date, today: date) -> Iterator[Problem]:
    """Check the vehicle for a policy that starts on `starts`."""
    if not vehicle.given.intersection(IDENTIFIERS):
        yield problem("vehicle.vin", "vehicle_number_missing")
    if vehicle.year is not None and vehicle.year > today.year + 1:
        yield problem("vehicle.year", "vehicle_year_in_future", limit=today.year + 1)
    if vehicle.category is not None:
        yield from _needs(vehicle, vehicle.category)
        yield from _use(vehicle, vehicle.category)
    yield from _document(vehicle, today)
    if vehicle.card_valid_until is not None and vehicle.card_valid_until < starts:
        yield problem("vehicle.diagnostic_card.valid_until", "diagnostic_card_expired")


def _needs(vehicle: VehicleFacts, category: str) -> Iterator[Problem]:
    if category in POWER_RATED and "power_hp" not in vehicle.given:
        yield problem("vehicle.power_hp", "power_missing", category=category)
    if category in TRUCKS and "max_mass_kg" not in vehicle.given:
        yield problem("vehicle.max_mass_kg", "max_mass_missing", category=category)
    if category in BUSES and "seats" not in vehicle.given:
        yield problem("vehicle.seats", "seats_missing", category=category)
    if category in BUSES and "use" not in vehicle.given:
        yield problem("vehicle.use", "use_missing", category=category)


def _use(vehicle: VehicleFacts, category: str) -> Iterator[Problem]:
    if (vehicle.use == "regular_route" and category not in ON_ROUTES) or (
        vehicle.use == "taxi" and category not in CARS
    ):
        yield problem("vehicle.use", "use_unusual", category=category)


def _document(vehicle: VehicleFacts, today: date) -> Iterator[Problem]:
    path = "vehicle.document"
    yield from check_past(f"{path}.issue_date", vehicle.document_issued, today)
    if (
        vehicle.document_issued is not None
        and vehicle.year is not None
        # A vehicle of next year's model may be sold, with its papers, this year.
        and vehicle.document_issued.year < vehicle.year - 1
    ):
        yield problem(f"{path}.issue_date", "document_before_vehicle")
    if vehicle.document_kind == "foreign":
        if vehicle.registration in {"russia", "transit"}:
            yield problem(f"{path}.kind", "foreign_document_only")
    elif vehicle.category not in {"tractor", None} and is_tractor_series(
        vehicle.document_series or ""
    ):
        yield problem(f"{path}.series", "tractor_series_only")
