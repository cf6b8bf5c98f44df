"""What the `insurers.*` handlers have in common: an insurer's health in words of the wire.

The policies count in seconds of the event loop's clock; people and programs want moments.
"""

from datetime import datetime, timedelta

from osago_core.wire.methods import BreakerResult, BreakerStatus, InsurerStatus, LimitStatus
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.resilience.limits.limiter import LimitState


def insurer_status(insurer: Insurer, now: datetime) -> InsurerStatus:
    """How it is doing, at the wall-clock time `now`."""
    record, limiter = insurer.outcomes, insurer.pipeline.limiter
    states = limiter.status(limiter.clock())
    return InsurerStatus(
        id=insurer.id,
        name=insurer.name,
        via=insurer.via and insurer.via.id,
        breaker=breaker_status(insurer, now),
        latency=record.latency(),
        answered=record.answered,
        failed=record.failed,
        failures=record.failures(),
        limits=tuple(_limit(state, now) for state in states),
        paused_until=_after(now, max(state.paused_for_s for state in states) or None),
        waiting=limiter.places.waiting + limiter.tickets.waiting,
        last_error=record.last_error,
        last_error_at=record.last_error_at,
    )


def breaker_result(insurer: Insurer, now: datetime) -> BreakerResult:
    """What became of it by hand, and for whom else: all who are asked for through one."""
    source = insurer.via or insurer
    return BreakerResult(
        insurer=insurer.id,
        breaker=breaker_status(insurer, now),
        via=insurer.via and insurer.via.id,
        members=tuple(source.members) or None,
    )


def breaker_status(insurer: Insurer, now: datetime) -> BreakerStatus:
    """Whether an insurer is being asked, at the wall-clock time `now`."""
    breaker, clock = insurer.pipeline.breaker, insurer.pipeline.clock
    state, since = breaker.state, breaker.since
    return BreakerStatus(
        state=state.value,
        since=_after(now, None if since is None else since - clock()),
        open_until=_after(now, breaker.free_in_s() if breaker.opened else None),
        judged=breaker.judged,
        failures=breaker.failures,
        slow=breaker.slow,
    )


def _limit(state: LimitState, now: datetime) -> LimitStatus:
    return LimitStatus(
        limit=state.name,
        of=state.limit,
        left=state.left,
        free_at=None if state.left else _after(now, state.free_in_s),
    )


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
