"""What an error of SQLite, of the operating system or of what is stored means for the store."""

import errno
import sqlite3
import struct
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
_BROKEN = {
    sqlite3.SQLITE_CONSTRAINT,  # our statements keep to our own constraints
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_NOTADB,
}
_WRONG_USE = (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError)
_SENSELESS = (ArithmeticError, LookupError, TypeError, ValueError, struct.error)


class BrokenError(StoreError):
    """What lies in the folder is no store of ours any more."""

    def __init__(self, reason: str = "the database is broken") -> None:
        super().__init__(reason)


def is_general(error: Exception) -> bool:
    """Whether it concerns the store and not just the one operation that met it."""
    if isinstance(error, sqlite3.Error):
        return not isinstance(error, _WRONG_USE)
    return isinstance(error, StoreError | OSError | Timeout)


def told(error: Exception) -> StoreError:
    """As the port says it: without paths and values."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, Timeout):  # diskcache says so whatever kept it from beginning
        cause = error.__context__
        if isinstance(cause, sqlite3.Error):
            return told(cause)
        return StoreError("locked for too long")
    if isinstance(error, OSError):
        return StoreError(_of_system(error))
    if isinstance(error, sqlite3.Error) and _shows_it_broken(error):
        return BrokenError()
    kind = int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return StoreError(_REASONS.get(kind, f"SQLite says {name}"))


@contextmanager
def as_store_error() -> Iterator[None]:
    """Let nothing out but StoreError, and bugs."""
    try:
        yield
    except (OSError, sqlite3.Error, Timeout) as error:
        raise told(error) from error


@contextmanager
def making_sense() -> Iterator[None]:
    """For what is read: where nothing can be made of it, the store is broken.

    Not for what callers give: their mistakes must not cost anybody the store.
    """
    try:
        yield
    except UnicodeEncodeError:  # on the way in, not out
        raise
    except _SENSELESS as error:
        raise BrokenError from error


def _shows_it_broken(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # Python's own: a text that is no UTF-8
        return type(error) is sqlite3.OperationalError
    kind = code & _PRIMARY
    if kind == sqlite3.SQLITE_ERROR:  # something else is there than our statements are for
        return "transaction" not in str(error)
    return kind in _BROKEN


def _of_system(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "no room left"
    return (error.strerror or type(error).__name__).lower()
