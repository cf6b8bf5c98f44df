"""What a contender got, held against what the stub says was there to get."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MINUTE_S = 60.0
IN_TIME_S = 1.5
"""An offer ready this long before the deadline must be delivered, or it is lost."""


@dataclass
class Answers:
    """What arrived at the asker; times in seconds since 1970."""

    started_at: float
    ended_at: float
    deadlines: dict[int, float] = field(default_factory=dict)
    """By the number of the application."""
    offers: list[tuple[int, int, float]] = field(default_factory=list)
    """Application, insurer, when it was there."""
    failures: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "deadlines": [*self.deadlines.items()]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Answers":
        return cls(
            started_at=data["started_at"],
            ended_at=data["ended_at"],
            deadlines=dict(data["deadlines"]),
            offers=[tuple(offer) for offer in data["offers"]],
            failures=Counter(data["failures"]),
        )


@dataclass(frozen=True)
class Costs:
    """Of the asking process, and of the stub meanwhile."""

    cpu_s: float
    peak_mb: float
    stub_cpu_s: float
    machine_cpu_s: float
    """Of everything that ran meanwhile, strangers included: what disturbed this column."""
    client_cpu_s: float | None = None

    @property
    def strangers_cpu_s(self) -> float:
        ours = self.cpu_s + self.stub_cpu_s + (self.client_cpu_s or 0)
        return max(0.0, self.machine_cpu_s - ours)


@dataclass(frozen=True)
class Heard:
    """What the stub says, an entry per insurer."""

    log: list[dict[str, Any]]
    stats: list[dict[str, int]]


@dataclass(frozen=True)
class Measures:
    """One column of the table."""

    name: str
    answers: Answers
    costs: Costs
    asked: int
    delivered: int
    within_a_minute: int
    """Of everybody's asking: a run's own deadline is a minute after the daemon took it up."""
    lost: int
    never_asked: int
    """Among the lost: the insurer never heard of the application."""
    late_ready: int
    """Not delivered, and asked for so late that they were not ready in time either."""
    twice: int
    duplicate_creates: int
    most_connected: int
    polls_per_offer: float
    ready_to_event_s: list[float]
    written_to_event_s: list[float]
    """From the answer with the offer leaving the insurer to its being there."""
    start_to_create_s: list[float]


def measure(name: str, answers: Answers, costs: Costs, heard: Heard, applications: int) -> Measures:
    """Applications with numbers from `applications` on were there to warm up."""
    log = heard.log
    times = Counter((number, insurer) for number, insurer, _ in answers.offers)
    lost = never_asked = late_ready = polls = 0
    for insurer, rows in enumerate(log):
        polls += sum(rows["polls"][:applications])
        for number in range(applications):
            if (number, insurer) in times:
                continue
            ready_at = rows["ready_at"][number]
            if ready_at is None:
                never_asked += 1
            elif ready_at > answers.deadlines.get(number, math.inf) - IN_TIME_S:
                late_ready += 1
                continue
            lost += 1
    return Measures(
        name=name,
        answers=answers,
        costs=costs,
        asked=applications * len(log),
        delivered=len(times),
        within_a_minute=sum(at <= answers.started_at + MINUTE_S for _, _, at in answers.offers),
        lost=lost,
        never_asked=never_asked,
        late_ready=late_ready,
        twice=sum(count - 1 for count in times.values()),
        duplicate_creates=sum(each["duplicates"] for each in heard.stats),
        most_connected=sum(each["most_connected"] for each in heard.stats),
        polls_per_offer=polls / max(1, len(times)),
        ready_to_event_s=_since("ready_at", answers, log),
        written_to_event_s=_since("answered_at", answers, log),
        start_to_create_s=sorted(
            at - answers.started_at
            for rows in log
            for at in rows["created_at"][:applications]
            if at
        ),
    )


def _since(column: str, answers: Answers, log: list[Any]) -> list[float]:
    """Seconds from a moment in the stub's log to each offer, in order."""
    return sorted(at - log[insurer][column][number] for number, insurer, at in answers.offers)


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")
