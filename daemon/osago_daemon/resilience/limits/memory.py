"""The counts of one insurer in this process's memory: windows, places, pause.

Nothing here waits. What survives a restart is said in wall-clock time by `snapshot`.
"""

import math
from collections.abc import Callable
from itertools import accumulate, pairwise

from osago_daemon.resilience.limits.log import Window, WindowLog
from osago_daemon.resilience.limits.port import (
    FREE,
    MAX_PAUSE_S,
    PAUSE,
    UNKNOWN,
    Lease,
    Level,
    Ticket,
    Wait,
)
from osago_daemon.resilience.numbers import LimitNumbers

WINDOWS_S = {"per_second": 1.0, "per_minute": 60.0, "per_day": 86400.0}


class MemoryLease:
    """One of the places of a `MemoryStore`."""

    __slots__ = ("_store",)

    def __init__(self, store: "MemoryStore") -> None:
        self._store = store

    def leave(self) -> None:
        """See `Lease`."""
        self._store.inside -= 1
        self._store.lease_freed()


class MemoryStore:
    """Implements `Store` for one process."""

    def __init__(self, numbers: LimitNumbers) -> None:
        """Nothing is used yet."""
        self.log = WindowLog(_windows(numbers), numbers.arrival_s, self._ticket_freed)
        self.inside = 0
        self._at_once = numbers.at_once
        self._paused_until = -math.inf
        self._on_ticket: list[Callable[[], None]] = []
        self._on_lease: list[Callable[[], None]] = []

    def allow(self, numbers: LimitNumbers) -> None:
        """See `Store`."""
        self.log.become(_windows(numbers), numbers.arrival_s)
        self._at_once = numbers.at_once

    async def take(self, now: float) -> Ticket | Wait:
        """See `Store`."""
        if not self.has_room(now):
            return self.forecast(0, now)
        return self.log.take() if self.log.windows else FREE

    async def enter(self, now: float) -> Lease | Wait:  # noqa: ARG002  # the port's signature
        """See `Store`."""
        if self.inside >= self._at_once:
            return Wait(UNKNOWN, "at_once")
        self.inside += 1
        return MemoryLease(self)

    def has_room(self, now: float) -> bool:
        """See `Store`."""
        return now >= self._paused_until and self.log.has_room(now)

    def forecast(self, ahead: int, now: float) -> Wait:
        """See `Store`."""
        if self._paused_until <= now:
            return self.log.forecast(ahead, now, now)
        wait = self.log.forecast(ahead, now, self._paused_until)
        return wait if wait.limit else Wait(wait.free_at, PAUSE)

    def pause(self, until: float) -> None:
        """See `Store`."""
        self._paused_until = max(self._paused_until, until)

    def resume(self) -> None:
        """See `Store`."""
        self._paused_until = -math.inf

    def paused_until(self) -> float:
        """See `Store`."""
        return self._paused_until

    def levels(self, now: float) -> tuple[Level, ...]:
        """See `Store`."""
        levels = [self.log.level(window, now) for window in self.log.windows]
        left = max(0, self._at_once - self.inside)
        return (*levels, Level("at_once", self._at_once, left, now if left else UNKNOWN))

    def listen(self, *, ticket: Callable[[], None], lease: Callable[[], None]) -> None:
        """See `Store`."""
        self._on_ticket.append(ticket)
        self._on_lease.append(lease)

    def _ticket_freed(self) -> None:
        """A place in the windows was given back."""
        for hear in self._on_ticket:
            hear()

    def lease_freed(self) -> None:
        """A place among those under way was given back."""
        for hear in self._on_lease:
            hear()

    def snapshot(self, now: float, wall_s: float) -> dict[str, object]:
        """See `Store`. Milliseconds, rounded up so that nothing is forgotten too early.

        `{"paused_until_ms": 1767225600000 | null, "ends_ms": [first, after, after, …]}`: each end
        but the first as the time after the one before it, which keeps 100,000 of them short.
        """
        ends = [_wall_ms(end - now + wall_s) for end in sorted(self.log.known_ends(now))]
        return {
            "paused_until_ms": (
                _wall_ms(self._paused_until - now + wall_s) if self._paused_until > now else None
            ),
            "ends_ms": [*ends[:1], *(after - before for before, after in pairwise(ends))],
        }

    def load(self, data: object, now: float, wall_s: float) -> None:
        """See `Store`."""
        paused_ms, ends_ms = _read(data)
        to_now = now - wall_s
        if self.log.windows:
            self.log.add_ends([ms / 1000 + to_now for ms in accumulate(ends_ms)], now)
        if paused_ms is not None:
            self.pause(min(paused_ms / 1000 + to_now, now + MAX_PAUSE_S))


def _windows(numbers: LimitNumbers) -> list[Window]:
    return [
        Window(name, most, period_s)
        for name, period_s in WINDOWS_S.items()
        if (most := getattr(numbers, name)) is not None
    ]


def _wall_ms(wall_s: float) -> int:
    return math.ceil(wall_s * 1000)


def _read(data: object) -> tuple[int | None, list[int]]:
    """The pause's end and the log out of a snapshot."""
    match data:
        case {"paused_until_ms": int() | None as paused_ms, "ends_ms": list() as ends_ms, **rest}:
            pass
        case _:
            raise ValueError("not a snapshot of an insurer's limits")
    if rest:
        raise ValueError("more than a snapshot of an insurer's limits")
    for ms in (0 if paused_ms is None else paused_ms, *ends_ms):
        if type(ms) is not int or not 0 <= ms < 2**53:
            raise ValueError("a moment in the snapshot of an insurer's limits is none")
    return paused_ms, ends_ms
