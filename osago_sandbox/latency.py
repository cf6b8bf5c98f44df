"""How long insurers take. Seconds before `--latency-scale`."""

import math
from dataclasses import dataclass
from random import Random
from typing import Protocol


class Latency(Protocol):
    """A distribution of answer times."""

    def draw_s(self, rng: Random) -> float:
        """One answer time in seconds."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything between two bounds, equally likely."""

    low_s: float
    high_s: float

    def draw_s(self, rng: Random) -> float:
        """One answer time in seconds."""
        return rng.uniform(self.low_s, self.high_s)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Usually about the median, now and then much longer: how busy servers really answer."""

    median_s: float
    sigma: float
    low_s: float
    high_s: float

    def draw_s(self, rng: Random) -> float:
        """One answer time in seconds, cut to the bounds."""
        drawn = rng.lognormvariate(math.log(self.median_s), self.sigma)
        return min(max(drawn, self.low_s), self.high_s)
