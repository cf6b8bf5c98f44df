"""Calendar arithmetic of ages, and the rule that papers are not from the future."""

from collections.abc import Iterator
from datetime import date

from osago_core.application.problems import Problem, problem

MAX_AGE_YEARS = 110


def years_after(day: date, years: int) -> date:
    """Return the anniversary; of 29 February the 1st of March where there is no such day."""
    year = min(day.year + years, date.max.year)
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def before_age(day: date | None, birth_date: date | None, age: int) -> bool:
    """Whether a day lies before somebody reaches an age; False while either is unknown."""
    return day is not None and birth_date is not None and day < years_after(birth_date, age)


def check_past(path: str, day: date | None, today: date) -> Iterator[Problem]:
    """Yield a problem if a day that should have come already has not."""
    if day is not None and day > today:
        yield problem(path, "date_in_future")


def check_birth_date(path: str, birth_date: date | None, today: date) -> Iterator[Problem]:
    """Yield a problem if nobody alive was born on this day."""
    yield from check_past(path, birth_date, today)
    if birth_date is not None and years_after(birth_date, MAX_AGE_YEARS) < today:
        yield problem(path, "birth_date_implausible", years=MAX_AGE_YEARS)
