"""Bonus-malus explained: what a year with so many claims makes of a class, and which class it is.

The tables belong to `osago_core.tariff`; nothing here says whose class it is.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from osago_core.pricing.texts import KBM_TRANSITION
from osago_core.tariff import Tariff
from osago_core.tariff.driver_tables import KBM_CLASSES
from osago_core.tariff.texts import plain

_APRIL = 4


class Transition(NamedTuple):
    """A class, the claims of a KBM year, and the class from `day` (a 1 April) on, with values."""

    from_class: str
    from_value: Decimal
    claims: int
    to_class: str
    to_value: Decimal
    day: date

    @property
    def params(self) -> dict[str, str]:
        """The words of `text`, for clients that word it themselves."""
        return {
            "from_class": self.from_class,
            "from_value": plain(self.from_value),
            "claims": str(self.claims),
            "day": self.day.isoformat(),
            "to_class": self.to_class,
            "to_value": plain(self.to_value),
        }

    @property
    def text(self) -> str:
        """In English: "class 7 (0.78), 1 claim: from 2027-04-01 class 4 (1.00)"."""
        claims = f"{self.claims} claim{'' if self.claims == 1 else 's'}"
        return KBM_TRANSITION.format_map({**self.params, "claims": claims})


def next_april(day: date) -> date:
    """Return the first 1 April after a day: classes change on that day and on no other."""
    this_year = date(day.year, _APRIL, 1)
    return this_year if day < this_year else date(day.year + 1, _APRIL, 1)


def aprils(today: date, day: date) -> int:
    """Count how often classes change after `today`, up to and on `day`."""
    return max(0, next_april(day).year - next_april(today).year)


def transition(kbm_class: str | None, claims: int, *, tariff: Tariff, today: date) -> Transition:
    """Tell what the coming 1 April makes of a class. None = without history.

    Raises BadFacts (no such class, negative claims) or NoTariff (no table of transitions).
    """
    known = no_history_class(tariff) if kbm_class is None else kbm_class
    after = tariff.next_kbm_class(known, claims)
    return Transition(
        from_class=known,
        from_value=tariff.kbm(known),
        claims=claims,
        to_class=after,
        to_value=tariff.kbm(after),
        day=next_april(today),
    )


def no_history_class(tariff: Tariff) -> str:
    """Return the class that a driver without history is rated as. Raises NoTariff."""
    return classes_of(tariff.kbm(None), tariff)[0]


def classes_of(value: Decimal, tariff: Tariff) -> tuple[str, ...]:
    """Return the classes that have this coefficient, worst first; none where insurers err.

    Values are compared as numbers: 1 is 1.00. Raises NoTariff.
    """
    return tuple(name for name in KBM_CLASSES if tariff.kbm(name) == value)
