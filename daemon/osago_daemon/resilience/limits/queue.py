"""The queue in front of something scarce. Knows when it is whose turn, not what is scarce.

Each waiter takes for itself when it is first, so nothing is ever handed over and a cancellation at
any moment can lose nothing. The first sleeps until the store expects room, or until it is woken;
all others sleep until they are first. Whoever leaves from the front wakes the next.

A wait that can't end before its deadline is refused at once: on arrival by the forecast for the
whole number ahead, and later, when others came in between or things went slower than they might
have, by going through the queue again. That is done at most every `LOOK_S` per waiter, so that it
never costs more than a small share of the time, and at the deadline at the latest. All can also be
refused at once, by somebody who knows that waiting is of no use.
"""

import math
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeAlias, TypeVar

import anyio

from osago_daemon.resilience.exchange import Exchange
from osago_daemon.resilience.limits.order import Order, class_of
from osago_daemon.resilience.limits.port import UNKNOWN, Wait
from osago_daemon.resilience.trouble import Trouble

T = TypeVar("T")
Clock: TypeAlias = Callable[[], float]
Outlook: TypeAlias = Callable[[Exchange[Any], int, float], Wait]
Gate: TypeAlias = Callable[[Exchange[Any], float], Wait | None]
Blocked: TypeAlias = Callable[[], Trouble | None]

LOOK_S = 1e-4
"""A look at one waiter costs a few microseconds, so all looks a few percent of the time; ten
waiters may be looked at every millisecond, 25,000 every 2.5 s."""
EDGE_S = 1e-6
"""What would be free only so shortly before the deadline is free too late."""


class Waiter:
    """One exchange in the queue."""

    __slots__ = ("event", "exchange", "refused", "waiting")

    def __init__(self, exchange: Exchange[Any]) -> None:
        self.exchange = exchange
        self.event = anyio.Event()
        self.refused: Wait | Trouble | None = None
        self.waiting = True


