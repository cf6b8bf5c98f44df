"""Weather: how often insurers misbehave by themselves, without a fault on order.

A profile is a table of probabilities per request; which request is hit is drawn from the seed, the
insurer and the number of its request, so the same order of requests meets the same faults.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from osago_sandbox.faults import Fault


@dataclass(frozen=True, slots=True)
class Chance:
    """One fault and the probability (0 … 1) that a request meets it."""

    fault: str
    probability: float
    params: Mapping[str, Any] = field(default_factory=dict)


Mix = tuple[Chance, ...]

_FINE: Mix = ()
_ROUGH: Mix = (
    Chance("http_500", 0.04),
    Chance("http_503", 0.02, {"retry_after_s": 2}),
    Chance("http_429", 0.04, {"retry_after_s": 1}),
    Chance("reset", 0.04),
    Chance("latency", 0.06, {"latency_s": 4}),
)
_STORM: Mix = (
    Chance("http_500", 0.12),
    Chance("http_503", 0.05, {"retry_after_s": 3}),
    Chance("http_429", 0.08, {"retry_after_s": 2}),
    Chance("reset", 0.08),
    Chance("latency", 0.10, {"latency_s": 8}),
    Chance("hang", 0.03),
    Chance("truncated", 0.03),
    Chance("garbage", 0.02),
    Chance("garbage", 0.02, {"form": "http"}),
    Chance("drip", 0.02),
    Chance("huge", 0.01),
    Chance("redirect", 0.01),
    Chance("token_expired", 0.01),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What insurers meet: `usual`, except those that have a mix of their own."""

    usual: Mix
    by_insurer: Mapping[str, Mix] = field(default_factory=dict)

    def weather(self, seed: int, latency_scale: float) -> "Weather":
        """Start the profile's faults from a seed."""
        return Weather(self, seed, latency_scale)


class Weather:
    """A profile at work: which request meets which fault."""

    def __init__(self, profile: Profile, seed: int, latency_scale: float) -> None:
        self._profile = profile
        self._seed = seed
        self._scale = latency_scale
        self._served: Counter[str] = Counter()

    def next_for(self, insurer: str) -> Fault | None:
        """The fault that the insurer's next request meets, if any."""
        self._served[insurer] += 1
        left = Random(repr((self._seed, insurer, self._served[insurer]))).random()
        for chance in self._profile.by_insurer.get(insurer, self._profile.usual):
            left -= chance.probability
            if left < 0:
                return self._fault(insurer, chance)
        return None

    def _fault(self, insurer: str, chance: Chance) -> Fault:
        params = dict(chance.params)
        if "latency_s" in params:
            params["latency_s"] *= self._scale
        return Fault(insurer=insurer, fault=chance.fault, params=params)


PROFILES: Mapping[str, Profile] = {
    "calm": Profile(usual=_FINE),
    "rough": Profile(usual=_ROUGH),
    "storm": Profile(
        usual=_STORM,
        by_insurer={
            # Three stay healthy: what the others do must not make these any later.
            "sever": _FINE,
            "kedr": _FINE,
            "lukomor": _FINE,
            # One is dead, one hangs, one drops connections, one throttles.
            "barsuk": (Chance("http_500", 1.0),),
            "yantar": (Chance("hang", 0.5), Chance("http_503", 0.2)),
            "verst": (Chance("reset", 0.3), Chance("truncated", 0.1)),
            "snegir": (Chance("http_429", 0.6, {"retry_after_s": 2}),),
        },
    ),
}
"""`calm`: nobody misbehaves. `rough`: a bad day. `storm`: many of everything, three stay well."""
