"""How one insurer answered lately. Owns counts and times; must not know what was answered.

Nothing here is about a person: kinds of outcomes, durations, one moment. So it may be kept in a
file, and it is, because a desk's few quotes a day would take a week to tell as much again.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from statistics import quantiles
from typing import Any

from osago_core.offer import Declined, Failed, FailureKind, Offer, Outcome
from osago_core.wire.methods import LatencyStatus

REMEMBERED = 200
"""Enough for steady quantiles, and recent enough to speak of now: a desk sees 5 to 50 quotes a
day."""

LONGEST_MS = 86_400_000
"""No answer takes a day; a file that says so is not ours."""

_SAYS_NOTHING = frozenset({FailureKind.UNAVAILABLE, FailureKind.INTERNAL})
"""Failures of an insurer that was not asked, or of ourselves."""


class Answer(StrEnum):
    """An outcome that is an answer. The values are what is stored."""

    OFFER = "offer"
    DECLINED = "declined"


Kind = Answer | FailureKind


@dataclass(slots=True)
class Record:
    """The latest outcomes and answer times."""

    kinds: deque[Kind] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """Of the latest outcomes, oldest first."""
    answer_times_ms: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """Of the latest answers, oldest first; failures have none, so it reaches back further."""
    last_error: FailureKind | None = None
    last_error_at: datetime | None = None

    def note(self, outcome: Outcome, elapsed_ms: int, at: datetime) -> None:
        """Remember one outcome, unless it says nothing about the insurer."""
        match outcome:
            case Offer():
                self._answered(Answer.OFFER, elapsed_ms)
            case Declined():
                self._answered(Answer.DECLINED, elapsed_ms)
            case Failed(kind=kind) if kind not in _SAYS_NOTHING:
                self.kinds.append(kind)
                self.last_error, self.last_error_at = kind, at

    @property
    def answered(self) -> int:
        """Offers and declines among the latest outcomes."""
        return sum(isinstance(kind, Answer) for kind in self.kinds)

    @property
    def failed(self) -> int:
        """Failures among the latest outcomes."""
        return len(self.kinds) - self.answered

    def failures(self) -> dict[FailureKind, float]:
        """Each kind's share of all the latest outcomes, the most frequent first."""
        counts = Counter(kind for kind in self.kinds if isinstance(kind, FailureKind))
        return {kind: round(count / len(self.kinds), 4) for kind, count in counts.most_common()}

    def latency(self) -> LatencyStatus | None:
        """Quantiles of the remembered answer times; None before the first answer."""
        times = self.answer_times_ms
        if not times:
            return None
        # statistics.quantiles wants two points; of one answer every quantile is that answer.
        cuts = quantiles(times if len(times) > 1 else [*times, *times], n=100, method="inclusive")
        p50_ms, p90_ms, p99_ms = (round(cuts[percent - 1]) for percent in (50, 90, 99))
        return LatencyStatus(answers=len(times), p50_ms=p50_ms, p90_ms=p90_ms, p99_ms=p99_ms)

    def snapshot(self) -> dict[str, Any]:
        """All of it as JSON values, for `load`."""
        return {
            "kinds": [kind.value for kind in self.kinds],
            "answer_times_ms": list(self.answer_times_ms),
            "last_error": self.last_error and self.last_error.value,
            "last_error_at": self.last_error_at and self.last_error_at.isoformat(),
        }

    def load(self, data: object) -> None:
        """Become what the snapshot was taken of.

        Raises ValueError, and nothing has changed, where it is none.
        """
        if not isinstance(data, dict):
            raise ValueError("a record is an object")  # noqa: TRY004  # to its reader, junk is junk
        kinds = [_kind(value) for value in _list(data, "kinds")]
        times = [_time_ms(value) for value in _list(data, "answer_times_ms")]
        error, at = _last_error(data.get("last_error"), data.get("last_error_at"))
        _refill(self.kinds, kinds)
        _refill(self.answer_times_ms, times)
        self.last_error, self.last_error_at = error, at

    def _answered(self, kind: Answer, elapsed_ms: int) -> None:
        self.kinds.append(kind)
        self.answer_times_ms.append(elapsed_ms)


def combined(records: Iterable[Record]) -> Record:
    """What several remember, as one; in no order of time."""
    records = tuple(records)
    last = max(
        (record for record in records if record.last_error_at is not None),
        key=lambda record: record.last_error_at or datetime.min.replace(tzinfo=UTC),
        default=Record(),
    )
    return Record(
        kinds=deque(chain.from_iterable(record.kinds for record in records)),
        answer_times_ms=deque(chain.from_iterable(record.answer_times_ms for record in records)),
        last_error=last.last_error,
        last_error_at=last.last_error_at,
    )


def _refill(remembered: deque[Any], values: Iterable[Any]) -> None:
    remembered.clear()
    remembered.extend(values)  # the latest ones, where there are too many


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    if not isinstance(value, list):
        raise ValueError(f"{key} is a list")  # noqa: TRY004
    return value


def _kind(value: object) -> Kind:
    if not isinstance(value, str):
        raise ValueError("a kind is a word")  # noqa: TRY004
    kind: Kind = Answer(value) if value in set(Answer) else FailureKind(value)
    if kind in _SAYS_NOTHING:
        raise ValueError(f"{value} is never remembered")
    return kind


def _time_ms(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LONGEST_MS:
        raise ValueError("an answer time is a whole number of milliseconds")
    return value


def _last_error(kind: object, at: object) -> tuple[FailureKind | None, datetime | None]:
    if kind is None and at is None:
        return None, None
    if not isinstance(kind, str) or not isinstance(at, str):
        raise ValueError("the last error is a kind and its time")  # noqa: TRY004
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError("the last error's time has no offset")
    return FailureKind(kind), moment
