"""Healthy insurers in a storm, beside the same insurers in calm weather, in one run.

    python benchmarks/storm.py [--runs 200] [--lanes 6] [--deadline 12] [--no-times]

Two sandboxes with one seed, one `--profile calm` and one `--profile storm`, each with a daemon of
its own, get the same applications at the same time, `lanes` at a time each. The times of the three
insurers that stay healthy are compared as whole distributions (Kolmogorov-Smirnov); the rest is
checked against `/_control/stats` and the daemon's log, and the command fails where it does not
hold.
Polls stand at fixed times: learned ones depend on all answers before, and so do not compare.
"""

import argparse
import json
import math
import os
import platform
import statistics
import sys
import tempfile
import threading
import tomllib
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from tests.support.processes import EXAMPLES, Osago, sandbox_process, wait_for_line  # noqa: E402

HEALTHY = ("sever", "kedr", "lukomor")
DEAD = "barsuk"  # answers 500 to everything
SCALE = 0.2
LATE_S = 1.0  # how much later than its deadline a run may end
OUTCOMES = {"offer", "declined", "failed"}


@dataclass
class Weather:
    """One sandbox, one daemon, and what came of the runs."""

    name: str
    osago: Osago
    sandbox: object
    log: list[str] = field(default_factory=list)
    times_ms: dict[str, list[int]] = field(default_factory=dict)
    ends_s: list[float] = field(default_factory=list)
    outcomes: dict[str, list[str]] = field(default_factory=dict)

    def changes(self, insurer: str) -> list[str]:
        """The states that its breaker went through, by the daemon's log."""
        words = [dict(w.split("=", 1) for w in line.split() if "=" in w) for line in self.log]
        return [
            w["state"] for w in words if w.get("event") == "breaker" and w["insurer"] == insurer
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--lanes", type=int, default=6)
    parser.add_argument("--deadline", type=float, default=12.0)
    parser.add_argument("--times", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with ExitStack() as stack:
        weathers = [started(stack, name) for name in ("calm", "storm")]
        anyio.run(ask_all, weathers, options)
        stats = {weather.name: weather.sandbox.stats() for weather in weathers}
        problems = report(weathers, stats, options)
    sys.exit("\n".join(problems) or 0)


def started(stack: ExitStack, profile: str) -> Weather:
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="osago-")))
    sandbox = stack.enter_context(sandbox_process(home, latency_scale=SCALE, profile=profile))
    config = sandbox.config.read_text()
    sandbox.config.write_text(config.replace("\nleast_s =", "\nlearn = false\nleast_s ="))
    osago = Osago(home, sandbox.config)
    weather = Weather(profile, osago, sandbox)
    daemon = stack.enter_context(osago.daemon())
    stack.callback(daemon.terminate)
    wait_for_line(daemon, "event=ready")
    threading.Thread(target=keep_log, args=(weather.log, daemon.stdout), daemon=True).start()
    return weather


def keep_log(log: list[str], lines: Iterable[str]) -> None:
    with suppress(ValueError):  # closed when the daemon is gone
        log.extend(lines)


async def ask_all(weathers: list[Weather], options: argparse.Namespace) -> None:
    example = json.loads((EXAMPLES / "application.json").read_text())
    async with anyio.create_task_group() as tasks:
        for weather in weathers:
            for lane in range(options.lanes):
                numbers = range(lane, options.runs, options.lanes)
                tasks.start_soon(ask_lane, weather, example, numbers, options.deadline)


async def ask_lane(weather: Weather, example: dict, numbers: range, deadline_s: float) -> None:
    async with await anyio.connect_unix(weather.osago.env["OSAGO_SOCKET"]) as stream:
        lines = BufferedByteReceiveStream(stream)
        for number in numbers:
            application = json.loads(json.dumps(example))
            application["drivers"][0]["license"]["number"] = f"{100000 + number}"
            params = {"application": application, "deadline_s": deadline_s}
            request = {"jsonrpc": "2.0", "id": number, "method": "quote.start", "params": params}
            began = anyio.current_time()
            await stream.send(json.dumps(request).encode() + b"\n")
            while True:
                message = json.loads(await lines.receive_until(b"\n", 1 << 20))
                if "error" in message:
                    raise SystemExit(message["error"])
                event = message.get("params", {})
                note(weather, event)
                if event.get("type") == "done":
                    break
            weather.ends_s.append(anyio.current_time() - began)


