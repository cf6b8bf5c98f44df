"""Notes, as rows. Everything that writes belongs in a transaction."""

import sqlite3
from collections.abc import Sequence

_DROP_AT_ONCE = 500


class Notes:
    """Of `state.db`."""

    def __init__(self, state: sqlite3.Connection) -> None:
        """Holds nothing itself."""
        self._state = state

    def put(self, name: str, value: bytes, ends_at: float) -> None:
        """In place of what was there."""
        self._state.execute("REPLACE INTO notes VALUES (?, ?, ?)", (name, value, ends_at))

    def get(self, names: Sequence[str], now: float) -> list[bytes | None]:
        """In their order."""
        return [self._one(name, now) for name in names]

    def drop_ended(self, now: float) -> None:
        """A part of it."""
        self._state.execute(
            "DELETE FROM notes WHERE rowid IN (SELECT rowid FROM notes WHERE ends_at <= ? LIMIT ?)",
            (now, _DROP_AT_ONCE),
        )

    def _one(self, name: str, now: float) -> bytes | None:
        row = self._state.execute(
            "SELECT value FROM notes WHERE name = ? AND ends_at > ?", (name, now)
        ).fetchone()
        return None if row is None else bytes(row[0])
