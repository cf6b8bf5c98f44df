"""What an insurer that gives no answer may ask: learned from the base rates behind its offers.

Owns which offers teach and how an estimate is made; must not know clocks, stores, or whether an
offer is live. Nothing here is about a person: segments are bands, and of an offer one number is
kept.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from statistics import quantiles

from osago_core.money import to_kopecks
from osago_core.offer import Offer
from osago_core.pricing.observations import Json, Known, Observations, in_kopecks, read_object
from osago_core.pricing.segments import segments_of
from osago_core.tariff import Calculation
from osago_core.wire.tariff import Check, Estimate

SEGMENTS = 500
"""Kept of an insurer: more than a broker of a few regions meets."""

_ROUBLE = Decimal(1)
_HALF_ROUBLE = Decimal("0.5")
_NOT_OURS_TO_KNOW = frozenset(
    {
        "kbm_class_unknown",
        "owner_kbm_unknown",
        "maybe_unfriendly",
        "legal_territory",
        "short_term",
    }
)
"""Doubts about a coefficient that the insurer knows and we don't: `DOUBTS` of `tariff.texts` and
`pricing.texts`. Weak sources are none of them: what is learned with a value is used with it."""
_BASE_RATE_DIFFERS = "base_rate_differs"


def base_rate_of(calculation: Calculation, offer: Offer, checks: Iterable[Check]) -> Decimal | None:
    """The base rate that an offer teaches, roubles; None where it teaches nothing.

    That is: the price may still change, a check warns of it, or no lawful base rate is behind it.
    Where we don't know a coefficient, the one that the insurer names counts, and only if it
    explains the premium.
    """
    found = tuple(checks)
    if not offer.final or any(check.severity == "warning" for check in found):
        return None
    unknown = any(doubt.code in _NOT_OURS_TO_KNOW for doubt in calculation.doubts)
    if unknown and any(check.code == _BASE_RATE_DIFFERS for check in found):
        return None
    base_rate = offer.base_rate if unknown else base_rate_behind(calculation, offer.premium)
    return base_rate if base_rate in calculation.base_rate else None


def base_rate_behind(calculation: Calculation, premium: Decimal) -> Decimal:
    """The base rate of a premium: whole roubles where these give it, else to the kopeck.

    Base rates are whole as a rule, and finding the whole one undoes the rounding of the premium:
    from every application the same base rate is learned. A premium in whole roubles was rounded to
    them, it may be.
    """
    implied = calculation.implied_base_rate(premium)
    whole = implied.quantize(_ROUBLE)
    grain = _HALF_ROUBLE if premium == premium.to_integral_value() else Decimal(0)
    gives_it = abs(calculation.premium(whole) - premium) <= grain
    return whole if gives_it else to_kopecks(implied)


class LearnedRates:
    """The base rates of insurers by segment.

    Bounded: `SEGMENTS` of an insurer, `OBSERVED` base rates of each.
    """

    def __init__(self) -> None:
        """Nothing is known."""
        self._insurers: dict[str, dict[str, Observations]] = {}
        """Of each its segments, the latest used last."""
        self._lessons: dict[str, int] = {}

    def learn(self, insurer: str, calculation: Calculation, base_rate: Decimal, day: date) -> None:
        """Remember what an insurer chose on that day for an application, roubles.

        Raises ValueError, and nothing is learned, where no base rate can be so.
        """
        kopecks = in_kopecks(base_rate)
        segments = self._insurers.setdefault(insurer, {})
        for name in segments_of(calculation.facts):
            segment = segments.get(name) or Observations()
            segment.add(day, calculation.version, kopecks)
            _use(segments, name, segment)
        self._lessons[insurer] = self.lessons(insurer) + 1

    def estimate(self, insurer: str, calculation: Calculation, today: date) -> Estimate | None:
        """What the insurer may ask; None where too little is known, or nothing of late.

        From the finest segment of which enough is known: its base rates' 10 % quantile, median and
        90 % quantile under this application's coefficients, and never outside the corridor.
        """
        segments = self._insurers.get(insurer, {})
        for name in segments_of(calculation.facts):
            segment = segments.get(name)
            known = segment and segment.known(calculation.version, today)
            if segment and known:
                _use(segments, name, segment)
                return _estimate(known, calculation)
        return None

    def lessons(self, insurer: str) -> int:
        """How often something was learned of it; what was restored does not count."""
        return self._lessons.get(insurer, 0)

    def as_json(self, insurer: str) -> Json:
        """All that is known of an insurer as JSON values, for `restore`."""
        segments = self._insurers.get(insurer, {})
        return {"segments": {name: segment.as_json() for name, segment in segments.items()}}

    def restore(self, insurer: str, data: object) -> None:
        """Know of an insurer what was known when `as_json` was taken, and nothing else.

        Raises ValueError, and nothing has changed, where it is nothing of the kind.
        """
        restored: dict[str, Observations] = {}
        for name, value in read_object(read_object(data).get("segments")).items():
            _use(restored, name, Observations.of_json(value))
        self._insurers[insurer] = restored


def _use(segments: dict[str, Observations], name: str, segment: Observations) -> None:
    """It is the latest used now; the least recently used goes where there are too many."""
    segments.pop(name, None)
    segments[name] = segment
    if len(segments) > SEGMENTS:
        del segments[next(iter(segments))]


def _estimate(known: Known, calculation: Calculation) -> Estimate:
    corridor = calculation.base_rate
    tenths = quantiles(known.base_rates, n=10, method="inclusive")
    low, median, high = (
        calculation.premium(min(max(rate, corridor.min), corridor.max))
        for rate in (tenths[0], tenths[4], tenths[8])
    )
    return Estimate(
        premium_low=low,
        premium=median,
        premium_high=high,
        observations=len(known.base_rates),
        since=known.since,
        approximate=calculation.approximate,
    )
