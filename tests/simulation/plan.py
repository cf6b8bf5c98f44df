"""What a seed stands for: insurers with their numbers and weather, and who asks them when.

Everything is drawn here, before anything runs, so that a world is data and can be changed by hand:
a test that wants one insurer well or a limit gone replaces that one part.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random

from osago_daemon.resilience.exchange import Rank
from osago_daemon.resilience.numbers import (
    BreakerNumbers,
    LimitNumbers,
    PacingNumbers,
    PipelineNumbers,
    RetryNumbers,
)

DAY_S = 24 * 3600.0


class Fault(StrEnum):
    """What a request may meet; the same as in the sandbox, seen from our side of the wire."""

    SERVER_ERROR = "500"
    UNAVAILABLE = "503 with Retry-After"
    THROTTLED = "429"
    THROTTLED_UNTIL = "429 with Retry-After"
    REFUSED = "connect refused"
    RESET_BEFORE = "reset before they read it"
    RESET_AFTER = "reset after they acted on it"
    HANG = "hang"
    DRIP = "drip"
    GARBAGE = "garbage"
    LOGIN = "401"


Mix = dict[Fault, float]
"""The share of requests that meet each fault; the rest are served."""

WEATHERS: dict[str, tuple[Mix, float]] = {
    "fine": ({}, 1.0),
    "rough": (
        {
            Fault.SERVER_ERROR: 0.04,
            Fault.UNAVAILABLE: 0.02,
            Fault.THROTTLED_UNTIL: 0.04,
            Fault.RESET_BEFORE: 0.02,
            Fault.RESET_AFTER: 0.02,
            Fault.LOGIN: 0.02,
            Fault.DRIP: 0.02,
        },
        1.0,
    ),
    "dead": ({Fault.REFUSED: 1.0}, 1.0),
    "all 5xx": ({Fault.SERVER_ERROR: 1.0}, 1.0),
    "slow": ({}, 10.0),
    "resets": ({Fault.RESET_BEFORE: 0.15, Fault.RESET_AFTER: 0.15}, 1.0),
    "logged out": ({Fault.LOGIN: 0.3}, 1.0),
    "429 storm": ({Fault.THROTTLED_UNTIL: 0.2, Fault.THROTTLED: 0.2}, 1.0),
    "throttling": ({Fault.THROTTLED: 0.4, Fault.THROTTLED_UNTIL: 0.4}, 1.0),
    "hanging": ({Fault.HANG: 0.5, Fault.DRIP: 0.2, Fault.UNAVAILABLE: 0.1}, 2.0),
    "mad": (dict.fromkeys(Fault, 0.08), 2.0),
}
"""By name: the faults, and how many times slower everything is."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A weather that lasts until a moment (seconds from the world's beginning)."""

    weather: str
    until_s: float


@dataclass(frozen=True, slots=True)
class InsurerPlan:
    """One pretend insurer: our numbers for it, and how it really is."""

    id: str
    numbers: PipelineNumbers = field(default_factory=PipelineNumbers)
    pacing: PacingNumbers = field(default_factory=PacingNumbers)
    idempotent: bool = True
    """A repeated create under the same key is the same application."""
    two_steps: bool = True
    has_login: bool = False
    create_s: float = 0.3
    """Median time to answer a create or a poll, besides deciding."""
    decide_s: float = 3.0
    """Median time to decide."""
    spread: float = 0.3
    """Sigma of both (lognormal)."""
    declines: float = 0.1
    """Share of applications that it does not want."""
    network_s: float = 0.05
    """A request arrives at most this long after it was sent; never more than `arrival_s`."""
    own_per_second: int | None = None
    """What it really allows; 429 beyond, whatever we were told."""
    hints: bool = False
    """Says in `Retry-After` when to poll first."""
    phases: tuple[Phase, ...] = ()
    """Afterwards, and without any: fine."""

    def weather_at(self, at_s: float) -> tuple[Mix, float]:
        """The faults and the slowness of a moment."""
        for phase in self.phases:
            if at_s < phase.until_s:
                return WEATHERS[phase.weather]
        return WEATHERS["fine"]


@dataclass(frozen=True, slots=True)
class QuotePlan:
    """One run that a client will start."""

    at_s: float
    client: str
    application: int
    insurers: tuple[str, ...]
    deadline_s: float
    rank: Rank = Rank.INTERACTIVE
    cancel_after_s: float | None = None
    leave_after_s: float | None = None
    """Stops watching, and cares no more."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """Somebody takes an insurer out by hand for a while."""

    insurer: str
    at_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole world before it begins."""

    seed: int
    insurers: tuple[InsurerPlan, ...]
    quotes: tuple[QuotePlan, ...]
    isolations: tuple[Isolation, ...] = ()
    drain_at_s: float | None = None
    epoch_s: float = 0.0
    """What the monotonic clock shows at the beginning: large ones have coarser fractions."""

    def but(self, insurer: str, **changes: object) -> "Plan":
        """The same world with one insurer changed."""
        return replace(
            self,
            insurers=tuple(
                replace(plan, **changes) if plan.id == insurer else plan for plan in self.insurers
            ),
        )


