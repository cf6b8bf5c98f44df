"""A diskcache that believes nothing of what its file says about how it is to work.

Its own `Cache` keeps its settings in a table and follows whatever stands there, SQLite's pragmas
included, each time it connects.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diskcache import Cache
from diskcache.core import ENOVAL, METADATA

from osago_daemon.storage.disk.safe_disk import INLINE_BYTES, SafeDisk
from osago_daemon.storage.disk.schema import BUSY_S

SHRINK = 1
"""After each removal. In a file that never shrinks diskcache would make room without end."""

SETTINGS = {
    "cull_limit": 10,
    "disk_min_file_size": INLINE_BYTES,
    "disk_pickle_protocol": 0,
    "eviction_policy": "least-recently-stored",
    "sqlite_auto_vacuum": SHRINK,
    "sqlite_cache_size": 8192,  # pages
    "sqlite_journal_mode": "wal",
    "sqlite_mmap_size": 0,  # through a map, a failing disk kills the process
    "sqlite_synchronous": 1,
    "sqlite_trusted_schema": 0,
    "statistics": 0,
    "tag_index": 0,
}
"""All there are but `size_limit`."""

PARTS = {
    ("table", "Cache"),
    ("table", "Settings"),
    ("index", "Cache_key_raw"),
    ("index", "Cache_expire_time"),
    ("index", "Cache_store_time"),
    ("trigger", "Settings_count_insert"),
    ("trigger", "Settings_count_delete"),
    ("trigger", "Settings_size_insert"),
    ("trigger", "Settings_size_update"),
    ("trigger", "Settings_size_delete"),
}
"""What it makes in its database, by kind and name."""

OURS = """
raw = 1 AND mode = 1 AND filename IS NULL AND typeof(tag) = 'text'
AND typeof(value) = 'blob' AND length(value) >= 24 AND substr(value, 9, 8) > :wall
"""
"""Which rows are answers that have not ended; the value begins as `answers.py` says."""

_REMOVE = f"""
DELETE FROM Cache WHERE rowid IN (SELECT value FROM json_each(:rows))
AND (:insurer IS NULL OR tag = :insurer) RETURNING coalesce({OURS}, 0)
"""  # noqa: S608  # a constant

_GET_MANY = """
SELECT key, value FROM Cache WHERE key IN (SELECT value FROM json_each(?))
AND raw = 1 AND mode = 1 AND filename IS NULL AND typeof(value) = 'blob'
"""


class OurCache(Cache):  # type: ignore[misc]  # diskcache ships no types
    """In `folder`, of no more than so many bytes."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        """Raises what SQLite and diskcache raise."""
        self._settings: dict[str, object] = {**SETTINGS, "size_limit": size_bytes}
        super().__init__(str(folder), timeout=BUSY_S, disk=SafeDisk, **self._settings)

    def reset(self, key: str, value: Any = ENOVAL, update: Any = True) -> Any:  # noqa: FBT002  # as diskcache has it
        """Whatever the file says, ours is what counts; what is none of ours is ignored."""
        if key in METADATA:
            return None
        if key not in self._settings:
            return None
        if value is not ENOVAL:
            value = self._settings[key]
        return super().reset(key, value, update)

    def volume(self) -> int:
        """Bytes: those of the database, because nothing is beside it."""
        (pages,) = self._sql("PRAGMA page_count").fetchone()
        return int(pages) * int(self._page_size)

    def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of these keys, in one go; whether one has ended is for the caller to say."""
        return dict(self._sql(_GET_MANY, (json.dumps(keys),)).fetchall())

    def remove(self, rows: list[int], insurer: str | None, wall: bytes) -> int:
        """Delete these rows, whatever they are, if they are this insurer's; how many were answers.

        `wall`: now, as in the values. Belongs in a transaction.
        """
        values = {"rows": json.dumps(rows), "insurer": insurer, "wall": wall}
        return sum(int(ours) for (ours,) in self._sql(_REMOVE, values).fetchall())
