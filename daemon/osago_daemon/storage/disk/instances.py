"""Who lives: a name's file is locked for as long as the process that bears it runs.

The operating system gives a lock up when its process ends, however that ends. Looking takes a
shared lock for a moment, so that those who look never see each other.
"""

import fcntl
import hashlib
import os
import re
import sqlite3
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from osago_daemon.storage.disk.folder import Identity, identity
from osago_daemon.storage.port import StoreError

ENTER_S = 1.0
"""For those who look at the moment, and for an earlier process that is just ending."""


class Me(NamedTuple):
    """An instance: a name, and which of its lives."""

    name: str
    incarnation: str


_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def lock_path(folder: Path, name: str) -> Path:
    """The file of this name; different names have different files."""
    if _PLAIN.fullmatch(name):
        return folder / f"{name}.lock"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return folder / f"_{digest[:32]}.lock"


class Life:
    """Ours, under our name."""

    def __init__(self, folder: Path, name: str) -> None:
        """Begins with `enter`."""
        self._path = lock_path(folder, name)
        # An object of its own each: two lives in one process must exclude each other as well.
        self._lock = FileLock(
            self._path,
            timeout=ENTER_S,
            mode=0o600,
            thread_local=False,
            is_singleton=False,
            poll_interval=0.01,
            fallback_to_soft=False,
        )
        self._identity: Identity | None = None

    def enter(self) -> None:
        """Raises StoreError where another process lives under this name."""
        try:
            self._lock.acquire()
        except Timeout:
            raise StoreError("another daemon of this name uses the store") from None
        except NotImplementedError:
            raise StoreError("the file system has no locks") from None
        self._identity = identity(self._path)

    def leave(self) -> None:
        """Everybody sees us as dead from now on."""
        self._lock.release(force=True)

    def lasts(self) -> bool:
        """Whether others still see us: the file under our name is the one we hold."""
        return self._lock.is_locked and identity(self._path) == self._identity


class Living:
    """Which of the registered live; looks once for each name, so keep it for a batch only."""

    def __init__(self, folder: Path, state: sqlite3.Connection, me: Me) -> None:
        """`me` is who looks: its own lock it holds itself."""
        self._folder = folder
        self._state = state
        self._me = me
        self._known: dict[str, str] = {}

    def are_we(self) -> bool:
        """Whether the others take us for alive, as far as the register says."""
        return self.has(self._me)

    def has(self, one: Me) -> bool:
        """Whether this one lives."""
        name, incarnation = one
        if name not in self._known:
            there = name == self._me.name or self._locked(name)
            self._known[name] = self._registered(name) if there else ""
        return self._known[name] == incarnation

    def count(self) -> int:
        """How many live; those who don't are struck off the register. In a transaction."""
        rows = self._state.execute("SELECT name, incarnation FROM instances").fetchall()
        dead = [row for row in rows if not self.has(Me(*row))]
        # By incarnation: the name may have entered a new life since.
        self._state.executemany("DELETE FROM instances WHERE name = ? AND incarnation = ?", dead)
        return len(rows) - len(dead)

    def _registered(self, name: str) -> str:
        row = self._state.execute(
            "SELECT incarnation FROM instances WHERE name = ?", (name,)
        ).fetchone()
        return "" if row is None else str(row[0])

    def _locked(self, name: str) -> bool:
        try:
            file = os.open(lock_path(self._folder, name), os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False
