"""The answers of the day: a diskcache that may lose any of them, never more than so many bytes.

When an answer ends stands in its value, because diskcache goes by a clock of its own: what it
drops itself is dropped for room. Which call brought it stands there as well.
"""

import os
import sqlite3
import struct
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from diskcache import Cache
from diskcache.core import DEFAULT_SETTINGS, METADATA

from osago_daemon.storage.disk.counting import answer_counts
from osago_daemon.storage.disk.safe_disk import INLINE_BYTES, SafeDisk
from osago_daemon.storage.disk.schema import BUSY_S, begin, connect
from osago_daemon.storage.disk.trouble import BrokenError
from osago_daemon.storage.port import Answer, Key, StoreError

SIZE_BYTES = 256 * 1024 * 1024
"""A day of 250,000 answers of a kilobyte each."""

_HEAD = struct.Struct(">ddQ")  # when kept, when it ends, token; `counting.py` reads it too
_SHRINK = 1
"""After each removal. In a file that never shrinks diskcache would make room without end."""

_SETTINGS = {
    "eviction_policy": "least-recently-stored",
    "cull_limit": 10,
    "statistics": 0,
    "tag_index": 0,
    "disk_min_file_size": INLINE_BYTES,
    "sqlite_auto_vacuum": _SHRINK,
    "sqlite_journal_mode": "wal",
    "sqlite_mmap_size": 0,  # through a map, a failing disk kills the process
    "sqlite_synchronous": 1,
    "sqlite_trusted_schema": 0,
}


class KeptAnswer(NamedTuple):
    """An answer, and the token of the call that brought it."""

    answer: Answer
    token: int


class Answers:
    """Raises what SQLite and diskcache raise. One thread at a time."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        """`folder` and the database in it are there, perhaps empty. Raises StoreError."""
        if os.path.expandvars(folder) != str(folder):  # diskcache would go elsewhere
            raise StoreError("the folder's path has a variable in it")
        self._reader = connect(folder / "cache.db", auto_vacuum=_SHRINK)
        try:
            self._inspect()
            self._cache = Cache(
                str(folder), timeout=BUSY_S, disk=SafeDisk, size_limit=size_bytes, **_SETTINGS
            )
        except BaseException:
            self._reader.close()
            raise
        self._writing: ExitStack | None = None

    def get(self, key: Key, wall: float) -> KeptAnswer | None:
        """What is kept."""
        value = self._cache.get(key.text)
        if value is None or len(value) < _HEAD.size:
            return None
        kept_at, ends_at, token = _HEAD.unpack_from(value)
        if not ends_at > wall:
            return None
        return KeptAnswer(Answer(value[_HEAD.size :], kept_at), token)

    def begin(self) -> None:
        """What is written from now on is written at `commit`, all or nothing."""
        if self._writing is None:
            writing = ExitStack()
            writing.enter_context(self._cache.transact())
            self._writing = writing

    def put(self, key: Key, kept: KeptAnswer, ends_at: float) -> None:
        """Keep it until then, in place of what was there."""
        self.begin()
        head = _HEAD.pack(kept.answer.kept_at, ends_at, kept.token)
        lasts_s = max(0.0, ends_at - kept.answer.kept_at)
        self._cache.set(key.text, head + kept.answer.value, expire=lasts_s, tag=key.insurer)

    def commit(self) -> None:
        """Let everybody see it."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        try:
            writing.close()
        except sqlite3.Error:
            self._cache.close()  # else the connection stays in the transaction
            raise

    def rollback(self) -> None:
        """Forget what was written since `begin`."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        error = sqlite3.OperationalError("rolled back")
        try:
            writing.__exit__(type(error), error, None)
        except sqlite3.Error:  # SQLite rolled back by itself, or can't even do that
            self._cache.close()

    def clear(self, insurer: str | None, wall: float) -> int:
        """Remove an insurer's, or all; how many."""
        counts = answer_counts(self._reader, wall)
        if insurer is None:
            self._cache.clear()
            return sum(one.answers for one in counts.values())
        self._cache.evict(insurer)
        return counts[insurer].answers if insurer in counts else 0

    def close(self) -> None:
        """Of no use after that."""
        self._reader.close()
        self._cache.close()

    def _inspect(self) -> None:
        """What diskcache finds as settings it makes its attributes: only its own may be there.

        And it waits for a minute where the database is locked: not so here.
        """
        begin(self._reader)
        self._reader.execute("ROLLBACK")
        (there,) = self._reader.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'Settings'"
        ).fetchone()
        if there:
            names = {name for (name,) in self._reader.execute("SELECT key FROM Settings")}
            if names - {*DEFAULT_SETTINGS, *METADATA, *_SETTINGS}:
                raise BrokenError("the database of answers is not one of ours")
