"""Whole-process times of commands, side by side with a bare interpreter, in one run.

    python benchmarks/commands.py [ROUNDS]

The rounds are interleaved, so that whatever else the machine does hits every command alike; the
median counts. `osago quote` asks a single insurer of the sandbox that answers at once, or gets what
all ten answered in the first round, which is not counted.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from tests.support.processes import EXAMPLES, Osago, sandbox_process, wait_for_line  # noqa: E402

ROUNDS = 15
BIN = Path(sys.executable).parent
ONE_STEP_INSURER = "kedr"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory(prefix="osago-bench-") as name:
        home = Path(name)
        with sandbox_process(home, latency_scale=0) as sandbox:
            osago = Osago(home, sandbox.config)
            with osago.daemon() as daemon:
                wait_for_line(daemon, "event=ready")
                report(measure(commands(), osago.env, rounds), rounds)
                daemon.terminate()


def commands() -> dict[str, list[str]]:
    osago = str(BIN / "osago")
    quote = [osago, "quote", str(EXAMPLES / "application.json"), "-o", "ndjson"]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import json, socket'": [sys.executable, "-c", "import json, socket"],
        "osago --version": [osago, "--version"],
        "osago status": [osago, "status"],
        "osago check": [osago, "check", str(EXAMPLES / "application.json")],
        "osago quote (one insurer)": [*quote, "--insurer", ONE_STEP_INSURER, "--refresh"],
        "osago quote (ten, from the cache)": quote,
    }


def measure(
    lines: dict[str, list[str]], env: dict[str, str], rounds: int
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in lines}
    for number in range(rounds + 1):
        for name, line in lines.items():
            start = time.perf_counter()
            subprocess.run(line, env=env, capture_output=True, check=True)
            if number:  # the first round warms the disk cache
                times[name].append(time.perf_counter() - start)
    return times


def report(times: dict[str, list[float]], rounds: int) -> None:
    bare = statistics.median(times["python -c pass"])
    print(f"\nWhole processes, median of {rounds} interleaved rounds, {os.cpu_count()} cores")
    print(f"{'command':<34}{'ms':>8}{'x bare':>9}")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:<34}{median * 1000:>8.1f}{median / bare:>9.1f}")


if __name__ == "__main__":
    main()
