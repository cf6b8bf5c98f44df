"""One insurer's limits: the counts, the queue for a place, the queue for the windows, their state.

Shared by the two policies that apply them (`policies.py`).

Who would only wait for a ticket waits for its place, outside: a place that is kept meanwhile would
be kept from somebody who goes first, and the order is only kept among those who wait together. So a
place is given when a ticket is there too. Further in there wait only those who have a place already
and come again: they let pass who is of a better class and could have its place now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio

from osago_daemon.resilience.exchange import Exchange
from osago_daemon.resilience.limits.memory import MemoryStore
from osago_daemon.resilience.limits.port import MAX_PAUSE_S, UNKNOWN, Lease, Store, Ticket, Wait
from osago_daemon.resilience.limits.queue import Queue
from osago_daemon.resilience.numbers import LimitNumbers

AFTER_OTHERS = Wait(UNKNOWN, "limits")
"""Somebody in the other queue is served first; when it leaves, this queue is woken."""


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
    """Exchanges that wait for it; the windows have one number together."""
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
            expired=self._expired_for_place,
            clock=clock,
        )
        self.tickets: Queue[Ticket] = Queue(
            "limits",
            take=store.take,
            outlook=self._outlook_of_ticket,
            expired=self._outlook_of_ticket,
            clock=clock,
        )
        self.places.gate = self._gate
        self.tickets.gate = self._gate_further_in
        self.places.changed = self.tickets.wake
        self.tickets.changed = self.places.wake
        store.listen(ticket=self._wake, lease=self.places.wake)

    def follow(self, numbers: LimitNumbers) -> None:
        """Let these numbers hold from now on, also for those who wait and who are under way."""
        self.numbers = numbers
        self._store.allow(numbers)
        self.tickets.look_again()
        self.places.look_again()
        self._wake()

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long, `MAX_PAUSE_S` at most: they asked for it."""
        self._store.pause(self.clock() + min(seconds, MAX_PAUSE_S))
        self.tickets.look_again()
        self.places.look_again()

    def resume(self) -> None:
        """End a pause now, whatever they asked for."""
        self._store.resume()
        self._wake()

    def status(self, now: float) -> tuple[LimitState, ...]:
        """Every limit that is set, shortest window first, `at_once` last; `now` by its clock."""
        paused_for_s = max(0.0, self._store.paused_until() - now)
        levels = self._store.levels(now)
        outside = self.places.waiting
        for_place = 0 if levels[-1].left else outside  # with places left, it is tickets they lack
        for_ticket = outside - for_place + self.tickets.waiting
        return tuple(
            LimitState(
                name=level.limit,
                limit=level.most,
                left=level.left,
                free_in_s=None if level.free_at == UNKNOWN else max(0.0, level.free_at - now),
                waiting=for_place if level.limit == "at_once" else for_ticket,
                paused_for_s=paused_for_s,
            )
            for level in levels
        )

    def snapshot(self, wall_s: float) -> dict[str, object]:
        """What a restart must not forget, as JSON values; `wall_s` is Unix time now."""
        return self._store.snapshot(self.clock(), wall_s)

    def load(self, data: object, wall_s: float) -> None:
        """Take a snapshot in, beside what counts already. Junk: ValueError, nothing changed."""
        self._store.load(data, self.clock(), wall_s)

    def _wake(self) -> None:
        self.tickets.wake()
        self.places.wake()

    def _gate(self, exchange: Exchange[Any], now: float) -> Wait | None:
        """Whether a place would only be kept while waiting for a ticket."""
        if self.tickets.ahead_of_new(exchange):
            return AFTER_OTHERS
        return None if self._store.has_room(now) else self._store.forecast(0, now)

    def _gate_further_in(self, exchange: Exchange[Any], now: float) -> Wait | None:
        """Whether there is a ticket that somebody outside goes first for."""
        passed = self.places.has_before(exchange) and self._store.has_room(now)
        return AFTER_OTHERS if passed and self._store.levels(now)[-1].left else None

    def _outlook_of_ticket(self, _exchange: Exchange[Any], ahead: int, now: float) -> Wait:
        return self._store.forecast(ahead, now)

    def _outlook_of_place(self, exchange: Exchange[Any], ahead: int, now: float) -> Wait:
        """A place is no use without a ticket: both queues are ahead of it."""
        return self._store.forecast(ahead + self.tickets.ahead_of_new(exchange), now)

    def _expired_for_place(self, exchange: Exchange[Any], ahead: int, now: float) -> Wait:
        if self._store.levels(now)[-1].left:
            return self._outlook_of_place(exchange, ahead, now)
        return Wait(UNKNOWN, "at_once")
