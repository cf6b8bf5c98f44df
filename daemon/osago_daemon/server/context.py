"""What a handler has at hand: the daemon it serves and the client that asked."""

from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from socket import SHUT_RD, SO_PEERCRED, SOL_SOCKET
from struct import Struct

import anyio
from anyio.abc import SocketAttribute, SocketStream

from osago_core import __version__
from osago_core.tariff import TariffBook
from osago_core.wire.methods import DaemonInfo
from osago_daemon.quoting.desk import QuoteDesk
from osago_daemon.quoting.run import Run
from osago_daemon.reloading import Reloader
from osago_daemon.server.turns import Turns

_CREDENTIALS = Struct("3i")
"""`struct ucred` of unix(7): pid, uid, gid."""


class Connection:
    """One client's end of the wire."""

    def __init__(self, stream: SocketStream) -> None:
        """`stream` is what was accepted."""
        self.stream = stream

    def uid(self) -> int | None:
        """The user at the other end, as the kernel vouches for it."""
        raw = self.stream.extra(SocketAttribute.raw_socket)  # noqa: S610  # no Django here
        try:
            credentials = raw.getsockopt(SOL_SOCKET, SO_PEERCRED, _CREDENTIALS.size)
        except OSError:  # it may be gone already
            return None
        _pid, uid, _gid = _CREDENTIALS.unpack(credentials)
        return int(uid)

    def stop_reading(self) -> None:
        """Let the pending read see the end of the stream.

        Rather than cancel it: on asyncio a cancelled read of a Unix socket that becomes readable
        in the same turn of the loop reports InvalidStateError (agronholm/anyio#1267 is its twin).
        """
        raw = self.stream.extra(SocketAttribute.raw_socket)  # noqa: S610  # no Django here
        with suppress(OSError):  # it may be gone already
            raw.shutdown(SHUT_RD)


@dataclass(slots=True)
class Daemon:
    """The daemon as its clients may know it."""

    desk: QuoteDesk
    pid: int
    started_at: datetime
    insurers_file: Path
    socket: Path
    state_dir: Path
    max_clients: int = 1000
    """More than these are turned away, so that insurers keep descriptors to be asked with."""
    book: TariffBook = field(default_factory=TariffBook)
    """The tariff that applications are priced by."""
    reloader: Reloader | None = None
    """Reads insurers.toml again; None where there is no file to read."""

    clients: set["Connection"] = field(default_factory=set)
    """Who is connected."""
    turns: Turns = field(default_factory=Turns)
    """How many of their lines are answered in one turn of the loop."""
    _started: float = field(default_factory=anyio.current_time)

    def info(self) -> DaemonInfo:
        """Who answers."""
        return DaemonInfo(version=__version__, pid=self.pid, started_at=self.started_at)

    def use_tariff(self, book: TariffBook) -> None:
        """Price by this one from now on."""
        self.book = book

    def hang_up(self) -> None:
        """Take no more requests; every client is still told what it follows."""
        for client in self.clients:
            client.stop_reading()

    def uptime_s(self) -> float:
        """Seconds since the start."""
        return round(anyio.current_time() - self._started, 3)


@dataclass(slots=True)
class ClientView:
    """The client whose request is being handled."""

    key: Hashable = None
    """Stands for this client where clients take turns."""
    uid: int | None = None
    """The user who runs it; None where the system does not say."""

    to_follow: list[tuple[Run, int]] = field(default_factory=list)
    """Runs whose events it wants from now on, each after a number. They follow the answer."""
