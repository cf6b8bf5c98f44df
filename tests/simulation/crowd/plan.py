"""What a seed stands for with several daemons: who asks which of them what, and what befalls them.

The insurers are those of `tests.simulation.plan`. Applications are few, so that they meet.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Literal

from osago_daemon.resilience.exchange import Rank
from tests.simulation.plan import InsurerPlan, insurer_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BEFORE_MIDNIGHT = datetime(2026, 11, 22, 20, 59, 50, tzinfo=UTC)
"""In Moscow, which is three hours ahead."""
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Visit:
    """One run that a client will start at one of the daemons."""

    at_s: float
    daemon: int
    application: int
    insurers: tuple[str, ...]
    deadline_s: float
    cache: Literal["use", "refresh", "only"] = "use"
    client: str = "c0"
    rank: Rank = Rank.INTERACTIVE
    cancel_after_s: float | None = None
    leave_after_s: float | None = None
    """Hangs up then, ..."""
    back_after_s: float | None = None
    """... and asks for the rest so much later; None: never."""


@dataclass(frozen=True, slots=True)
class Kill:
    """kill -9 of a daemon, which is started again under its name `down_s` later; None: never."""

    daemon: int
    at_s: float
    down_s: float | None


@dataclass(frozen=True, slots=True)
class Drain:
    """A daemon is stopped as it should be, and not started again."""

    daemon: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Jump:
    """A wall clock is put on or back: one daemon's, or everybody's and the store's."""

    daemon: int | None
    at_s: float
    by_s: float


@dataclass(frozen=True, slots=True)
class Outage:
    """One daemon, or nobody, can use the store."""

    daemon: int | None
    at_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """A whole world before it begins."""

    seed: int
    insurers: tuple[InsurerPlan, ...]
    visits: tuple[Visit, ...]
    daemons: int = 1
    kills: tuple[Kill, ...] = ()
    drains: tuple[Drain, ...] = ()
    jumps: tuple[Jump, ...] = ()
    outages: tuple[Outage, ...] = ()
    starts_at: datetime = NOON


def crowd_of(seed: int, runs: int, *, outages: bool = False) -> CrowdPlan:
    """The world of a seed, with so many runs."""
    random = Random(repr(("crowd", seed, runs)))
    lasts_s = random.choice([2.0, 20.0, 120.0])
    daemons = random.randint(1, 4)
    insurers = tuple(insurer_of(random, f"i{n}", lasts_s) for n in range(random.randint(1, 3)))
    ids = [insurer.id for insurer in insurers]
    applications = random.randint(1, 4)
    visits = [_visit(random, ids, lasts_s, daemons, applications) for _ in range(runs)]
    return CrowdPlan(
        seed=seed,
        insurers=insurers,
        visits=tuple(sorted(visits, key=lambda visit: visit.at_s)),
        daemons=daemons,
        kills=_kills(random, daemons, lasts_s),
        drains=_drains(random, daemons, lasts_s),
        jumps=_jumps(random, daemons, lasts_s),
        outages=_outages(random, daemons, lasts_s) if outages else (),
        starts_at=random.choice([NOON, NOON, BEFORE_MIDNIGHT]),
    )


def _visit(
    random: Random, ids: list[str], lasts_s: float, daemons: int, applications: int
) -> Visit:
    at_s = random.uniform(0, lasts_s)
    if random.random() < 0.4:  # a burst: several at exactly the same moment
        at_s = round(at_s / lasts_s * 4) * lasts_s / 4
    return Visit(
        at_s=at_s,
        daemon=random.randrange(daemons),
        application=random.randrange(applications),
        insurers=tuple(sorted(random.sample(ids, random.randint(1, len(ids))))),
        deadline_s=random.choice([1.0, 3.0, 10.0, 30.0, 60.0, random.uniform(1.0, 60.0)]),
        cache=random.choice(["use", "use", "use", "use", "refresh", "only"]),
        client=f"c{random.randrange(4)}",
        rank=random.choice([Rank.INTERACTIVE, Rank.INTERACTIVE, Rank.BATCH]),
        cancel_after_s=random.uniform(0, 20.0) if random.random() < 0.15 else None,
        leave_after_s=random.uniform(0, 10.0) if random.random() < 0.3 else None,
        back_after_s=random.choice([None, random.uniform(0, 30.0)]),
    )


def _kills(random: Random, daemons: int, lasts_s: float) -> tuple[Kill, ...]:
    return tuple(
        Kill(
            random.randrange(daemons),
            random.uniform(0, lasts_s + 10.0),
            random.choice([0.0, 0.5, 3.0, 20.0, 90.0, None]),
        )
        for _ in range(random.choice([0, 1, 1, 2, 4]))
    )


def _drains(random: Random, daemons: int, lasts_s: float) -> tuple[Drain, ...]:
    if random.random() < 0.8:
        return ()
    return (Drain(random.randrange(daemons), random.uniform(0, lasts_s + 10.0)),)


def _jumps(random: Random, daemons: int, lasts_s: float) -> tuple[Jump, ...]:
    return tuple(
        Jump(
            random.choice([None, random.randrange(daemons)]),
            random.uniform(0, lasts_s + 5.0),
            random.choice([HOUR_S, -HOUR_S, 10 * HOUR_S, -13 * HOUR_S, 1.0, -5.0]),
        )
        for _ in range(random.choice([0, 0, 0, 1, 2]))
    )


def _outages(random: Random, daemons: int, lasts_s: float) -> tuple[Outage, ...]:
    return tuple(
        Outage(
            random.choice([None, random.randrange(daemons)]),
            random.uniform(0, lasts_s),
            random.choice([0.5, 5.0, 30.0]),
        )
        for _ in range(random.choice([1, 1, 2]))
    )
