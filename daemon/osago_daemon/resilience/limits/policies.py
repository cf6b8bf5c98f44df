"""The two policies that apply an insurer's limits: a place for each exchange, a ticket an attempt.

They share one `Limiter`. What does not fit the deadline comes back at once as `OVER_LIMIT`.
"""

import math
from collections.abc import Callable
from typing import Any

from osago_daemon.resilience.exchange import Answered, Exchange, Result, Step
from osago_daemon.resilience.limits.limiter import Limiter
from osago_daemon.resilience.limits.port import FREE, PAUSE, Ticket, Wait
from osago_daemon.resilience.trouble import Trouble, TroubleKind

UNANSWERED = frozenset({TroubleKind.TIMEOUT, TroubleKind.RESET, TroubleKind.CONNECT})
"""What was sent may still arrive after the first two. After a failed connect it can't: it costs
nothing, and the breaker keeps a queue from knocking at a closed door as fast as it can."""


class BulkheadPolicy:
    """At most `at_once` exchanges under way, each with all its retries."""

    name = "bulkhead"
    keys = ("limits.at_once",)

    def __init__(
        self, limiter: Limiter, *, blocked: Callable[[], Trouble | None] | None = None
    ) -> None:
        """`blocked` says what would be refused with further in, each time in a trouble of its own.

        Who would have to wait hears it at once; who waits, when somebody calls `changed`.
        """
        self._limiter = limiter
        self._blocked = blocked

    def changed(self, _change: object = None) -> None:
        """What `blocked` says may have changed. Returns at once; may be a breaker's listener."""
        if self._blocked is not None:
            self._limiter.places.refuse(self._blocked)

    async def run(self, exchange: Exchange[Any], inner: Step) -> Result:
        """Wait for a place, keep it until `inner` is through."""
        lease = await self._limiter.places.get(exchange, self._blocked)
        if isinstance(lease, (Wait, Trouble)):
            return _refused(self._limiter, lease)
        try:
            return await inner(exchange)
        finally:
            lease.leave()


class RateLimitPolicy:
    """A ticket for each attempt, and silence when they ask for it."""

    name = "rate limit"
    keys = ("limits.per_second", "limits.per_minute", "limits.per_day", "limits.arrival_s")

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._clock = limiter.clock

    async def run(self, exchange: Exchange[Any], inner: Step) -> Result:
        """Wait for a ticket; an attempt that is never sent gives it back."""
        ticket = await self._limiter.tickets.get(exchange)
        if isinstance(ticket, (Wait, Trouble)):
            return _refused(self._limiter, ticket)
        if ticket is FREE:
            result = await inner(exchange)
        else:
            result = await self._counted(exchange, ticket, inner)
        if isinstance(result, Trouble):
            self._heed(result)
        return result

    async def _counted(self, exchange: Exchange[Any], ticket: Ticket, inner: Step) -> Result:
        clock, send = self._clock, exchange.send

        async def sending() -> Any:
            ticket.sent(clock())
            try:
                return await send()
            except Trouble as trouble:
                if trouble.kind is TroubleKind.BROKEN_OFF:  # by a policy further out, in its turn
                    ticket.unsent()
                raise

        try:
            result = await inner(exchange.sent_by(sending))
        except BaseException:  # cancelled, or a bug
            ticket.abandoned()
            raise
        if isinstance(result, Answered) or result.kind not in UNANSWERED:
            ticket.answered(clock())
        elif result.kind is TroubleKind.CONNECT:
            ticket.unreached(clock())
        else:
            ticket.abandoned()
        return result

    def _heed(self, trouble: Trouble) -> None:
        if trouble.kind is TroubleKind.THROTTLED and trouble.retry_after_s:
            self._limiter.pause(trouble.retry_after_s)


def _refused(limiter: Limiter, wait: Wait | Trouble) -> Trouble:
    if isinstance(wait, Trouble):
        return wait
    if wait.limit == PAUSE:
        what = "they asked to be left alone until after the deadline"
    else:
        most = getattr(limiter.numbers, wait.limit, None)
        named = wait.limit if most is None else f"{wait.limit} = {most}"
        what = f"{named} leaves no room before the deadline"
    known = math.isfinite(wait.free_at)
    retry_after_s = max(0.0, wait.free_at - limiter.clock()) if known else None
    return Trouble(TroubleKind.OVER_LIMIT, what, retry_after_s=retry_after_s)
