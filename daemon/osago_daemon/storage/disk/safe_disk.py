"""What diskcache may write and read here: text for keys, bytes for values, nothing else.

Its own `Disk` unpickles whatever a row says, and reads and removes whatever file a row names, so
that who can write the file runs code (CVE-2025-69872). Here no row can do either: one that asks
for it is a miss, and is replaced when its key is written next.
"""

from typing import Any, NoReturn

from diskcache import UNKNOWN, Disk
from diskcache.core import MODE_RAW

INLINE_BYTES = 1 << 40
"""More than SQLite takes: no value ever becomes a file."""


class RefusedRowError(OSError):
    """The row is not of a kind that is written here. An OSError is a miss to diskcache."""


class SafeDisk(Disk):  # type: ignore[misc]  # diskcache ships no types
    """str keys and bytes values, all inside the database."""

    def __init__(self, directory: str, **_settings: object) -> None:
        """The settings come out of the database: none is heeded."""
        super().__init__(directory, min_file_size=INLINE_BYTES, pickle_protocol=0)

    def put(self, key: Any) -> tuple[str, bool]:
        """A key for the database. Raises TypeError."""
        if type(key) is not str:
            raise TypeError("keys are text")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        """A key out of the database. Raises RefusedRowError."""
        if not raw or type(key) is not str:
            raise RefusedRowError("not a key of ours")
        return key

    def store(
        self,
        value: Any,
        read: Any,
        key: Any = UNKNOWN,  # noqa: ARG002  # diskcache names it
    ) -> tuple[int, int, None, bytes]:
        """A value for the database. Raises TypeError."""
        if read or type(value) is not bytes:
            raise TypeError("values are bytes")
        return 0, MODE_RAW, None, value

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> bytes:
        """A value out of the database. Raises RefusedRowError."""
        if read or mode != MODE_RAW or filename is not None or type(value) is not bytes:
            raise RefusedRowError("not a value of ours")
        return value

    def filename(self, key: Any = UNKNOWN, value: Any = UNKNOWN) -> NoReturn:  # noqa: ARG002  # diskcache names them
        """There are no files. Raises TypeError."""
        raise TypeError("values are no files")

    def remove(self, file_path: Any) -> None:
        """Whatever a row names, it is no file of ours."""