def note(weather: Weather, event: dict) -> None:
    if event.get("type") in OUTCOMES:
        insurer = event["insurer"]
        what = event["type"] if event["type"] != "failed" else event["kind"]
        weather.outcomes.setdefault(insurer, []).append(what)
        if event["type"] != "failed":
            weather.times_ms.setdefault(insurer, []).append(event["elapsed_ms"])


def report(weathers: list[Weather], stats: dict, options: argparse.Namespace) -> list[str]:
    calm, storm = weathers
    print(
        f"\n{options.runs} runs in each weather, {options.lanes} at a time, deadline"
        f" {options.deadline:g} s, latencies × {SCALE:g}; {os.cpu_count()} cores,"
        f" Python {platform.python_version()}\n"
    )
    print("| healthy | answers calm / storm | median ms | p90 ms | KS distance (5 % level) |")
    print("|---|---|---|---|---|")
    problems = []
    for insurer in HEALTHY:
        a, b = calm.times_ms.get(insurer, []), storm.times_ms.get(insurer, [])
        distance = kolmogorov_smirnov(a, b)
        level = 1.358 * math.sqrt((len(a) + len(b)) / (len(a) * len(b)))
        print(
            f"| {insurer} | {len(a)} / {len(b)} | {median(a)} / {median(b)} |"
            f" {p90(a)} / {p90(b)} | {distance:.3f} ({level:.3f}) |"
        )
        if len(b) < len(a):
            problems.append(f"{insurer} answered {len(b)} times in the storm, {len(a)} in the calm")
        if options.times and distance > level:
            problems.append(f"{insurer}'s times differ: {distance:.3f} > {level:.3f}")
    problems += [found for weather in weathers for found in checked(weather, stats, options)]
    print(f"\nstorm's outcomes: { {k: tally(v) for k, v in sorted(storm.outcomes.items())} }")
    print(f"longest run: calm {max(calm.ends_s):.2f} s, storm {max(storm.ends_s):.2f} s")
    print(f"{DEAD}'s breaker: {' '.join(storm.changes(DEAD))}; {stats['storm'][DEAD]}")
    print("\neverything holds" if not problems else "\nDOES NOT HOLD:")
    return problems


def checked(weather: Weather, stats: dict, options: argparse.Namespace) -> list[str]:
    problems = []
    if len(weather.ends_s) != options.runs or max(weather.ends_s) > options.deadline + LATE_S:
        problems.append(f"{weather.name}: a run did not end by its deadline")
    tables = tomllib.loads(weather.osago.config.read_text())["insurers"]
    for insurer, seen in stats[weather.name].items():
        limits = tables[insurer].get("limits", {})
        for limit, found in (("per_second", "max_per_second"), ("at_once", "max_concurrent")):
            if limit in limits and seen[found] > limits[limit]:
                problems.append(f"{weather.name}: {insurer} saw {found} {seen[found]}: {limits}")
    states = weather.changes(DEAD)
    if weather.name == "storm":
        # Up to the eighth failure, and whoever was on his way then; afterwards one at each trial.
        most = 8 + options.lanes - 1 + states.count("half_open")
        requests = stats["storm"][DEAD]["creates"] + stats["storm"][DEAD]["polls"]
        if not states or "closed" in states or requests > most:
            problems.append(f"{DEAD} got {requests} requests, more than {most}: {states}")
    return problems


def kolmogorov_smirnov(a: list[int], b: list[int]) -> float:
    """The largest distance between the two empirical distributions."""
    return max(
        abs(sum(x <= at for x in a) / len(a) - sum(x <= at for x in b) / len(b)) for at in {*a, *b}
    )


def median(values: list[int]) -> int:
    return round(statistics.median(values))


def p90(values: list[int]) -> int:
    return round(statistics.quantiles(values, n=10)[8])


def tally(words: list[str]) -> dict[str, int]:
    return {word: words.count(word) for word in sorted(set(words))}


if __name__ == "__main__":
    main()
