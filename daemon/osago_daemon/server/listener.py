"""Takes the Unix socket: one daemon per path, a dead one's leftovers are cleared away."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from osago_core.paths import MAX_SOCKET_PATH_BYTES

BACKLOG = 4096
"""Clients that may wait to be accepted; the kernel caps it at net.core.somaxconn."""


class SocketRefusedError(Exception):
    """The socket can't be had; the text says why and what to do."""


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """A listening socket at `path` (mode 0600; its folder is made 0700), removed at the end.

    A lock beside it, held as long as this process lives, decides between two daemons; so a socket
    file without a holder is a dead daemon's and is taken over.
    Raises SocketRefusedError.
    """
    _check_length(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SocketRefusedError(
            f"no socket can be made in {path.parent}: {error.strerror}; "
            "name another path with --socket or OSAGO_SOCKET"
        ) from error
    try:
        _lock(lock, path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            _bind(listener, path)
            try:
                listener.listen(BACKLOG)
                listener.setblocking(False)  # noqa: FBT003  # the library's signature
                yield listener
            finally:
                path.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _check_length(path: Path) -> None:
    length = len(os.fsencode(path))
    if length > MAX_SOCKET_PATH_BYTES:
        raise SocketRefusedError(
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
        except TimeoutError:
            return True
        except OSError as error:
            return error.errno == errno.EAGAIN  # its backlog is full: somebody is there
    return True


def _taken(path: Path) -> SocketRefusedError:
    return SocketRefusedError(
        f"another daemon is already running on {path}; "
        "see it with: osago status; stop it with: osago daemon stop"
    )
