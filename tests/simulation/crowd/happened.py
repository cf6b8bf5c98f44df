"""What happened in a world of several daemons, as its clients, insurers and its store saw it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from osago_core.offer import Declined, Offer
from osago_daemon.storage.memory import MemoryHub
from osago_daemon.storage.port import Key
from tests.simulation.crowd.plan import CrowdPlan, Visit
from tests.simulation.ledger import Request
from tests.simulation.plan import InsurerPlan
from tests.simulation.world import Evidence


class Told(NamedTuple):
    """An event, and when it was told first."""

    line: bytes
    at: float

    @property
    def event(self) -> dict[str, Any]:
        """As a JSON object."""
        params: dict[str, Any] = json.loads(self.line)["params"]
        return params


@dataclass(slots=True, eq=False)
class Record:
    """A run, over all lives of its daemon."""

    id: str
    visit: Visit
    began_at: float
    keys: dict[str, Key]
    """By insurer."""
    deadline_at: float
    """The latest that any life of its daemon had for it."""
    ends_at: datetime
    """The same by the wall clock."""
    told: list[Told] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    """What its client has, which asks for what comes after that when it comes back."""
    stopped_at: float | None = None
    changed: str | None = None
    """What is wrong with what it was told before a kill, as told after it."""
    lives: list[Any] = field(default_factory=list)
    """The lives of its daemon in which it was known, ..."""
    sinces: list[float] = field(default_factory=list)
    """... and from when on."""
    forgotten: bool = False
    """Its daemon came back so late that it may have forgotten it."""
    hear: Callable[[], None] = lambda: None
    """Look whether there is news."""

    def since(self, life: Any) -> float:
        """When this life took it up."""
        return self.sinces[self.lives.index(life)]

    def life_at(self, at: float) -> Any:
        """Who had it then; None: nobody."""
        for life, since in zip(reversed(self.lives), reversed(self.sinces), strict=True):
            if since <= at:
                return life if life.died_at is None or life.died_at >= at else None
        return None

    stays: bool = True
    """Its client is there, as far as the daemon lives."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the insurer saw it."""

    request: Request
    key: Key
    application: str
    """What tells one from another, for certain: a document's number."""
    round: str
    life: Any
    away: bool
    """Its daemon could not use the store when it was begun or sent."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that reached a daemon."""

    outcome: Offer | Declined
    key: Key
    application: str
    at: float
    life: Any


class CallName(NamedTuple):
    """Which call it is."""

    key: Key
    token: int
    life: str | None
    """Whose, where the store does not know of it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of waiting for somebody else's call."""

    call: CallName
    since: float
    at: float
    value: bytes | None
    life: Any


@dataclass(frozen=True, slots=True)
class Finished:
    """A call whose end the store took."""

    value: bytes | None
    at: float


@dataclass
class Happened:
    """All of it."""

    plan: CrowdPlan
    began: float
    hub: MemoryHub
    records: list[Record] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    finished: dict[CallName, Finished] = field(default_factory=dict)
    lives: list[Any] = field(default_factory=list)
    jumps: list[tuple[float, int | None, float]] = field(default_factory=list)
    unstarted: int = 0
    over_at: float = 0.0
    bugs: list[str] = field(default_factory=list)

    def trace(self) -> str:
        """A hash of all that happened, in order."""
        told = [(record.id, record.told) for record in self.records]
        sent = [life.ledger.requests for life in self.lives]
        return sha256(repr((told, sent)).encode()).hexdigest()

    @property
    def creates(self) -> Iterator[Sent]:
        """Those that would make an application, in the order in which they went out."""
        return (sent for sent in self.sent if sent.request.step == "create")

    def now(self, daemon: int | None, at: float) -> datetime:
        """What the wall clock of a daemon showed; None: of the store."""
        by_s = sum(
            by_s for when, whose, by_s in self.jumps if when <= at and whose in {None, daemon}
        )
        return self.plan.starts_at + timedelta(seconds=at - self.began + by_s)

    def insurer(self, id_: str) -> InsurerPlan:
        """Its plan."""
        return next(plan for plan in self.plan.insurers if plan.id == id_)

    @cached_property
    def alone(self) -> list[Evidence]:
        """Each life of a daemon as a world of its own, without runs."""
        return [life.evidence(self) for life in self.lives]
