"""What really happened, as the insurers and the wire saw it: the evidence that is judged."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from anyio import current_time

from osago_core.offer import Declined, Offer
from osago_daemon.resilience.breaker import Breaker
from osago_daemon.resilience.breaker.change import Change

CANCELLED = "cancelled"
ANSWERED = "answered"
PENDING = "pending"


@dataclass(slots=True)
class Request:
    """One request on the wire. Moments are seconds on the world's clock; None: never."""

    number: int
    insurer: str
    run: str
    exchange: int
    """Requests of one exchange are an attempt and its retries."""
    nth: int
    step: str
    key: str
    repeatable: bool
    breaker: str
    """The state of its breaker when it was sent."""
    probes: int
    """If that is half open: attempts under way of the same half-open time, this one included."""
    sent_at: float
    deadline_at: float
    arrived_at: float | None = None
    left_at: float | None = None
    """When the insurer had answered, or saw us hang up."""
    acted: bool = False
    """The insurer made an application out of it."""
    ended_at: float | None = None
    result: str | None = None
    """`ANSWERED`, `PENDING`, `CANCELLED` (also by our timeout), or the kind of trouble."""
    retry_after_s: float | None = None
    """What the insurer asked for, with a trouble or with a "not yet"."""
    text: str | None = None
    """What the insurer's trouble said."""
    let_go_at: float | None = None
    """When nobody waited for it any more, though it went on: it must not be broken off."""

    def as_waited_for(self) -> "Request":
        """The same as whoever sent it knows it: cut off where nobody waited any more."""
        if self.let_go_at is None:
            return self
        return replace(self, ended_at=self.let_go_at, result=CANCELLED)


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision that reached us."""

    outcome: Offer | Declined
    at: float


@dataclass(slots=True)
class Ledger:
    """Everything that the insurers of one world saw."""

    requests: list[Request] = field(default_factory=list)
    answers: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)
    """By run and insurer."""
    transitions: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    """By insurer: when its breaker became what."""
    changes: dict[str, list[tuple[float, Change]]] = field(default_factory=dict)
    """The same with its reasons and how long it is to be left alone."""
    decided: dict[tuple[str, str], float] = field(default_factory=dict)
    """By run and insurer: from when on a poll brings the decision."""
    exchanges: int = 0
    runs: dict[str, str] = field(default_factory=dict)
    """The latest run by its application's fingerprint."""

    def of(self, insurer: str) -> Iterator[Request]:
        """Its requests in the order they were sent, logging in left out."""
        return (r for r in self.requests if r.insurer == insurer and r.step != "login")

    def listen(self, breaker: Breaker, insurer: str) -> None:
        """Note every change of a breaker."""
        turns = self.transitions[insurer] = []
        changes = self.changes[insurer] = []

        def note(change: Change) -> None:
            turns.append((current_time(), change.new.value))
            changes.append((current_time(), change))

        breaker.listeners.append(note)

    def let_go(self, exchange: int, nth: int) -> None:
        """Nobody waits for this attempt any more."""
        for request in reversed(self.requests):
            if (request.exchange, request.nth) == (exchange, nth):
                if request.ended_at is None:
                    request.let_go_at = current_time()
                return

    def between(self, run: str, insurer: str) -> list[Request]:
        """All requests of one run to one insurer."""
        return [r for r in self.requests if (r.run, r.insurer) == (run, insurer)]
