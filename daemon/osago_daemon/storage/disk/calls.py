"""Leases, tokens, the journal and words, as rows. Every function belongs in a transaction."""

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from osago_daemon.storage.disk.instances import Me
from osago_daemon.storage.port import WORD_S, Ending, Key, Lease, Taken

TOKEN_S = 48 * 3600.0
"""How long a token is kept after its call began: longer than any key's day."""

_ENTRY_S = 24 * 3600.0
"""An entry that has ended stays for so long after its call began, should the wall clock be wrong
and be set right again."""

_DROP_AT_ONCE = 500
_DROP_WORDS = """
DELETE FROM words WHERE rowid IN (SELECT rowid FROM words WHERE ends_at <= ? LIMIT ?)
"""
_DROP_CALLS = """
DELETE FROM calls WHERE rowid IN (SELECT rowid FROM calls WHERE forget_at <= ? LIMIT ?)
"""
_DROP_ENTRIES = """
UPDATE calls SET entry = NULL WHERE rowid IN (
    SELECT rowid FROM calls
    WHERE entry IS NOT NULL AND entry_ends_wall <= ? AND forget_at <= ? LIMIT ?
)
"""


class Call(NamedTuple):
    """The latest call of a key."""

    token: int
    holder: Me | None
    """None: it is over."""


class Calls:
    """Of `state.db`."""

    def __init__(self, state: sqlite3.Connection, me: Me) -> None:
        """`me` is who takes and gives back."""
        self._state = state
        self._me = me

    def latest(self, keys: Sequence[Key]) -> dict[str, Call]:
        """By the key's text."""
        rows = self._state.execute(
            "SELECT calls.key, token, name, incarnation FROM json_each(?)"
            " JOIN calls ON calls.key = json_each.value",
            (json.dumps([key.text for key in keys]),),
        )
        return {
            key: Call(token, None if name is None else Me(name, incarnation))
            for key, token, name, incarnation in rows
        }

    def take(self, key: Key, *, now: float, wall: float) -> Taken:
        """It is ours."""
        row = self._state.execute(
            "INSERT INTO calls(key, insurer, token, name, incarnation, forget_at)"
            " VALUES (?, ?, 1, ?, ?, ?)"
            " ON CONFLICT(key) DO UPDATE SET token = token + 1, name = excluded.name,"
            " incarnation = excluded.incarnation, forget_at = excluded.forget_at"
            " RETURNING token, entry, entry_ends_wall",
            (key.text, key.insurer, *self._me, now + TOKEN_S),
        ).fetchone()
        token, entry, ends_at = row
        return Taken(token, entry if ends_at > wall else None)

    def note(self, lease: Lease, entry: bytes) -> bool:
        """Whether it was ours to write."""
        return self._changed(
            "UPDATE calls SET entry = ?, entry_ends_wall = ?"
            " WHERE key = ? AND token = ? AND name = ? AND incarnation = ?",
            (entry, lease.ends_at, lease.key.text, lease.token, *self._me),
        )

    def finish(self, lease: Lease, ending: Ending, now: float) -> bool:
        """The same."""
        ours = self._changed(
            "UPDATE calls SET entry = ?, entry_ends_wall = ?, name = NULL, incarnation = NULL"
            " WHERE key = ? AND token = ? AND name = ? AND incarnation = ?",
            (ending.entry, lease.ends_at, lease.key.text, lease.token, *self._me),
        )
        if ours and ending.word is not None:
            self._state.execute(
                "REPLACE INTO words VALUES (?, ?, ?, ?)",
                (lease.key.text, lease.token, ending.word, now + WORD_S),
            )
        return ours

    def release(self, lease: Lease) -> bool:
        """The same."""
        return self._changed(
            "UPDATE calls SET name = NULL, incarnation = NULL"
            " WHERE key = ? AND token = ? AND name = ? AND incarnation = ?",
            (lease.key.text, lease.token, *self._me),
        )

    def release_all(self) -> None:
        """Whatever this name holds, in whichever life."""
        self._state.execute(
            "UPDATE calls SET name = NULL, incarnation = NULL WHERE name = ?", (self._me.name,)
        )

    def release_mine(self) -> None:
        """Whatever is held in this life."""
        self._state.execute(
            "UPDATE calls SET name = NULL, incarnation = NULL WHERE name = ? AND incarnation = ?",
            self._me,
        )

    def word(self, key: Key, token: int, now: float) -> bytes | None:
        """What is kept for those who waited for this call."""
        row = self._state.execute(
            "SELECT word FROM words WHERE key = ? AND token = ? AND ends_at > ?",
            (key.text, token, now),
        ).fetchone()
        return None if row is None else bytes(row[0])

    def drop_ended(self, *, now: float, wall: float) -> None:
        """A part of it; called so often that this is enough."""
        for statement, *moments in (
            (_DROP_WORDS, now),
            (_DROP_CALLS, now),
            (_DROP_ENTRIES, wall, now + TOKEN_S - _ENTRY_S),
        ):
            self._state.execute(statement, (*moments, _DROP_AT_ONCE))

    def _changed(self, statement: str, values: Sequence[object]) -> bool:
        return self._state.execute(statement, values).rowcount > 0
