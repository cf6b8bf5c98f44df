"""Takes the Unix socket: one daemon per path, a dead one's leftovers are cleared away."""

import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from osago_core.paths import MAX_SOCKET_PATH_BYTES

BACKLOG = 4096
"""Clients that may wait to be accepted; the kernel caps it at net.core.somaxconn."""


class SocketRefusedError(Exception):
    """The socket can't be had; the text says why and what to do."""


class SocketPathError(SocketRefusedError):
    """The path as such can't be used: bad input, not a matter of the moment."""


class TakenSocket:
    """A listening socket that is ours, and its name in the file system."""

    def __init__(self, raw: socket.socket, path: Path) -> None:
        """`raw` is bound to `path`."""
        self.raw = raw
        self._path = path
        self._identity = _identity(path)

    def withdraw(self) -> None:
        """Take the name away, so that new clients find nobody; safe to call again.

        Leaves alone what is not ours: the folder may have been cleared and taken anew.
        """
        if self._identity is not None and _identity(self._path) == self._identity:
            self._path.unlink(missing_ok=True)
        self._identity = None


@contextmanager
def listening(path: Path) -> Iterator[TakenSocket]:
    """A listening socket at `path` (mode 0600), withdrawn at the end. Its folder is made 0700.

    A lock beside it, held as long as this process lives, decides between two daemons; so a socket
    file without a holder is a dead daemon's and is taken over.
    Raises SocketRefusedError.
    """
    _check_length(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_folder(path.parent)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        lock = os.open(path.with_name(path.name + ".lock"), flags, 0o600)
    except OSError as error:
        raise SocketRefusedError(
            f"no socket can be made in {path.parent}: {error.strerror}; "
            "name another path with --socket or OSAGO_SOCKET"
        ) from error
    try:
        _lock(lock, path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
            _bind(raw, path)
            taken = TakenSocket(raw, path)
            try:
                raw.listen(BACKLOG)
                raw.setblocking(False)  # noqa: FBT003  # the library's signature
                yield taken
            finally:
                taken.withdraw()
    finally:
        os.close(lock)


def _check_length(path: Path) -> None:
    length = len(os.fsencode(path))
    if length > MAX_SOCKET_PATH_BYTES:
        raise SocketPathError(
            f"the socket's path is {length} bytes long, a Unix socket takes at most "
            f"{MAX_SOCKET_PATH_BYTES}: {path}; name a shorter one with --socket or OSAGO_SOCKET"
        )


def _lock(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _taken(path) from None


def _bind(listener: socket.socket, path: Path) -> None:
    if _answers(path):  # something that knows nothing of our lock
        raise _taken(path)
    if path.exists() and not path.is_socket():
        raise SocketRefusedError(f"{path} exists and is no socket; it is left as it is")
    path.unlink(missing_ok=True)
    before = os.umask(0o177)  # mode 0600 from the first moment
    try:
        listener.bind(os.fspath(path))
    except OSError as error:
        raise SocketRefusedError(f"{path}: {error.strerror}") from error
    finally:
        os.umask(before)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(os.fspath(path))
        except OSError as error:
            # Anything else than these two, no permission for one, means somebody is there.
            return error.errno not in {errno.ECONNREFUSED, errno.ENOENT}
    return True


def _check_folder(folder: Path) -> None:
    """Whoever can rename files in the socket's folder can pose as the daemon."""
    found = folder.stat()
    if found.st_uid not in {0, os.getuid()}:
        raise SocketRefusedError(
            f"{folder} belongs to another user; name another path with --socket or OSAGO_SOCKET"
        )
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        raise SocketRefusedError(
            f"{folder} can be written to by others; mend it with: chmod go-w {folder}"
        )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _taken(path: Path) -> SocketRefusedError:
    return SocketRefusedError(
        f"another daemon is already running on {path}; "
        "see it with: osago status; stop it with: osago daemon stop"
    )
