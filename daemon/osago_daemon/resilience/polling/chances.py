"""The map that a plan is made on: how likely an answer is ready, at evenly spaced points."""

import math
from dataclasses import dataclass
from itertools import accumulate

from osago_daemon.resilience.polling.buckets import EDGES_S, quantile
from osago_daemon.resilience.polling.sketch import Sketch

HORIZON_S = 60.0
"""No run lasts longer."""
EDGE = 0.002
"""The map leaves out so much at either end: nothing there is worth a plan."""
POINTS = 80
"""About so many, half of them or a half more: a plan takes under a millisecond."""
PER_S = (2, 10)
STRANGERS = 0.02
"""So many answers are expected to take any time up to the horizon, whatever was learned; and as
many as one would be, on top of those seen."""


@dataclass(frozen=True, slots=True)
class Chances:
    """P(T <= t) from `start_s` on. Points are numbered from there, `per_s` to a second."""

    start_s: float
    per_s: int
    over: list[float]
    area: list[float]
    """Integral of it up to each point."""
    moment: list[float]
    """Integral of it times the seconds since `start_s`."""

    @property
    def last(self) -> int:
        """The last point."""
        return len(self.over) - 1

    def point(self, at_s: float) -> int:
        """The nearest point, which may lie outside."""
        return round((at_s - self.start_s) * self.per_s)

    def at(self, at_s: float) -> float:
        """P(T <= t) at any time."""
        place = (at_s - self.start_s) * self.per_s
        if place <= 0.0:
            return 0.0
        index = int(place)
        if index >= self.last:
            return self.over[-1]
        return self.over[index] + (self.over[index + 1] - self.over[index]) * (place - index)


def chances(sketch: Sketch) -> Chances:
    """The map of what a sketch knows; it must know something."""
    shares = sketch.shares()
    start_s = min(HORIZON_S - 5.0, quantile(shares, EDGE) or 0.0)
    end_s = min(HORIZON_S, quantile(shares, 1.0 - EDGE) or 0.0)
    least, most = PER_S
    per_s = min(most, max(least, math.ceil(POINTS / max(1.0, end_s - start_s))))
    start_s = math.floor(start_s * per_s) / per_s
    times_s = [start_s + point / per_s for point in range(math.ceil((end_s - start_s) * per_s) + 2)]
    strangers = STRANGERS + 1.0 / (1 + sketch.count)
    over = [
        known * (1.0 - strangers) + strangers * time_s / HORIZON_S
        for known, time_s in zip(_over_by(shares, times_s), times_s, strict=True)
    ]
    area, moment = _integrals(over, 1.0 / per_s)
    return Chances(start_s, per_s, over, area, moment)


def _over_by(shares: list[float], times_s: list[float]) -> list[float]:
    """The share that is over by each of the (rising) times."""
    cumulated = [0.0, *accumulate(shares)]
    over = []
    bucket, lower_s, upper_s = 0, 0.0, EDGES_S[0]
    for time_s in times_s:
        while time_s > upper_s:
            bucket += 1
            lower_s, upper_s = upper_s, EDGES_S[bucket]
        part = (time_s - lower_s) / (upper_s - lower_s)
        over.append(cumulated[bucket] + shares[bucket] * part)
    return over


def _integrals(over: list[float], step_s: float) -> tuple[list[float], list[float]]:
    area, moment = [0.0], [0.0]
    for point in range(1, len(over)):
        piece = (over[point - 1] + over[point]) * 0.5 * step_s
        area.append(area[-1] + piece)
        moment.append(moment[-1] + piece * (point - 0.5) * step_s)
    return area, moment
