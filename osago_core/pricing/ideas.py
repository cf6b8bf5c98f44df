"""Changes that may make a policy cheaper, before anybody has priced them.

Owns which changes are lawful and worth a look; whether one saves anything is found by pricing it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import NamedTuple

from osago_core.application import Application
from osago_core.application.rules.days import years_after
from osago_core.pricing.facts import rated_drivers
from osago_core.pricing.kbm import aprils, next_april
from osago_core.tariff import NoTariff, Owner, RatedDriver, RatedFacts, Registration, Tariff
from osago_core.tariff.facts import MONTHS_OF_A_YEAR

LEAST_MONTHS: Mapping[Owner, int] = {Owner.INDIVIDUAL: 3, Owner.LEGAL: 6}
"""Shortest limited use that the law knows: 40-FZ, article 16, paragraphs 1 and 2, from general
knowledge; the text itself was not compared."""

_EVENT_CODES = {"age": "driver_birthday", "experience": "driver_experience"}


@dataclass(frozen=True, slots=True)
class Idea:
    """What would be rated after a change.

    `besides`: facts that it must be cheaper than, too: without the birthday that it is named for,
    with one month of use more. `day` is the first on which it is possible.
    """

    code: str
    facts: RatedFacts
    params: Mapping[str, str]
    besides: RatedFacts | None = None
    day: date | None = None


def ideas(
    application: Application, facts: RatedFacts, tariff: Tariff, today: date
) -> Iterator[Idea]:
    """Yield the changes, in the order in which equal savings are told."""
    return chain(
        _left_out(facts),
        _unlimited(facts),
        _shorter(application, facts),
        _later(application, facts, tariff, today),
        _april(facts, tariff, today),
    )


def may_limit_use(application: Application, facts: RatedFacts) -> bool:
    """Whether the use may be limited to a part of the year at all.

    Companies may limit it for special and agricultural machines only (40-FZ, article 16).
    """
    vehicle = application.vehicle
    special = vehicle.use == "special" or vehicle.category == "tractor"
    return special or facts.owner is not Owner.LEGAL


def least_months(application: Application, facts: RatedFacts) -> int:
    """Return the fewest months of use that are lawful; all of the term where none are."""
    if not may_limit_use(application, facts):
        return facts.term_months
    return min(LEAST_MONTHS[facts.owner], facts.term_months)


def _left_out(facts: RatedFacts) -> Iterator[Idea]:
    drivers = facts.drivers or ()
    if len(drivers) == 1:
        return
    for index in range(len(drivers)):
        rest = drivers[:index] + drivers[index + 1 :]
        yield Idea("driver_left_out", replace(facts, drivers=rest), {"driver": str(index + 1)})


def _unlimited(facts: RatedFacts) -> Iterator[Idea]:
    if facts.drivers is None:
        return
    company = facts.owner is Owner.LEGAL
    code = "drivers_unlimited_company" if company else "drivers_unlimited"
    yield Idea(code, replace(facts, drivers=None), {})


def _shorter(application: Application, facts: RatedFacts) -> Iterator[Idea]:
    """Limited use of a policy for a year."""
    if facts.registration is not Registration.RUSSIA or facts.term_months < MONTHS_OF_A_YEAR:
        return
    for months in range(least_months(application, facts), facts.use_months):
        yield Idea(
            "use_months",
            replace(facts, use_months=months),
            {"months": str(months)},
            besides=replace(facts, use_months=months + 1),
        )


class _Event(NamedTuple):
    """The day on which a driver has a year more, of `age` or of `experience`."""

    day: date
    driver: int
    field: str
    years: int


def _later(
    application: Application, facts: RatedFacts, tariff: Tariff, today: date
) -> Iterator[Idea]:
    """A start on a driver's next birthday or anniversary, with what all drivers have by then.

    Classes change every 1 April on the way; nothing is told where nobody knows into which.
    """
    for event in sorted(_events(application, facts)):
        drivers, strange = rated_drivers(application, event.day)
        if drivers is None or strange:
            continue
        changes = aprils(today, event.day)
        try:
            drivers = _without_claims(drivers, changes, tariff)
        except NoTariff:
            continue
        by_class = changes > 0 and any(driver.kbm_class is not None for driver in drivers)
        yield Idea(
            _EVENT_CODES[event.field] + ("_april" if by_class else ""),
            replace(facts, drivers=drivers),
            {"driver": str(event.driver + 1), event.field: str(event.years)},
            besides=replace(facts, drivers=_without(event, drivers)),
            day=event.day,
        )


def _events(application: Application, facts: RatedFacts) -> Iterator[_Event]:
    if application.drivers == "unlimited" or facts.drivers is None:
        return
    pairs = zip(application.drivers, facts.drivers, strict=True)
    for index, (driver, rated) in enumerate(pairs):
        for field, since, years in (
            ("age", driver.birth_date, rated.age + 1),
            ("experience", driver.driving_since, rated.experience + 1),
        ):
            yield _Event(years_after(since, years), index, field, years)


def _without(event: _Event, drivers: tuple[RatedDriver, ...]) -> tuple[RatedDriver, ...]:
    driver = drivers[event.driver]
    if event.field == "age":
        younger = replace(driver, age=driver.age - 1)
    else:
        younger = replace(driver, experience=driver.experience - 1)
    return (*drivers[: event.driver], younger, *drivers[event.driver + 1 :])


def _without_claims(
    drivers: tuple[RatedDriver, ...], years: int, tariff: Tariff
) -> tuple[RatedDriver, ...]:
    """Return the drivers after years without claims; a class that is not known stays so."""
    for _ in range(years):
        drivers = tuple(
            replace(driver, kbm_class=tariff.next_kbm_class(driver.kbm_class, 0))
            if driver.kbm_class is not None
            else driver
            for driver in drivers
        )
    return drivers


def _april(facts: RatedFacts, tariff: Tariff, today: date) -> Iterator[Idea]:
    """The classes after a year without claims."""
    if facts.drivers is None:
        return
    try:
        drivers = _without_claims(facts.drivers, 1, tariff)
    except NoTariff:
        return
    yield Idea("kbm_april", replace(facts, drivers=drivers), {}, day=next_april(today))
