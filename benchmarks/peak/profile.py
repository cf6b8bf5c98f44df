"""Where the daemon's time goes: py-spy looks 100 times a second, samples are put into areas."""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The innermost frame that one of these names decides; they are looked for in this order.
AREAS = (
    ("application: checks, fingerprint, redactor", "osago_core/application/"),
    ("events and encoding", "osago_core/wire/"),
    ("events and encoding", "osago_daemon/quoting/run.py"),
    ("the daemon's socket", "osago_daemon/server/"),
    ("answer reading", "osago_daemon/insurers/answers.py"),
    ("answer reading", "osago_daemon/insurers/values.py"),
    ("transport", "osago_daemon/insurers/transport.py"),
    ("building requests", "osago_daemon/insurers/requests.py"),
    ("building requests", "osago_daemon/insurers/urls.py"),
    ("adapter", "osago_daemon/insurers/rest.py"),
    ("pipeline", "osago_daemon/resilience/"),
    ("runs and calls", "osago_daemon/quoting/"),
    ("log", "osago_daemon/telemetry/"),
)
# Where no frame of ours is on the stack: what the loop called.
LIBRARIES = (
    ("transport: aiohttp called by the loop", "aiohttp"),
    ("anyio and asyncio", "anyio"),
    ("anyio and asyncio", "asyncio"),
)
OTHER = "the loop itself"


@contextmanager
def profiled(pid: int, output: Path) -> Iterator[None]:
    """Nothing but a word where py-spy is not installed."""
    py_spy = shutil.which("py-spy")
    if py_spy is None:
        print("py-spy is not installed, so there is no profile", file=sys.stderr)
        yield
        return
    # It must not stop what it looks at.
    command = [py_spy, "record", "--nonblocking", "--format", "raw"]
    command += ["--pid", str(pid), "--output", str(output)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as spy:
        try:
            yield
        finally:
            spy.send_signal(signal.SIGINT)
            spy.wait(30)


def by_area(profile: Path) -> list[tuple[str, float]]:
    """Shares of the samples, the largest first."""
    counted: Counter[str] = Counter()
    for line in profile.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        if "wait (threading.py" in stack:
            continue  # an idle thread; py-spy takes it for a busy one where cores are short
        counted[_area(stack.split(";"))] += int(count)
    return [(area, count / counted.total()) for area, count in counted.most_common()]


def _area(frames: list[str]) -> str:
    for frame in reversed(frames):
        for area, part in AREAS:
            if part in frame:
                return area
    for area, part in LIBRARIES:
        if any(part in frame for frame in frames):
            return area
    return OTHER
