"""The folder of the segments: private, and never led astray by what others put there.

Segments are files with a number for a name. The folder is looked at anew for each operation on
it, since a runtime directory may be cleared under a daemon. Knows nothing of what segments hold.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NUMBER = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
"""No daemon gets beyond these; a file with a longer name was not written by one."""
MAX_BYTES = 256 * 1024 * 1024
"""Far more than all runs of the peak in one segment; a larger file is none of ours."""
_TRUSTED = 0o600
_DISTRUSTED = 0o400


class Folder:
    """Raises OSError, with a text for people, where not told otherwise."""

    def __init__(self, path: Path) -> None:
        """Made at the first use; its parent must be there."""
        self.path = path

    def numbers(self) -> list[int]:
        """Of the segments that are there, the oldest first."""
        with self._opened() as folder:
            names = os.listdir(folder)  # noqa: PTH208  # by descriptor
        return sorted(int(name) for name in names if _NUMBER.fullmatch(name))

    def create(self, number: int) -> int:
        """A descriptor that appends to a new segment."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with self._opened() as folder:
            return os.open(str(number), flags, _TRUSTED, dir_fd=folder)

    def read(self, number: int) -> tuple[bytes, bool]:
        """What a segment holds, and whether it may be trusted (see `distrust`)."""
        with self._file(number) as file:
            if os.fstat(file).st_size > MAX_BYTES:
                raise OSError(errno.EFBIG, "too large for a segment")
            trusted = stat.S_IMODE(os.fstat(file).st_mode) != _DISTRUSTED
            with open(file, "rb", closefd=False) as stream:
                return stream.read(), trusted

    def distrust(self, number: int) -> None:
        """Mark a segment as no longer up to date: needs no room, which there is none of."""
        with self._file(number) as file:
            os.fchmod(file, _DISTRUSTED)

    def remove(self, number: int) -> None:
        """Take a segment away, if it can be; never raises OSError."""
        with suppress(OSError), self._opened() as folder:
            os.unlink(str(number), dir_fd=folder)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        with suppress(FileExistsError):
            self.path.mkdir(mode=0o700)
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _check(folder)
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _file(self, number: int) -> Iterator[int]:
        # Without O_NONBLOCK a named pipe would hold up the daemon's start.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with self._opened() as folder:
            file = os.open(str(number), flags, dir_fd=folder)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError(errno.EINVAL, "it is no file")
            yield file
        finally:
            os.close(file)


def _check(folder: int) -> None:
    status = os.fstat(folder)
    if status.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "the folder belongs to somebody else")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EPERM, "others may write to the folder")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        os.fchmod(folder, 0o700)
