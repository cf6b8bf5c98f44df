"""The tables of `state.db`, and what a restart of the machine does to the moments in them.

Moments are on the machine's clock (`clocks.boot_clock`) but where a column says `wall`.
"""

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from osago_daemon.storage.disk.trouble import BrokenError, making_sense
from osago_daemon.storage.port import StoreError

VERSION = 1
"""Another one whenever `_TABLES` changes, be it by a blank: what is found is compared with it."""

BUSY_S = 1.0
"""How long anybody waits for another process's transaction; they last milliseconds."""

GRAINS = 1000
"""Into how many a window is divided."""

NOTED_S = 0.05
"""How far the clocks move against each other before it is written down: an idle store writes
nothing."""

_TABLES = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE instances(name TEXT PRIMARY KEY, incarnation TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE calls(
    key TEXT PRIMARY KEY,
    insurer TEXT NOT NULL,
    token INTEGER NOT NULL,
    name TEXT,
    incarnation TEXT,
    entry BLOB,
    entry_ends_wall REAL NOT NULL DEFAULT 0,
    forget_at REAL NOT NULL
) STRICT;
CREATE INDEX calls_held ON calls(name) WHERE name IS NOT NULL;
CREATE INDEX calls_entry ON calls(entry_ends_wall) WHERE entry IS NOT NULL;
CREATE INDEX calls_forget ON calls(forget_at);
CREATE TABLE words(
    key TEXT NOT NULL, token INTEGER NOT NULL, word BLOB NOT NULL, ends_at REAL NOT NULL,
    PRIMARY KEY (key, token)
) STRICT;
CREATE INDEX words_end ON words(ends_at);
CREATE TABLE notes(name TEXT PRIMARY KEY, value BLOB NOT NULL, ends_at REAL NOT NULL) STRICT;
CREATE INDEX notes_end ON notes(ends_at);
CREATE TABLE rules(
    insurer TEXT NOT NULL, rule TEXT NOT NULL, period_s REAL NOT NULL,
    PRIMARY KEY (insurer, rule, period_s)
) STRICT, WITHOUT ROWID;
CREATE TABLE used(
    insurer TEXT NOT NULL, rule TEXT NOT NULL, period_s REAL NOT NULL,
    grain INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (insurer, rule, period_s, grain)
) STRICT, WITHOUT ROWID;
CREATE TABLE places(
    number INTEGER PRIMARY KEY, insurer TEXT NOT NULL, ends_at REAL NOT NULL,
    rules TEXT NOT NULL, forget_at REAL NOT NULL
) STRICT;
CREATE INDEX places_forget ON places(forget_at);
CREATE TABLE elsewhere(insurer TEXT NOT NULL, ended_at REAL NOT NULL) STRICT;
CREATE INDEX elsewhere_insurer ON elsewhere(insurer);
CREATE TABLE pauses(insurer TEXT PRIMARY KEY, until REAL NOT NULL) STRICT, WITHOUT ROWID;
"""
_MOMENTS = (
    ("calls", "forget_at"),
    ("words", "ends_at"),
    ("notes", "ends_at"),
    ("places", "ends_at"),
    ("places", "forget_at"),
    ("elsewhere", "ended_at"),
    ("pauses", "until"),
)


def connect(path: Path, *, auto_vacuum: int = 0) -> sqlite3.Connection:
    """To a file that is there. May be used by one thread at a time.

    `auto_vacuum` counts only while the file is empty.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute(f"PRAGMA auto_vacuum = {auto_vacuum}")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA synchronous = NORMAL")
        _patiently(connection, "PRAGMA journal_mode = WAL")  # SQLite itself does not wait here
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none. In a transaction. Raises StoreError."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StoreError("made by a newer version of this program")
    if version != VERSION and not parts(connection):
        _make(connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    elif version != VERSION or parts(connection) != _our_parts():
        raise BrokenError


def parts(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """What is in a database: kind, name, the statement that made it."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return set(rows.fetchall())


def follow_clock(connection: sqlite3.Connection, *, boot_id: str, now: float, wall: float) -> None:
    """Say which clock the moments are on; move them over if the machine was restarted since.

    In a transaction.
    """
    with making_sense():
        meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        if meta.get("boot_id", boot_id) != boot_id:
            shift(connection, _seconds(meta["wall_ahead_s"]) - (wall - now), now)
    connection.execute("REPLACE INTO meta VALUES ('boot_id', ?)", (boot_id,))
    keep_clock(connection, now=now, wall=wall)


def keep_clock(connection: sqlite3.Connection, *, now: float, wall: float) -> None:
    """Note how far the wall clock is ahead, for after a restart. Often enough. In a transaction.

    Writes only where that is not what it was: it is called every second, by every process.
    """
    ahead_s = wall - now
    row = connection.execute("SELECT value FROM meta WHERE name = 'wall_ahead_s'").fetchone()
    with making_sense():
        if row is not None and abs(_seconds(row[0]) - ahead_s) < NOTED_S:
            return
    connection.execute("REPLACE INTO meta VALUES ('wall_ahead_s', ?)", (repr(ahead_s),))


def shift(connection: sqlite3.Connection, by_s: float, now: float) -> None:
    """All moments, by so much.

    A request can't have arrived later than now: nothing is under way after a restart, and a wall
    clock that was set back must not shut the windows for long.
    """
    for table, column in _MOMENTS:
        connection.execute(f"UPDATE {table} SET {column} = {column} + ?", (by_s,))  # noqa: S608  # names of ours
    rows = connection.execute("SELECT insurer, rule, period_s, grain, count FROM used").fetchall()
    connection.execute("DELETE FROM used")
    for insurer, rule, period_s, grain, count in rows:
        width_s = period_s / GRAINS
        moved = min(grain + math.ceil(by_s / width_s), math.floor(now / width_s))
        connection.execute(
            "INSERT INTO used VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET count = count + excluded.count",
            (insurer, rule, period_s, moved, count),
        )


def begin(connection: sqlite3.Connection) -> None:
    """A transaction that writes. Raises sqlite3.OperationalError where others write for too long.

    SQLite's own waiting sleeps for up to a tenth of a second, while the lock changes hands a
    hundred times: with four processes, one of them would starve.
    """
    with without_waiting(connection):
        _patiently(connection, "BEGIN IMMEDIATE")


@contextmanager
def without_waiting(connection: sqlite3.Connection) -> Iterator[None]:
    """What is locked is so at once."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000:.0f}")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not math.isfinite(seconds):
        raise ValueError("no number of seconds")
    return seconds


def _make(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        connection.execute(statement)


@cache
def _our_parts() -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        _make(connection)
        return parts(connection)


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    give_up_at = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute(statement).fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.001)
        else:
            return