class Queue(Generic[T]):
    """Lets exchanges take something in their order."""

    def __init__(
        self,
        name: str,
        *,
        take: Callable[[float], Awaitable[T | Wait]],
        outlook: Outlook,
        expired: Outlook,
        clock: Clock,
    ) -> None:
        """`take(now)` takes or says when to try again; cancelled, it has taken nothing.

        `outlook(exchange, ahead, now)` says when at the earliest an exchange that so many precede
        can be through. `expired`, of the same shape, says what one waited for that waited until
        its deadline. `name` is to blame where these blame nothing.
        """
        self._name = name
        self._take = take
        self._outlook = outlook
        self._expired = expired
        self._clock = clock
        self.gate: Gate = _open
        """`gate(exchange, now)` says whether taking is of no use yet, and until when. Who has it
        say `UNKNOWN` has to `wake`."""
        self.changed: Callable[[], None] = _nothing
        """Hears of everybody who leaves; must return at once and never raise."""
        self._order: Order[Waiter] = Order()
        self._stale = False
        self._look_at = -math.inf

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._order.waiting

    def ahead_of_new(self, exchange: Exchange[Any]) -> int:
        """How many would be served before this exchange if it came now."""
        return self._order.ahead_of_new(exchange)

    def has_before(self, exchange: Exchange[Any]) -> bool:
        """Whether somebody of a better class waits here."""
        first = self._order.first()
        return first is not None and class_of(first.exchange) < class_of(exchange)

    async def get(
        self, exchange: Exchange[Any], blocked: Blocked | None = None
    ) -> T | Wait | Trouble:
        """What is scarce, or a `Wait` that does not fit the exchange's deadline.

        Where it would have to wait, what `blocked` says, if anything; see `refuse` for later.
        """
        if not self._order.waiting:  # nobody to pass: no event, no scope
            now = self._clock()
            if self.gate(exchange, now) is None:
                got = await self._take(now)
                if not isinstance(got, Wait):
                    return got
        if blocked is not None:
            trouble = blocked()
            if trouble is not None:
                return trouble
        return await self._get_in_turn(exchange)

    def wake(self) -> None:
        """There may be something to take, earlier than it was said."""
        first = self._order.first()
        if first is not None:
            first.event.set()

    def look_again(self) -> None:
        """Things may have got worse for those who wait: tell those who can't make it now."""
        if self._order.waiting:
            self._stale = True
            if not self._look_if_due(self._clock()):
                self.wake()  # the first one sees to it when it is due

    def refuse(self, blocked: Blocked) -> None:
        """Release everybody with what `blocked` says, asked anew for each, until it is nothing."""
        for waiter in list(self._order):
            trouble = blocked()
            if trouble is None:
                return
            if waiter.waiting:
                self._release(waiter, trouble)

    async def _get_in_turn(self, exchange: Exchange[Any]) -> T | Wait | Trouble:
        now = self._clock()
        ahead = self._order.ahead_of_new(exchange)
        wait = self._outlook(exchange, ahead, now)
        if _too_late(wait, exchange):
            return self._blamed(wait)
        waiter = Waiter(exchange)
        overtakes = ahead < self._order.waiting
        self._order.join(exchange, waiter)
        served = False
        try:
            if overtakes:
                self.look_again()
            if overtakes and not ahead:  # there may be some that nobody else may take
                got: T | Wait | Trouble = await self._try(waiter)
                if not isinstance(got, Wait):
                    served = True
                    return got
            exchange.observer.queued(wait.free_at - now)
            got = await self._turn(waiter)
            served = not isinstance(got, (Wait, Trouble))
            return got
        finally:
            self._leave(waiter, served=served)

    async def _turn(self, waiter: Waiter) -> T | Wait | Trouble:
        """Sleep until it is first and there is something to take, or until it is too late."""
        deadline_at = waiter.exchange.deadline.at
        while waiter.refused is None:
            if waiter.event.is_set():
                waiter.event = anyio.Event()  # whatever is freed from here on wakes it
            wake_at = deadline_at
            if self._order.first() is waiter and not self._look_if_due(self._clock()):
                got = await self._try(waiter)
                if not isinstance(got, Wait):
                    return got
                if math.isfinite(got.free_at) and _too_late(got, waiter.exchange):
                    return got
                wake_at = min(wake_at, got.free_at, self._look_at if self._stale else wake_at)
            with anyio.CancelScope(deadline=wake_at):
                await waiter.event.wait()
            if waiter.waiting and self._clock() >= deadline_at:
                return self._at_deadline(waiter)
        return waiter.refused

    async def _try(self, waiter: Waiter) -> T | Wait:
        now = self._clock()
        return self.gate(waiter.exchange, now) or await self._take(now)

    def _leave(self, waiter: Waiter, *, served: bool) -> None:
        if not waiter.waiting:
            return
        was_first = self._order.first() is waiter
        waiter.waiting = False
        if served:
            self._order.serve(waiter.exchange, waiter)
            self._stale = True  # it may have been later than it was forecast
        else:
            self._order.withdraw(waiter.exchange, waiter)
        if was_first:
            self.wake()
        self.changed()

    def _look_if_due(self, now: float) -> bool:
        """Refuse those who can't make it any more; whether it was time for that."""
        if not self._stale or now < self._look_at:
            return False
        self._stale = False
        self._look_at = now + LOOK_S * self._order.waiting
        ahead = 0
        refused = []
        for waiter in self._order:
            wait = self._outlook(waiter.exchange, ahead, now)
            if _too_late(wait, waiter.exchange):
                refused.append((waiter, self._blamed(wait)))
            else:
                ahead += 1
        for waiter, wait in refused:
            self._release(waiter, wait)
        self.wake()
        return True

    def _release(self, waiter: Waiter, refusal: Wait | Trouble) -> None:
        waiter.refused = refusal
        self._leave(waiter, served=False)
        waiter.event.set()

    def _at_deadline(self, waiter: Waiter) -> Wait:
        """What it waited for, and when its like would be through now."""
        ahead = self._order.ahead_of_new(waiter.exchange) - 1  # it is still there itself
        return self._blamed(self._expired(waiter.exchange, ahead, self._clock()))

    def _blamed(self, wait: Wait) -> Wait:
        return wait if wait.limit else Wait(UNKNOWN, self._name)


def _open(_exchange: Exchange[Any], _now: float) -> None:
    """The gate of a queue without one."""


def _nothing() -> None:
    """Nobody wants to know."""


def _too_late(wait: Wait, exchange: Exchange[Any]) -> bool:
    return wait.free_at + EDGE_S >= exchange.deadline.at
