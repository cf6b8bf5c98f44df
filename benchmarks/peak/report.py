"""The table: Markdown on stdout, a column per contender."""

import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peak.measures import Measures, quantile

ROWS: dict[str, Callable[[Measures], str]] = {
    "offers delivered": lambda m: f"{m.delivered:,} of {m.asked:,}",
    "– of these: within 60 s of asking": lambda m: f"{m.within_a_minute:,}",
    "lost (ready 1.5 s before the deadline)": lambda m: f"{m.lost:,}",
    "– of these: never asked for": lambda m: f"{m.never_asked:,}",
    "not delivered: asked for too late to be ready": lambda m: f"{m.late_ready:,}",
    "twice": lambda m: f"{m.twice:,}",
    "creates repeated": lambda m: f"{m.duplicate_creates:,}",
    "polls per offer": lambda m: f"{m.polls_per_offer:.2f}",
    "start to create, median": lambda m: _seconds(m.start_to_create_s, 0.5),
    "start to create, p99": lambda m: _seconds(m.start_to_create_s, 0.99),
    "ready to event, median": lambda m: _seconds(m.ready_to_event_s, 0.5),
    "ready to event, p99": lambda m: _seconds(m.ready_to_event_s, 0.99),
    "answer written to event, median": lambda m: _milliseconds(m.written_to_event_s, 0.5),
    "answer written to event, p99": lambda m: _milliseconds(m.written_to_event_s, 0.99),
    "CPU": lambda m: f"{m.costs.cpu_s:.1f} s",
    "CPU of the stub": lambda m: f"{m.costs.stub_cpu_s:.1f} s",
    "CPU of the daemon's client": lambda m: (
        "–" if m.costs.client_cpu_s is None else f"{m.costs.client_cpu_s:.1f} s"
    ),
    "CPU of strangers meanwhile": lambda m: f"{m.costs.strangers_cpu_s:.1f} s",
    "peak memory": lambda m: f"{m.costs.peak_mb:.0f} MB",
    "most connections, sum of each insurer's": lambda m: f"{m.most_connected:,}",
    "until all is done": lambda m: f"{m.answers.ended_at - m.answers.started_at:.1f} s",
    "failures": lambda m: ", ".join(f"{k} {n:,}" for k, n in m.answers.failures.items()) or "–",
}


def table(columns: Sequence[Measures]) -> str:
    lines = [
        "| | " + " | ".join(m.name for m in columns) + " |",
        "|---|" + "---:|" * len(columns),
    ]
    lines += [f"| {name} | " + " | ".join(map(row, columns)) + " |" for name, row in ROWS.items()]
    return "\n".join(lines)


def machine() -> str:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores ({cpu}), Python {platform.python_version()}"


def _seconds(ordered: list[float], share: float) -> str:
    return f"{quantile(ordered, share):.2f} s"


def _milliseconds(ordered: list[float], share: float) -> str:
    return f"{quantile(ordered, share) * 1000:.0f} ms"
