"""Cross-checks of the term: start date and months of use."""

from collections.abc import Iterator
from datetime import date, timedelta

from osago_core.application.facts import Facts
from osago_core.application.period import MONTHS_PER_YEAR, earliest_start
from osago_core.application.problems import Problem, problem

USUAL_DAYS_AHEAD = 60
"""How far ahead insurers usually sell: an assumption, hence a mere warning beyond it."""

MAX_DAYS_AHEAD = 365
"""Beyond this it is a slip of the pen."""


def start(facts: Facts, today: date) -> date:
    """Return the start date, or the usual one while the given one cannot be read."""
    return facts.start_date or earliest_start(today)


def check(facts: Facts, today: date) -> Iterator[Problem]:
    """Check start date and months of use."""
    if facts.start_date is not None:
        yield from _start_date(facts.start_date, today)
    months = MONTHS_PER_YEAR if facts.months is None else facts.months
    if facts.use_months is not None and months < facts.use_months <= MONTHS_PER_YEAR:
        yield problem("period.use_months", "use_longer_than_term", months=months)


def _start_date(day: date, today: date) -> Iterator[Problem]:
    path = "period.start_date"
    if day < today:
        yield problem(path, "start_in_past")
    elif day < earliest_start(today):
        yield problem(path, "start_too_soon", earliest=earliest_start(today).isoformat())
    elif day > today + timedelta(days=MAX_DAYS_AHEAD):
        yield problem(path, "start_too_far", days=MAX_DAYS_AHEAD)
    elif day > today + timedelta(days=USUAL_DAYS_AHEAD):
        yield problem(path, "start_far_ahead", days=USUAL_DAYS_AHEAD)
