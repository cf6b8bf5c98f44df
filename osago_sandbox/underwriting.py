"""Whom insurers refuse, as rules with their words. Everything counts on the start of the policy."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from osago_sandbox.request import Request

CLASSES_AFTER_ACCIDENTS = frozenset({"M", "0", "1", "2"})
"""KBM classes that only accidents lead to; 3 is a newcomer's (7204-У, annex 2)."""
PASSENGER = frozenset({"B", "BE"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuse with `words` (Russian, as the insurer would say it) when `applies`."""

    applies: Callable[[Request], bool]
    words: str


def first_refusal(rules: tuple[Rule, ...], request: Request) -> str | None:
    """The words of the first rule that applies; None = nothing against it."""
    return next((rule.words for rule in rules if rule.applies(request)), None)


def lives_in(*names: str) -> Callable[[Request], bool]:
    """The owner's region contains one of the names."""
    return lambda request: any(name.casefold() in request.owner.region.casefold() for name in names)


def is_used_for(*uses: str) -> Callable[[Request], bool]:
    """The vehicle serves one of these purposes."""
    return lambda request: request.vehicle.use in uses


def is_no(categories: Collection[str]) -> Callable[[Request], bool]:
    """The vehicle is of none of these categories."""
    return lambda request: request.vehicle.category not in categories


def belongs_to(kind: str) -> Callable[[Request], bool]:
    """The owner is of this kind."""
    return lambda request: request.owner.kind == kind


def registered(*kinds: str) -> Callable[[Request], bool]:
    """The vehicle is registered abroad (`foreign`) or on its way (`transit`)."""
    return lambda request: request.vehicle.registration in kinds


def vehicle_older_than(years: int) -> Callable[[Request], bool]:
    """More years lie between make and policy."""
    return lambda request: request.vehicle_age > years


def car_more_powerful_than(hp: int) -> Callable[[Request], bool]:
    """A passenger car's engine has more hp."""
    return lambda request: (
        request.vehicle.category in PASSENGER and (request.vehicle.power_hp or 0) > hp
    )


def driver_younger_than(years: int) -> Callable[[Request], bool]:
    """Somebody on the list has not lived so many full years."""
    return lambda request: request.youngest_age is not None and request.youngest_age < years


def drives_less_than(years: int) -> Callable[[Request], bool]:
    """Somebody on the list has not driven so many full years."""
    return lambda request: request.least_experience is not None and request.least_experience < years


def anyone_drives(request: Request) -> bool:
    """There is no list of drivers."""
    return request.drivers is None


def caused_accidents(request: Request) -> bool:
    """Somebody's KBM class is known to be worse than a newcomer's."""
    return any(driver.kbm_class in CLASSES_AFTER_ACCIDENTS for driver in request.drivers or ())


def used_less_than(months: int) -> Callable[[Request], bool]:
    """The vehicle is in use for fewer months of the year."""
    return lambda request: request.period.use_months < months