def plan_of(seed: int, runs: int) -> Plan:
    """The world of a seed, with so many runs."""
    random = Random(repr((seed, runs)))
    # Everything at once, over minutes, or over two days.
    lasts_s = random.choice([2.0, 30.0, 300.0, 900.0, 2 * DAY_S])
    insurers = tuple(insurer_of(random, f"i{n}", lasts_s) for n in range(random.randint(1, 4)))
    ids = [insurer.id for insurer in insurers]
    # Equal ones would be asked once: here every run asks for itself.
    quotes = [_quote(random, ids, lasts_s, number) for number in range(runs)]
    isolated = random.random() < 0.2
    return Plan(
        seed=seed,
        insurers=insurers,
        quotes=tuple(sorted(quotes, key=lambda quote: quote.at_s)),
        isolations=(_isolation(random, ids, lasts_s),) if isolated else (),
        drain_at_s=random.uniform(0, lasts_s + 30.0) if random.random() < 0.15 else None,
        epoch_s=random.choice([0.0, 86_400.5, 3e7]),
    )


def insurer_of(random: Random, id_: str, lasts_s: float) -> InsurerPlan:
    """One with numbers and weather drawn for a world that lasts so long."""
    numbers = _numbers(random)
    return InsurerPlan(
        id=id_,
        numbers=numbers,
        pacing=PacingNumbers(
            first_s=random.choice([0.0, 0.5, 2.0]),
            every_s=random.choice([0.5, 1.0, 2.0]),
            least_s=random.choice([0.2, 0.5]),
            learn=random.random() < 0.8,
        ),
        idempotent=random.random() < 0.6,
        two_steps=random.random() < 0.6,
        has_login=random.random() < 0.4,
        create_s=random.choice([0.0, 0.1, 0.5]),
        decide_s=random.choice([0.5, 2.0, 6.0, 15.0]),
        spread=random.choice([0.0, 0.3, 0.8]),
        declines=random.choice([0.0, 0.2]),
        network_s=numbers.limits.arrival_s * random.choice([0.0, 0.3, 1.0]),
        own_per_second=random.choice([None, None, 1, 3]),
        hints=random.random() < 0.3,
        phases=_phases(random, lasts_s),
    )


def _numbers(random: Random) -> PipelineNumbers:
    pick = random.choice
    return PipelineNumbers(
        attempt_timeout_s=pick([2.0, 5.0, 15.0]),
        retry=RetryNumbers(
            attempts=pick([1, 3, 10]),
            budget=pick([0.0, 1.0, 3.0, 10.0]),
            budget_return=pick([0.0, 0.1, 0.5]),
        ),
        breaker=BreakerNumbers(
            window=pick([1, 3, 10]),
            window_s=pick([0.0, 10.0]),
            failure_rate=pick([0.3, 0.5, 1.0]),
            slow_rate=pick([0.5, 0.8, 1.0]),
            slow_s=pick([None, 1.0]),
            open_s=pick([0.5, 3.0, 15.0]),
            max_open_s=pick([15.0, 300.0]),
            jitter=pick([0.0, 0.2]),
            probes=pick([1, 2, 3]),
        ),
        limits=LimitNumbers(
            per_second=pick([None, 1, 2, 5]),
            per_minute=pick([None, None, 6, 30]),
            per_day=pick([None, None, 15, 60]),
            at_once=pick([1, 2, 5, 500]),
            arrival_s=pick([0.0, 0.2, 1.0]),
        ),
    )


def _phases(random: Random, lasts_s: float) -> tuple[Phase, ...]:
    """Some stay well; others have one to three bad times with fine ones between."""
    phases: list[Phase] = []
    end_s = 0.0
    for _ in range(random.choice([0, 1, 2, 3])):
        if random.random() < 0.5:
            end_s += random.uniform(0, lasts_s / 2)
            phases.append(Phase("fine", end_s))
        end_s += random.choice([5.0, lasts_s / 3, 600.0])
        phases.append(Phase(random.choice(sorted(WEATHERS)), end_s))
    return tuple(phases)


def _quote(random: Random, ids: list[str], lasts_s: float, number: int) -> QuotePlan:
    at_s = random.uniform(0, lasts_s)
    if random.random() < 0.3:  # a burst: several at exactly the same moment
        at_s = round(at_s / lasts_s * 4) * lasts_s / 4
    return QuotePlan(
        at_s=at_s,
        client=f"c{random.randrange(4)}",
        application=number,
        insurers=tuple(sorted(random.sample(ids, random.randint(1, len(ids))))),
        deadline_s=random.choice([1.0, 3.0, 10.0, 30.0, 60.0, random.uniform(1.0, 60.0)]),
        rank=random.choice([Rank.INTERACTIVE, Rank.INTERACTIVE, Rank.BATCH]),
        cancel_after_s=random.uniform(0, 20.0) if random.random() < 0.15 else None,
        leave_after_s=random.uniform(0, 20.0) if random.random() < 0.15 else None,
    )


def _isolation(random: Random, ids: list[str], lasts_s: float) -> Isolation:
    return Isolation(
        random.choice(ids), at_s=random.uniform(0, lasts_s), for_s=random.choice([1.0, 60.0])
    )
