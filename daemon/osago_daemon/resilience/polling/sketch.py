"""How long something takes: a distribution over a hundred buckets, learned from intervals.

Knows neither polls nor clocks. An observation may be exact, an interval ("not yet at 3 s, done at
5 s"), or open-ended ("not yet at 7 s, then we stopped looking"). What is kept is how often each
interval occurred; the distribution is the one that explains them best (Turnbull's estimator, by EM
with smoothing), so that neither seldom looking nor giving up early makes it wrong. Those still
under way are open-ended, too: of a thousand begun at once the quick ones are done first.
"""

import math
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Any

from osago_daemon.resilience.polling.buckets import (
    BEYOND,
    EDGES_S,
    LONGEST_S,
    LOWER_S,
    MIDDLES_S,
    RATIO,
    quantile,
    read_weights,
)

HALF_LIFE = 300
"""Observations after which an older one counts half. A desk has these in a few days, a peak in a
second; fewer would make the quantiles noisy, more would be slow to follow an insurer's change."""
OPEN_MINDED = 0.01
"""So much is expected at any time alike, whatever is known: what is held to be impossible could
never be learned."""
ROUNDS = 3
"""Of EM whenever the distribution is asked for; each goes on from where the last one ended."""
RESCALE = 40 * HALF_LIFE
FORGOTTEN = 1e-6
HANDFUL = 8
"""With fewer observations nothing is known. What was known never weighs less than half as many:
after a burst of thousands begun at one moment all of it is old at once."""
SOONER = math.ceil(5 * math.log(2.0) / math.log(RATIO))
"""Buckets between a time and a thirty-second of it."""
SMOOTHED = 0.35
"""So much of what is expected in a bucket is what is known around it: without that, whatever chance
once put into an interval would reinforce itself; more would blur what is known."""

_WIDTHS_S = [upper - lower for lower, upper in zip(LOWER_S, EDGES_S, strict=True)]
_EVEN = (*(width_s / LONGEST_S for width_s in _WIDTHS_S), 0.1)
_GROWTH = 2.0 ** (1.0 / HALF_LIFE)


