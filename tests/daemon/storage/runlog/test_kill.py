"""A real writer, killed with -9: all that it had said was written is there."""

import os
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.daemon.storage.runlog.logs import Logs

WRITER = Path(__file__).with_name("reporting_writer.py")
ROOT = Path(__file__).parents[4]


def _reported_until_killed(folder, after_lines):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "daemon")])}
    command = [sys.executable, str(WRITER), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
        lines = [writer.stdout.readline() for _ in range(after_lines)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    assert writer.returncode == -signal.SIGKILL
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


@pytest.mark.parametrize("after_lines", [1, 500, 20_000])
def test_every_event_that_was_reported_before_the_kill_is_recovered_in_order(tmp_path, after_lines):
    logs = Logs(tmp_path / "runs")
    reported = defaultdict(list)
    for text in _reported_until_killed(logs.folder, after_lines):
        reported[text.split()[0]].append(text)
    recovered = {run.id: run.lines for run in logs.open().recover()}
    assert sum(map(len, reported.values())) >= after_lines
    unreported = 0
    for run, texts in reported.items():
        lines = [line.decode().rstrip("x") for line in recovered[run]]
        assert lines[: len(texts)] == texts
        unreported += len(lines) - len(texts)
    assert unreported <= 1
