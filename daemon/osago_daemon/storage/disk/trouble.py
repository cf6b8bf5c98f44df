"""What an error of SQLite or of the operating system means for the store."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from diskcache import Timeout

from osago_daemon.storage.port import StoreError

_PRIMARY = 0xFF
"""The part of SQLite's extended result code that says the kind."""

_REASONS = {
    sqlite3.SQLITE_BUSY: "locked for too long",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
    sqlite3.SQLITE_FULL: "no room left",
    sqlite3.SQLITE_IOERR: "reading or writing fails",
    sqlite3.SQLITE_LOCKED: "locked for too long",
    sqlite3.SQLITE_PERM: "no permission",
    sqlite3.SQLITE_READONLY: "read-only",
}
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class BrokenError(StoreError):
    """What lies in the folder is no store of ours any more."""


def is_general(error: Exception) -> bool:
    """Whether it concerns the store and not just the one operation that met it."""
    return isinstance(error, StoreError | OSError | sqlite3.OperationalError | Timeout) or (
        type(error) is sqlite3.DatabaseError
    )


def told(error: Exception) -> StoreError:
    """As the port says it: without paths and values."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, Timeout):  # diskcache says so whatever kept it from beginning
        return StoreError("locked for too long")
    if isinstance(error, OSError):
        return StoreError(_of_system(error))
    kind = int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY
    if kind in _BROKEN or (kind == sqlite3.SQLITE_ERROR and "no such" in str(error)):
        return BrokenError("the database is broken")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return StoreError(_REASONS.get(kind, f"SQLite says {name}"))


@contextmanager
def as_store_error() -> Iterator[None]:
    """Let nothing out but StoreError, and bugs."""
    try:
        yield
    except (OSError, sqlite3.Error, Timeout) as error:
        raise told(error) from error


def _of_system(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "no room left"
    return (error.strerror or type(error).__name__).lower()
