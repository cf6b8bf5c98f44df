"""What an insurer decides: a price or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from osago_core.tariff import RatedFacts


@dataclass(frozen=True, slots=True)
class Price:
    """A price in roubles. `coefficients` by short Latin name: kt, kbm, kvs, ko, km, ks, kp.

    `commission` is the agent's, in roubles. `preliminary` means that it may still change. `facts`
    and `day` are what the tariff was asked: no insurer tells them, a mistake starts from them.
    """

    premium: Decimal
    base_rate: Decimal
    coefficients: Mapping[str, Decimal]
    commission: Decimal
    facts: RatedFacts
    day: date
    preliminary: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decline in the insurer's own words. Some insurers name the price they don't sell at."""

    words: str
    price: Price | None = None


Outcome = Price | Refusal
