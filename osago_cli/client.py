"""The daemon's socket as a script would use it: connect, ask, read events.

Blocking and standard library only, so that a plain command starts as fast as Python does.
"""

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from osago_core import __version__
from osago_core.paths import MAX_SOCKET_PATH_BYTES
from osago_core.wire.protocol import PROTOCOL

CONNECT_S = 5.0
ANSWER_S = 10.0
"""The daemon answers every request at once; this long means that it is stuck."""

_READ_BYTES = 64 * 1024

Json = dict[str, Any]


class Unreachable(Exception):  # noqa: N818  # a state of the world, told apart by its subclasses
    """There is no daemon to talk to."""

    def __init__(self, path: Path, detail: str = "") -> None:
        """`path` is the socket that was tried."""
        super().__init__(detail)
        self.path = path
        self.detail = detail


class NotRunning(Unreachable):
    """Nothing listens there."""


class NoPermission(Unreachable):
    """The socket is not ours to use."""


class OtherProtocol(Unreachable):
    """What listens there speaks something else."""


class ConnectionLost(Unreachable):
    """The daemon went away in the middle."""


class NoAnswer(ConnectionLost):
    """The daemon is there and says nothing: it is stuck, not dead."""


class PathTooLong(Unreachable):
    """No Unix socket can have this path."""


class Refused(Exception):  # noqa: N818  # an answer, not a bug
    """The daemon answered with an error of the wire contract."""

    def __init__(self, error: Json) -> None:
        """`error` is the JSON-RPC error object."""
        super().__init__(error.get("message", ""))
        self.message: str = error.get("message", "")
        data: Json = error.get("data") or {}
        self.kind: str = data.get("kind", "internal")
        self.problems: list[Json] = data.get("problems") or []


class Client:
    """One connection. Events that arrive while an answer is awaited are kept in order."""

    def __init__(self, connection: socket.socket, path: Path) -> None:
        """Use `Client.connect`."""
        self._socket = connection
        self._path = path
        self._buffer = bytearray()
        self._events: list[Json] = []
        self._next_id = 1
        self.daemon: Json = {}

    @classmethod
    def connect(cls, path: Path) -> Self:
        """Connect and agree on a protocol. Raises a subclass of Unreachable."""
        if len(os.fsencode(path)) > MAX_SOCKET_PATH_BYTES:
            raise PathTooLong(path)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(CONNECT_S)
            connection.connect(os.fspath(path))
            client = cls(connection, path)
            client._say_hello()
        except BaseException as error:
            connection.close()
            if isinstance(error, FileNotFoundError | ConnectionRefusedError | NotADirectoryError):
                raise NotRunning(path) from None
            if isinstance(error, PermissionError):
                raise NoPermission(path) from None
            if isinstance(error, TimeoutError | BlockingIOError):
                raise ConnectionLost(path, "it does not accept connections") from None
            if isinstance(error, OSError):
                raise OtherProtocol(path, error.strerror or "") from None
            raise
        return client

    def request(self, method: str, params: Mapping[str, Any] | None = None) -> Json:
        """Ask and wait for the result. Raises Refused, ConnectionLost."""
        return self.answer(self.send(method, params))

    def send(self, method: str, params: Mapping[str, Any] | None = None) -> int:
        """Ask; the number under which the answer will come."""
        id_, self._next_id = self._next_id, self._next_id + 1
        message = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params or {}}
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._send(line)
        return id_

    def answer(self, id_: int, patience_s: float = ANSWER_S) -> Json:
        """Wait for the result of what was sent. Raises Refused, ConnectionLost."""
        while True:
            answer = self._message(patience_s)
            if answer is None:
                raise NoAnswer(self._path, f"no answer within {patience_s:g} s")
            if "method" in answer:
                self._events.append(answer["params"])
            elif "error" in answer:
                raise Refused(answer["error"])
            elif answer.get("id") == id_:
                result: Json = answer["result"]
                return result

    def event(self, timeout_s: float | None = None) -> Json | None:
        """The next event, None if none came within the time. Raises ConnectionLost."""
        if self._events:
            return self._events.pop(0)
        message = self._message(timeout_s)
        if message is None:
            return None
        params: Json = message["params"]
        return params

    def peer_pid(self) -> int:
        """The process that listens, as the kernel knows it."""
        raw = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return int.from_bytes(raw[:4], "little")

    def close(self) -> None:
        """Hang up; the run that was followed goes on."""
        self._socket.close()

    def __enter__(self) -> Self:
        """Nothing to do: connected already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self.close()

    def _say_hello(self) -> None:
        params = {
            "protocol": {"min": PROTOCOL, "max": PROTOCOL},
            "client": {"name": "osago-cli", "version": __version__},
        }
        try:
            self.daemon = self.request("hello", params)["daemon"]
        except Refused as refusal:
            if refusal.kind != "unsupported_protocol":
                raise
            raise OtherProtocol(self._path, refusal.message) from None
        except (ValueError, KeyError, TypeError):
            raise OtherProtocol(self._path) from None

    def _send(self, line: bytes) -> None:
        self._socket.settimeout(ANSWER_S)
        try:
            self._socket.sendall(line)
        except (BrokenPipeError, ConnectionResetError):
            pass  # whatever it said before it hung up is still to be read
        except TimeoutError:
            raise ConnectionLost(self._path, "it does not read") from None

    def _message(self, timeout_s: float | None) -> Json | None:
        while (end := self._buffer.find(b"\n")) < 0:
            self._socket.settimeout(timeout_s)
            try:
                received = self._socket.recv(_READ_BYTES)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError as error:
                raise ConnectionLost(self._path, error.strerror or "") from None
            if not received:
                raise ConnectionLost(self._path)
            self._buffer += received
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        message: Json = json.loads(line)
        return message
