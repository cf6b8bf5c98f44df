"""Run logs of one folder, one daemon after the other, at a time that the test says."""

import os
import resource
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from osago_daemon.storage.runlog import RunLog
from osago_daemon.storage.seal import Seal

SECRET = b"s" * 32
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DEADLINE_S = 60


class Logs:
    """`open` is a daemon's start; what the one before did stays, as after a kill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOON

    def open(self, secret: bytes = SECRET) -> RunLog:
        return RunLog(self.folder, Seal(secret), wall_clock=lambda: self.now)

    def started(self) -> RunLog:
        log = self.open()
        log.recover()
        return log

    def begin(self, log: RunLog, run_id: str, header: bytes = b"", *, in_s: float = DEADLINE_S):
        return log.begin(run_id, header, self.now + timedelta(seconds=in_s))

    def recovered(self, secret: bytes = SECRET):
        return told(self.open(secret).recover())

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir(), key=lambda path: int(path.name))

    def copy(self, to: Path) -> "Logs":
        shutil.copytree(self.folder, to)
        logs = Logs(to)
        logs.now = self.now
        return logs


def told(runs):
    return {run.id: (run.header, run.lines, run.over) for run in runs}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def files_at_most(size_bytes: int):
    """A write beyond that fails, after a part of it, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Snapshots:
    """The folder before and in the middle of each change."""

    def __init__(self, logs, tmp_path, monkeypatch):
        self.taken = []
        self._logs, self._tmp_path = logs, tmp_path
        write, unlink = os.write, os.unlink

        def observed_write(descriptor, data):
            self._take()
            half = write(descriptor, data[: len(data) // 2])
            self._take()
            return half + write(descriptor, data[half:])

        def observed_unlink(*args, **kwargs):
            self._take()
            unlink(*args, **kwargs)

        monkeypatch.setattr(os, "write", observed_write)
        monkeypatch.setattr(os, "unlink", observed_unlink)

    def _take(self):
        self.taken.append(self._logs.copy(self._tmp_path / f"snapshot{len(self.taken)}"))
