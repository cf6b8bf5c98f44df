"""The latest base rates of one insurer in one segment, and their form as JSON.

In whole kopecks, each with its day and the edition of the tariff: corridors move with editions.
Must not know segments or premiums.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from osago_core.money import KOPECK, to_kopecks

OBSERVED = 50
"""Base rates that are kept: enough for steady quantiles, and recent ones."""
ENOUGH = 5
"""Fewer answers of late are anecdotes."""
FRESH = timedelta(days=30)
"""Insurers change their base rates every few weeks; what is older says little of today."""
MAX_KOPECKS = 10**9
"""Ten million roubles, far above any corridor."""

Json: TypeAlias = dict[str, Any]


class Known(NamedTuple):
    """What may be used of a segment."""

    base_rates: list[Decimal]
    """Roubles, in no order."""
    since: date
    """The day of the earliest."""


class Observations:
    """Up to `OBSERVED` base rates, the latest by their day."""

    def __init__(self) -> None:
        """None yet."""
        self._kopecks: dict[tuple[date, str], list[int]] = {}
        """By day and edition, as they came: many of a day share what is said of them."""
        self._count = 0

    def add(self, day: date, edition: str, kopecks: int) -> None:
        """One more; an oldest one goes where there are too many."""
        self._kopecks.setdefault((day, edition), []).append(kopecks)
        self._count += 1
        if self._count > OBSERVED:
            self._drop_oldest()

    def forget_after(self, today: date) -> None:
        """Forget what a wrong clock dated ahead: it would stay, and what comes now go first."""
        for ahead in [key for key in self._kopecks if key[0] > today]:
            self._count -= len(self._kopecks.pop(ahead))

    def known(self, edition: str, today: date) -> Known | None:
        """Those of this edition that are fresh, none dated ahead; None where they are too few."""
        used = {
            day: kopecks
            for (day, of_edition), kopecks in self._kopecks.items()
            if of_edition == edition and today - FRESH <= day <= today
        }
        base_rates = [in_roubles(one) for kopecks in used.values() for one in kopecks]
        if len(base_rates) < ENOUGH:
            return None
        return Known(base_rates, min(used))

    def as_json(self) -> Json:
        """`{"2025-12-09": {"2026-03-01": [418400, …]}}`: by edition and day."""
        found: Json = {}
        for day, edition in sorted(self._kopecks):
            found.setdefault(edition, {})[day.isoformat()] = list(self._kopecks[day, edition])
        return found

    def _drop_oldest(self) -> None:
        oldest = min(self._kopecks)
        del self._kopecks[oldest][0]
        if not self._kopecks[oldest]:
            del self._kopecks[oldest]
        self._count -= 1

    @classmethod
    def of_json(cls, value: object) -> "Observations":
        """What `as_json` was taken of. Raises ValueError where it is nothing of the kind."""
        observations = cls()
        for day, edition, kopecks in _read(value):
            observations.add(day, edition, kopecks)
        return observations


def in_kopecks(base_rate: Decimal) -> int:
    """Roubles as whole kopecks. Raises ValueError where no base rate can be so."""
    if not base_rate.is_finite() or abs(base_rate) > in_roubles(MAX_KOPECKS):
        raise ValueError("a base rate is an amount of roubles")
    return _possible(int(to_kopecks(base_rate) / KOPECK))


def in_roubles(kopecks: int) -> Decimal:
    """Whole kopecks as roubles."""
    return kopecks * KOPECK


def read_object(value: object) -> Json:
    """The value, if it is an object. Raises ValueError."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError("what was learned is kept in objects")
    return value


def _read(editions: object) -> Iterator[tuple[date, str, int]]:
    for edition, days in _not_empty(read_object(editions)).items():
        for day, base_rates in _not_empty(read_object(days)).items():
            of_day = _day(day)
            for kopecks in _list(base_rates):
                yield of_day, edition, _possible(kopecks)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # it reads other forms too
        raise ValueError("a day is written YYYY-MM-DD")
    return day


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError("a day has a list of base rates")
    return value


def _not_empty(value: Json) -> Json:
    if not value:
        raise ValueError("of what nothing is known nothing is kept")
    return value


def _possible(kopecks: object) -> int:
    if not isinstance(kopecks, int) or isinstance(kopecks, bool) or not 0 < kopecks <= MAX_KOPECKS:
        raise ValueError("a base rate is a whole number of kopecks above 0")
    return kopecks
