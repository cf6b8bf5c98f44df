"""What an insurer that gives no answer may ask: learned from the base rates behind its offers.

Owns which offers teach and how an estimate is made; must not know clocks, stores, or whether an
offer is live. Nothing here is about a person: segments are bands, and of an offer one number is
kept.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from statistics import quantiles
from typing import NamedTuple

from osago_core.money import to_kopecks
from osago_core.offer import Offer
from osago_core.pricing.observations import Json, Known, Observations, in_kopecks, read_object
from osago_core.pricing.segments import segments_of
from osago_core.tariff import Calculation
from osago_core.wire.tariff import Check, Estimate

SEGMENTS = 500
"""Kept of an insurer: more than a broker of a few regions meets."""
SEEN = 1000
"""Answers of an insurer that are told from repetitions: more than one gives in a few hours."""

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
_DIFFERS = frozenset({"coefficient_differs", "kbm_reported"})
"""Checks that, as information, say: our coefficient is doubtful, and the insurer's is another."""


def base_rate_of(calculation: Calculation, offer: Offer, checks: Iterable[Check]) -> Decimal | None:
    """The base rate that an offer teaches, roubles; None where it teaches nothing.

    That is: the price may still change, a check warns of it, or no lawful base rate is behind it.
    Where we don't know a coefficient, or only think so and the insurer names another one, it is the
    base rate that the insurer names, and only if that explains the premium under its coefficients.
    A doubtful KT that the insurer contradicts teaches nothing: estimates are made in the same
    territory, under the same KT of ours, and would be off by just that.
    """
    found = tuple(checks)
    if not offer.final or any(check.severity == "warning" for check in found):
        return None
    contradicted = [check for check in found if check.code in _DIFFERS]
    if any(check.params.get("name") == "kt" for check in contradicted):
        return None
    doubted = any(doubt.code in _NOT_OURS_TO_KNOW for doubt in calculation.doubts)
    unknown = doubted or bool(contradicted)
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


class _Answer(NamedTuple):
    """What two answers share that count as one."""

    segment: str
    day: date
    edition: str
    multiplier: Decimal
    kopecks: int


class LearnedRates:
    """The base rates of insurers by segment.

    Bounded: `SEGMENTS` of an insurer, `OBSERVED` base rates of each, `SEEN` answers.
    """

    def __init__(self) -> None:
        """Nothing is known."""
        self._insurers: dict[str, dict[str, Observations]] = {}
        """Of each its segments, the latest used last."""
        self._lessons: dict[str, int] = {}
        self._seen: dict[str, dict[_Answer, None]] = {}
        """Of each its answers, the latest last; in memory only."""

    def learn(self, insurer: str, calculation: Calculation, base_rate: Decimal, day: date) -> None:
        """Remember what an insurer chose today, `day`, for an application, roubles.

        The same base rate under the same multiplier, in the same segment and on the same day,
        counts once: an application that is asked about again proves nothing anew, and who is behind
        it we don't remember. What is dated ahead of today, by a wrong clock, is forgotten here.

        Raises ValueError, and nothing is learned, where no base rate can be so.
        """
        kopecks = in_kopecks(base_rate)
        names = segments_of(calculation.facts)
        answer = _Answer(names[0], day, calculation.version, calculation.multiplier, kopecks)
        if not self._is_new(insurer, answer):
            return
        segments = self._insurers.setdefault(insurer, {})
        for name in names:
            segment = segments.get(name) or Observations()
            segment.forget_after(day)
            segment.add(day, calculation.version, kopecks)
            _use(segments, name, segment)
        self._lessons[insurer] = self.lessons(insurer) + 1

    def estimate(self, insurer: str, calculation: Calculation, today: date) -> Estimate | None:
        """What the insurer may ask; None where too little is known of late.

        From the finest segment of which enough is known: its base rates' 10 % quantile, median and
        90 % quantile under this application's coefficients, and never outside the corridor.
        """
        segments = self._insurers.get(insurer, {})
        for wider, name in enumerate(segments_of(calculation.facts)):
            segment = segments.get(name)
            known = segment and segment.known(calculation.version, today)
            if segment and known:
                _use(segments, name, segment)
                return _estimate(known, calculation, wider=bool(wider))
        return None

    def lessons(self, insurer: str) -> int:
        """How often something was learned of it; not what was restored, no repetitions."""
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
        self._seen.pop(insurer, None)

    def _is_new(self, insurer: str, answer: _Answer) -> bool:
        """Whether it is no repetition; from now on it would be."""
        seen = self._seen.setdefault(insurer, {})
        if answer in seen:
            return False
        seen[answer] = None
        if len(seen) > SEEN:
            del seen[next(iter(seen))]
        return True


def _use(segments: dict[str, Observations], name: str, segment: Observations) -> None:
    """It is the latest used now; the least recently used goes where there are too many."""
    segments.pop(name, None)
    segments[name] = segment
    if len(segments) > SEGMENTS:
        del segments[next(iter(segments))]


def _estimate(known: Known, calculation: Calculation, *, wider: bool) -> Estimate:
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
        wider=wider,
        approximate=calculation.approximate,
    )
