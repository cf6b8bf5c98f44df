"""One insurer's limits: the counts, the queue for a place, the queue for the windows, their state.

Shared by the two policies that apply them (`policies.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio

from osago_daemon.resilience.exchange import Exchange
from osago_daemon.resilience.limits.memory import MemoryStore
from osago_daemon.resilience.limits.port import UNKNOWN, Lease, Store, Ticket, Wait
from osago_daemon.resilience.limits.queue import Queue
from osago_daemon.resilience.numbers import LimitNumbers


@dataclass(frozen=True, slots=True)
class LimitState:
    """How it stands with one limit that is set."""

    name: str
    """As in `LimitNumbers`: `per_second`, `per_minute`, `per_day`, `at_once`."""
    limit: int
    left: int
    free_in_s: float | None
    """0 where something is left; None: nobody knows, because answers end it and not time."""
    waiting: int
    """Exchanges in the queue for it; the windows have one queue together."""
    paused_for_s: float
    """The insurer asked to be left alone for so much longer; the same for all its limits."""


class Limiter:
    """Lets exchanges through as the numbers allow, those that wait in their order."""

    def __init__(
        self,
        numbers: LimitNumbers,
        *,
        store: Store | None = None,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        """`store` keeps the counts, by default this process's memory.

        `clock` must run with `anyio.current_time`, on which deadlines are. Exact to what it can
        tell: uvloop's tells milliseconds, `time.monotonic` is the same clock in full.
        """
        self.numbers = numbers
        self.clock = clock
        self._store = store = store or MemoryStore(numbers)
        self.places: Queue[Lease] = Queue(
            "at_once",
            take=store.enter,
            outlook=self._outlook_of_place,
            expired=lambda _exchange, _ahead, _now: Wait(UNKNOWN, "at_once"),
            clock=clock,
        )
        self.tickets: Queue[Ticket] = Queue(
            "limits",
            take=store.take,
            outlook=self._outlook_of_ticket,
            expired=self._outlook_of_ticket,
            clock=clock,
        )
        store.listen(ticket=self.tickets.wake, lease=self.places.wake)

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long: they asked for it."""
        self._store.pause(self.clock() + seconds)
        self.tickets.look_again()
        self.places.look_again()

    def status(self, now: float) -> tuple[LimitState, ...]:
        """Every limit that is set, shortest window first, `at_once` last; `now` by its clock."""
        paused_for_s = max(0.0, self._store.paused_until() - now)
        return tuple(
            LimitState(
                name=level.limit,
                limit=level.most,
                left=level.left,
                free_in_s=None if level.free_at == UNKNOWN else max(0.0, level.free_at - now),
                waiting=(self.places if level.limit == "at_once" else self.tickets).waiting,
                paused_for_s=paused_for_s,
            )
            for level in self._store.levels(now)
        )

    def snapshot(self, wall_s: float) -> dict[str, object]:
        """What a restart must not forget, as JSON values; `wall_s` is Unix time now."""
        return self._store.snapshot(self.clock(), wall_s)

    def load(self, data: object, wall_s: float) -> None:
        """Take a snapshot in, beside what counts already. Junk: ValueError, nothing changed."""
        self._store.load(data, self.clock(), wall_s)

    def _outlook_of_ticket(self, _exchange: Exchange[Any], ahead: int, now: float) -> Wait:
        return self._store.forecast(ahead, now)

    def _outlook_of_place(self, exchange: Exchange[Any], ahead: int, now: float) -> Wait:
        """A place is no use without a ticket: both queues are ahead of it."""
        return self._store.forecast(ahead + self.tickets.ahead_of_new(exchange), now)
