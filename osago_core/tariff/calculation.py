"""The answer: what the premium is made of, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from osago_core.money import to_kopecks
from osago_core.tariff.facts import RatedFacts
from osago_core.tariff.provenance import Confidence, Provenance
from osago_core.tariff.tables import BaseRate
from osago_core.tariff.texts import DOUBTS, REASONS, plain


class Doubt(NamedTuple):
    """Why a figure is approximate.

    `about` is a coefficient's name, `base_rate` or `formula`; `code` and `params` are for
    programs, `text` is for people.
    """

    about: str
    code: str
    params: Mapping[str, str]

    @property
    def text(self) -> str:
        """The doubt in English."""
        return f"{self.about}: {DOUBTS[self.code].format_map(self.params)}"


@dataclass(frozen=True, slots=True)
class CoefficientLine:
    """One coefficient of the product: its value and why it has that value.

    `reason` is a key of `texts.REASONS`, `params` its words. `doubts` say why the value is
    approximate; empty = it is not.
    """

    name: str
    value: Decimal
    reason: str
    params: Mapping[str, str]
    provenance: Provenance
    doubts: tuple[Doubt, ...] = ()

    @property
    def text(self) -> str:
        """The line in English, e.g. "KM 1.40: 120 < 136 ≤ 150 hp"."""
        why = REASONS[self.reason].format_map(self.params)
        return f"{self.name.upper()} {plain(self.value)}: {why}"

    @property
    def confidence(self) -> Confidence:
        """How sure the value's row is."""
        return self.provenance.confidence

    @property
    def approximate(self) -> bool:
        """Whether a figure that uses this line must be called approximate."""
        return bool(self.doubts)


@dataclass(frozen=True, slots=True)
class Calculation:
    """A premium under one edition, for one set of facts, at any base rate.

    - `version`: the edition of the tables used; `edict` and `effective_from` name the edict and
      the day it came into force.
    - `product`: of all lines, unrounded; `multiplier`: what the base rate is multiplied with,
      which is the product unless the cap of an old edition is lower.
    - `doubts`: everything approximate about it; empty = exact as far as the tables go.
    """

    version: str
    edict: str
    effective_from: date
    facts: RatedFacts
    base_rate: BaseRate
    lines: tuple[CoefficientLine, ...]
    product: Decimal
    multiplier: Decimal
    doubts: tuple[Doubt, ...]

    @property
    def coefficients(self) -> dict[str, Decimal]:
        """Values by name: `{"kt": Decimal("1.80"), …}`; only those of the formula."""
        return {line.name: line.value for line in self.lines}

    @property
    def approximate(self) -> bool:
        """Whether its figures must be called approximate."""
        return bool(self.doubts)

    @property
    def premium_min(self) -> Decimal:
        """The lowest lawful premium, roubles and kopecks."""
        return self.premium(self.base_rate.min)

    @property
    def premium_max(self) -> Decimal:
        """The highest lawful premium, roubles and kopecks."""
        return self.premium(self.base_rate.max)

    def premium(self, base_rate: Decimal) -> Decimal:
        """Return the premium at a base rate, lawful or not; rounded once, to kopecks."""
        return to_kopecks(base_rate * self.multiplier)

    def implied_base_rate(self, premium: Decimal) -> Decimal:
        """Return the base rate behind a premium, unrounded, so it leads back to the premium."""
        return premium / self.multiplier

    def allows(self, premium: Decimal) -> bool:
        """Whether some lawful base rate gives this premium."""
        return self.premium_min <= premium <= self.premium_max

    def line(self, name: str) -> CoefficientLine:
        """Return the line of a coefficient. Raises KeyError where the formula lacks it."""
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)
