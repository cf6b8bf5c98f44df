"""Cross-checks of drivers: ages, experience, licences."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from osago_core.application.facts import DriverFacts, Facts
from osago_core.application.fields.documents import is_tractor_series
from osago_core.application.problems import Problem, problem
from osago_core.application.rules import period
from osago_core.application.rules.days import before_age, check_birth_date, check_past

LICENSE_AGE = 16
"""The youngest age for any Russian licence: categories A1 and M (196-FZ, article 26)."""

FOREIGN_LICENSE_AGE = 14
"""Some countries begin as early; what lies before it is a slip of the pen."""

MIN_AGE: Mapping[str, int] = MappingProxyType(
    {"A1": 16, "M": 16, "tractor": 16, "D": 21, "DE": 21, "D1": 21, "D1E": 21, "Tb": 21, "Tm": 21}
)
"""Youngest age at the wheel (196-FZ, article 26).

Of self-propelled machines the youngest of all, which is that for quads: what kind of machine it
is, the application does not say.
"""

MIN_AGE_OTHERWISE = 18
"""For A, B, C, their subcategories and trailers."""


def check(facts: Facts, today: date) -> Iterator[Problem]:
    """Check every driver, and the drivers against each other."""
    category = facts.vehicle.category if facts.vehicle else None
    starts = period.start(facts, today)
    for driver in facts.drivers:
        if driver.looks_like_company:
            yield problem(driver.path, "driver_not_person")
        yield from check_birth_date(f"{driver.path}.birth_date", driver.birth_date, today)
        yield from _age(driver, category, starts)
        yield from _experience(driver, today)
        yield from _license(driver, category, today)
    yield from _duplicates(facts.drivers)


def _age(driver: DriverFacts, category: str | None, starts: date) -> Iterator[Problem]:
    if category is None:
        return
    age = MIN_AGE.get(category, MIN_AGE_OTHERWISE)
    if before_age(starts, driver.birth_date, age):
        yield problem(f"{driver.path}.birth_date", "driver_too_young", category=category, age=age)


def _experience(driver: DriverFacts, today: date) -> Iterator[Problem]:
    path = f"{driver.path}.driving_since"
    yield from check_past(path, driver.driving_since, today)
    youngest = _license_age(driver)
    if before_age(driver.driving_since, driver.birth_date, youngest):
        yield problem(path, "experience_before_16", age=youngest)
    if (
        driver.driving_since is not None
        and driver.license_issued is not None
        and driver.driving_since > driver.license_issued
    ):
        yield problem(path, "experience_after_license")


def _license(driver: DriverFacts, category: str | None, today: date) -> Iterator[Problem]:
    youngest = _license_age(driver)
    for name, issued in (
        ("license", driver.license_issued),
        ("previous_license", driver.previous_issued),
    ):
        path = f"{driver.path}.{name}.issue_date"
        yield from check_past(path, issued, today)
        if before_age(issued, driver.birth_date, youngest):
            yield problem(path, "license_before_16", age=youngest)
    if (
        category not in {"tractor", None}
        and not driver.foreign_license
        and is_tractor_series(driver.license_series or "")
    ):
        yield problem(f"{driver.path}.license.series", "tractor_series_only")


def _license_age(driver: DriverFacts) -> int:
    return FOREIGN_LICENSE_AGE if driver.foreign_license else LICENSE_AGE


def _duplicates(drivers: tuple[DriverFacts, ...]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for driver in drivers:
        if driver.license_key is None:
            continue
        first = seen.setdefault(driver.license_key, driver.path)
        if first != driver.path:
            yield problem(f"{driver.path}.license.number", "duplicate_license", other=first)
