"""Real processes: the sandbox, the daemon, the command line."""

import json
import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

# From nothing but what a program needs, so that no setting of the machine leaks into a test.
CLEAN = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(ROOT), f"{ROOT}/daemon"])}


def program(module, *arguments):
    return [sys.executable, "-m", module, *map(str, arguments)]


@dataclass
class Sandbox:
    url: str
    config: Path

    def fault(self, insurer, fault, **params):
        self._control("POST", "faults", {"insurer": insurer, "fault": fault, **params})

    def heal(self):
        self._control("DELETE", "faults")

    def stats(self):
        return self._control("GET", "stats")["insurers"]

    def forget_stats(self):
        self._control("DELETE", "stats")

    def _control(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/_control/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def sandbox_process(folder, *, latency_scale=0.01, seed=1, profile="calm"):
    config = folder / "insurers.toml"
    process = subprocess.Popen(
        program(
            "osago_sandbox",
            "--port=0",
            f"--seed={seed}",
            f"--latency-scale={latency_scale}",
            f"--profile={profile}",
            f"--write-config={config}",
        ),
        stdout=subprocess.PIPE,
        env=CLEAN,
        text=True,
    )
    with process:
        try:
            ready = process.stdout.readline()
            yield Sandbox(ready.split(": ", 1)[1].split(" ", 1)[0], config)
        finally:
            process.terminate()


@dataclass
class Osago:
    """The command line, talking to one socket."""

    home: Path
    config: Path
    socket: str = "osago.sock"
    """In the home; daemons that share everything else have each their own."""
    store: str | None = None
    """None: the daemon's default."""
    env: dict[str, str] = field(init=False)

    def __post_init__(self):
        self.env = CLEAN | {
            "HOME": str(self.home),
            "OSAGO_SOCKET": str(self.home / self.socket),
            "OSAGO_STATE_DIR": str(self.home / "state"),
            "OSAGO_INSURERS": str(self.config),
            "OSAGO_LANG": "en",
        }
        if self.store is not None:
            self.env["OSAGO_STORE"] = self.store

    def __call__(self, *arguments, stdin=None, **env):
        return subprocess.run(
            program("osago_cli", *arguments),
            input=stdin,
            capture_output=True,
            text=True,
            env=self.env | env,
            cwd=self.home,
            check=False,
        )

    def popen(self, *arguments, **options):
        return subprocess.Popen(
            program("osago_cli", *arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.env,
            cwd=self.home,
            **options,
        )

    def json(self, *arguments, **env):
        return json.loads(self(*arguments, **env).stdout)

    def daemon(self, *arguments, log=subprocess.PIPE):
        """`osagod` in the foreground."""
        return subprocess.Popen(
            program("osago_daemon", *arguments),
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.env,
            cwd=self.home,
        )


def wait_for_line(process, text):
    """Read a process's output up to the line that holds the text; all lines so far."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
    raise AssertionError(f"{text!r} never came: {lines}")
