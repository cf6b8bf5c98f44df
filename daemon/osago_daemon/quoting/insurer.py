"""One insurer as quoting knows it: who it is, how to ask it, and how it has been doing."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from statistics import quantiles

from osago_core.offer import Declined, Failed, FailureKind, Offer, Outcome
from osago_core.wire.methods import BreakerStatus, LatencyStatus
from osago_daemon.insurers.port import Adapter
from osago_daemon.resilience.guard import Guard

REMEMBERED_ANSWERS = 200
"""Enough for steady quantiles; a desk sees 5 to 50 quotes a day."""


@dataclass(slots=True)
class Record:
    """How an insurer answered lately. Nothing of what it answered."""

    answer_times_ms: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED_ANSWERS))
    last_error: FailureKind | None = None
    last_error_at: datetime | None = None

    def note(self, outcome: Outcome, elapsed_ms: int, at: datetime) -> None:
        """Remember one outcome, unless it says nothing about the insurer."""
        match outcome:
            case Offer() | Declined():
                self.answer_times_ms.append(elapsed_ms)
            case Failed(kind=FailureKind.UNAVAILABLE | FailureKind.INTERNAL):
                pass
            case Failed(kind=kind):
                self.last_error, self.last_error_at = kind, at

    def latency(self) -> LatencyStatus | None:
        """Quantiles of the remembered answer times; None before the first answer."""
        times = self.answer_times_ms
        if not times:
            return None
        tenths = quantiles(times, n=10, method="inclusive") if len(times) > 1 else [times[0]] * 9
        return LatencyStatus(answers=len(times), p50_ms=round(tenths[4]), p90_ms=round(tenths[8]))


@dataclass(frozen=True, slots=True)
class Insurer:
    """An insurer that can be asked."""

    id: str
    name: str
    adapter: Adapter
    guard: Guard
    record: Record = field(default_factory=Record)

    def breaker_status(self) -> BreakerStatus:
        """Whether it is being asked at all."""
        breaker = self.guard.breaker
        return BreakerStatus(
            state=breaker.state,
            open_until=breaker.open_until if breaker.opened else None,
            failures_in_row=breaker.failure_count,
        )