class Sketch:
    """Times in seconds. Newer ones count more: see `HALF_LIFE`.

    What is "newer" goes by `order`, the `count` when it began (left out: now). It must not go by
    when it ended: of many begun at once the last to end are the slowest.
    """

    def __init__(self) -> None:
        self._intervals: dict[tuple[int, int], float] = {}
        """Weights by first and last bucket, of those that are over."""
        self._watched: dict[int, float] = {}
        """Weights by first bucket, of those under way."""
        self._total = 0.0
        """Of the weights of those that are over."""
        self._origin = self._newest = self._count = 0
        self._expected = [1.0 / (BEYOND + 1)] * (BEYOND + 1)
        self._shares = [0.0] * (BEYOND + 1)
        self._fresh = True

    @property
    def count(self) -> int:
        """Observations so far, the forgotten ones included."""
        return self._count

    @property
    def weight(self) -> float:
        """What is known, in observations begun now: less than `count`, as older ones count less."""
        return self._total / self._weight(self._newest)

    def add(self, value_s: float, order: int | None = None) -> None:
        """It took exactly so long."""
        bucket = bisect_left(EDGES_S, value_s)
        self._observed((bucket, bucket), order)

    def add_between(self, low_s: float, high_s: float, order: int | None = None) -> None:
        """It took longer than `low_s` and at most `high_s`."""
        first, last = bisect_left(MIDDLES_S, low_s), bisect_right(MIDDLES_S, high_s) - 1
        if first > last:  # less than a bucket; or a clock that ran backwards
            first = last = bisect_left(EDGES_S, high_s)
        self._observed((first, last), order)

    def add_beyond(self, low_s: float, order: int | None = None) -> None:
        """It was not over at `low_s`; nobody knows when it was."""
        self._observed((bisect_left(MIDDLES_S, low_s), BEYOND), order)

    def watch(self, order: int, low_s: float | None, before_s: float | None = None) -> None:
        """One under way was not over at `low_s`, which takes the place of `before_s`.

        None for the first is: no longer under way; for the second: not known before.
        """
        weight = self._weight(order)
        if before_s is not None:
            self._watch(bisect_left(MIDDLES_S, before_s), -weight)
        if low_s is not None:
            self._watch(bisect_left(MIDDLES_S, low_s), weight)

    def hasten(self) -> None:
        """It has become faster, nobody knows how much: up to 32 times, any factor alike.

        What was known weighs no more than a handful from here on.
        """
        weight = min(HANDFUL, self.weight) * self._weight(self._newest) / (SOONER + 1)
        known, self._intervals, self._total = self.shares(), {}, 0.0
        sooner = [0.0] * (BEYOND + 1)
        for bucket, share in enumerate(known):
            if share:
                for place in range(bucket - SOONER, bucket + 1):
                    sooner[max(0, place)] += share * weight
        for bucket, given in enumerate(sooner):
            if given:
                self._put((bucket, bucket), given)
        self._expected = [1.0 / (BEYOND + 1)] * (BEYOND + 1)

    def quantile(self, q: float) -> float | None:
        """The time within which a share `q` is over, in seconds.

        None while nothing is known; infinite where it lies beyond the last bucket.
        """
        return quantile(self.shares(), q)

    def shares(self) -> list[float]:
        """The share of each bucket of `EDGES_S` and, last, of what lies beyond; all 0 when new.

        A third of a millisecond if something was added (a millisecond with a thousand intervals),
        so not to be asked for with each observation.
        """
        if not self._fresh:
            for _ in range(ROUNDS):
                self._improve()
            self._fresh = True
        return self._shares

    def snapshot(self) -> dict[str, Any]:
        """What is known, as JSON values for `load`: the distribution, not the intervals."""
        total = self.weight
        weights = {
            str(bucket): round(share * total, 6)
            for bucket, share in enumerate(self.shares() if total else ())
            if share * total >= FORGOTTEN
        }
        return {"count": self._count, "weights": weights}

    def load(self, data: Any) -> None:
        """Take over a snapshot; anything else is a ValueError and changes nothing.

        Those under way are no longer watched.
        """
        count, weights = read_weights(data)
        self._intervals = {(bucket, bucket): weight for bucket, weight in weights.items()}
        self._total = sum(weights.values())
        self._watched = {}
        self._origin = self._newest = self._count = count
        self._expected = [1.0 / (BEYOND + 1)] * (BEYOND + 1)
        self._shares = [0.0] * (BEYOND + 1)
        self._fresh = True
        self._improve()

    def _observed(self, interval: tuple[int, int], order: int | None) -> None:
        weight = self._weight(max(self._newest, self._count) if order is None else order)
        self._count += 1
        self._put(interval, weight)

    def _put(self, interval: tuple[int, int], weight: float) -> None:
        self._intervals[interval] = self._intervals.get(interval, 0.0) + weight
        self._total += weight
        self._fresh = False

    def _watch(self, bucket: int, weight: float) -> None:
        watched = self._watched.pop(bucket, 0.0) + weight
        if watched > FORGOTTEN * abs(weight):  # nothing may be left of a sum but its rounding
            self._watched[bucket] = watched
        self._fresh = False

    def _weight(self, order: int) -> float:
        """Forgetting: instead of all old weights shrinking, newer ones are larger."""
        if order > self._newest:
            self._newest = order
            if order - self._origin > RESCALE or self._nearly_forgotten():
                self._rescale()
        return float(_GROWTH ** (order - self._origin))

    def _nearly_forgotten(self) -> bool:
        least = self._least() * float(_GROWTH ** (self._newest - self._origin))
        return 0.0 < self._total < least

    def _least(self) -> float:
        """That what was known weighs whatever its age, in observations begun now."""
        return min(HANDFUL, self._count) / 2

    def _rescale(self) -> None:
        """Count from the newest one."""
        shrunk = _GROWTH ** (self._origin - self._newest)
        self._origin = self._newest
        self._watched = {
            bucket: weight * shrunk
            for bucket, weight in self._watched.items()
            if weight * shrunk > FORGOTTEN
        }
        if self._total and self._total * shrunk < self._least():
            # Twice as much as is asked for, so as not to be here again with the next one.
            shrunk = 2 * self._least() / self._total
        self._intervals = {
            interval: weight * shrunk
            for interval, weight in self._intervals.items()
            if weight * shrunk > FORGOTTEN
        }
        self._total = sum(self._intervals.values())

    def _improve(self) -> None:
        """One round: give each interval's weight to its buckets as expected; expect the result."""
        below = [0.0, *accumulate(self._expected)]
        steps = [0.0] * (BEYOND + 2)
        for (first, last), weight in self._intervals.items():
            share = weight / (below[last + 1] - below[first])
            steps[first] += share
            steps[last + 1] -= share
        for first, weight in self._watched.items():
            share = weight / (below[BEYOND + 1] - below[first])
            steps[first] += share
            steps[BEYOND + 1] -= share
        heights = list(accumulate(steps[:-1]))
        given = [here * max(0.0, up) for here, up in zip(self._expected, heights, strict=True)]
        total = sum(given) or 1.0
        self._shares = [weight / total for weight in given]
        self._expected = [
            (1.0 - SMOOTHED) * share + SMOOTHED * around + OPEN_MINDED * even
            for share, around, even in zip(self._shares, _around(self._shares), _EVEN, strict=True)
        ]


def _around(shares: list[float]) -> list[float]:
    """Smoothed by (1 2 3 2 1)/9, but for what lies beyond all edges."""
    *smooth, beyond = shares
    for _ in range(2):
        neighbours = zip([0.0, *smooth[:-1]], smooth, [*smooth[1:], 0.0], strict=True)
        smooth = [sum(three) / 3.0 for three in neighbours]
    return [*smooth, beyond]
