"""How insurers are doing, kept over a restart: breakers, answer times, used limits.

One small JSON file, replaced as a whole, so that a crash leaves the old one or the new one. It
holds no personal data and nothing that can't be learned again: a file that can't be read is moved
aside, one that can't be written is reported, and quotes go on.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
"""More than a hundred insurers' day limits of 100,000 need."""


class HealthFileError(Exception):
    """The file can't be used; says why. Where it was moved aside, says where to."""


class HealthFile:
    """The file of one state directory."""

    def __init__(self, path: Path) -> None:
        """`path` need not exist; its folder is private to the daemon."""
        self.path = path
        self._lock: int | None = None

    def claim(self) -> bool:
        """Be the one process that writes it, until `release` or the end of the process.

        False where another one is: what that one knows is not to be overwritten. Raises
        HealthFileError. Blocking.
        """
        try:
            lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise HealthFileError(f"{self.path}: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        """Let another process write it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def read(self) -> Mapping[str, Any]:
        """What was written last, by insurer; empty where nothing was. Raises HealthFileError.

        Blocking.
        """
        try:
            return _insurers(self.path)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise HealthFileError(f"{self.path}: {error.strerror}") from None
        except (ValueError, RecursionError, OverflowError):
            raise HealthFileError(f"{self.path} is damaged; {self._move_aside()}") from None

    def write(self, insurers: Mapping[str, Any], at: datetime) -> None:
        """Replace what is there. Raises HealthFileError. Blocking."""
        document = {"version": VERSION, "saved_at": at.isoformat(), "insurers": insurers}
        data = json.dumps(document, allow_nan=False, separators=(",", ":")).encode()
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123  # by descriptor, for its mode
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise HealthFileError(f"{self.path}: {error.strerror}") from None

    def _move_aside(self) -> str:
        broken = self.path.with_name(f"{self.path.name}.broken")
        try:
            self.path.replace(broken)
        except OSError as error:
            return f"it could not be moved aside: {error.strerror}"
        return f"moved to {broken}"


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _insurers(path: Path) -> dict[str, Any]:
    """Raises ValueError, RecursionError where that is no health file; OSError."""
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("too large")
    match json.loads(path.read_bytes(), parse_constant=_no_number):
        case {"version": version, "insurers": dict(insurers)} if version == VERSION:
            return insurers
    raise ValueError("of another version, or incomplete")
