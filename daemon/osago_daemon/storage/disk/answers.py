"""The answers of the day: a diskcache that may lose any of them, never more than so many bytes.

When an answer ends stands in its value, because diskcache goes by a clock of its own: what it
drops itself is dropped for room. Which call brought it stands there as well.
"""

import os
import sqlite3
import struct
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from diskcache.core import METADATA

from osago_daemon.storage.disk.our_cache import PARTS, SETTINGS, SHRINK, OurCache
from osago_daemon.storage.disk.schema import begin, connect, parts, without_waiting
from osago_daemon.storage.disk.trouble import BrokenError, making_sense
from osago_daemon.storage.port import Answer, Key, StoreError

SIZE_BYTES = 256 * 1024 * 1024
"""A day of 250,000 answers of a kilobyte each."""

_HEAD = struct.Struct(">ddQ")  # when kept, when it ends, token; `counting.py` reads it too
_MOMENT = struct.Struct(">d")
_BIG_WAL_BYTES = 8 * 1024 * 1024
"""Twice what SQLite lets it come to by itself."""


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
        self._wal = folder / "cache.db-wal"
        self._reader = connect(folder / "cache.db", auto_vacuum=SHRINK)
        try:
            self._inspect()
            self._cache = OurCache(folder, size_bytes)
        except BaseException:
            self._reader.close()
            raise
        self._writing: ExitStack | None = None

    def get(self, keys: Sequence[Key], wall: float) -> dict[Key, KeptAnswer]:
        """What is kept of these."""
        with making_sense():
            values = self._cache.get_many([key.text for key in keys])
        kept = {}
        for key in keys:
            value = values.get(key.text, b"")
            if len(value) >= _HEAD.size:
                kept_at, ends_at, token = _HEAD.unpack_from(value)
                if ends_at > wall:
                    kept[key] = KeptAnswer(Answer(value[_HEAD.size :], kept_at), token)
        return kept

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
        with making_sense():
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

    def remove(self, rows: Sequence[int], insurer: str | None, wall: float) -> int:
        """These, in one piece; how many of them counted as kept."""
        self.begin()
        return self._cache.remove(list(rows), insurer, _MOMENT.pack(wall))

    def trim(self) -> None:
        """Give back the room of the log if it grew; later, if others use it just now."""
        if self._wal.exists() and self._wal.stat().st_size > _BIG_WAL_BYTES:
            with without_waiting(self._reader):
                self._reader.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Of no use after that."""
        self._reader.close()
        self._cache.close()

    def _inspect(self) -> None:
        """Only what diskcache made may be there: it would run what it finds.

        And it waits for a minute where the database is locked: not so here.
        """
        begin(self._reader)
        self._reader.execute("ROLLBACK")
        there = {(kind, name) for kind, name, _ in parts(self._reader)}
        if there - PARTS:
            raise BrokenError("the database of answers is not one of ours")
        if ("table", "Settings") in there:
            names = {name for (name,) in self._reader.execute("SELECT key FROM Settings")}
            if names - {*METADATA, *SETTINGS, "size_limit"}:
                raise BrokenError("the database of answers is not one of ours")
