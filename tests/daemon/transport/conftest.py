"""Pretend insurers on real sockets, one function per way to answer."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx
import pytest

from osago_daemon.insurers.registry import Surroundings, build_adapter
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.transport import Transport, TransportOptions
from osago_daemon.resilience.trouble import Trouble, TroubleKind

T = TypeVar("T")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": request.param}


class Peer:
    """One accepted connection, seen from the insurer."""

    def __init__(
        self, server: "Server", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self.reader = reader
        self.writer = writer

    async def request(self) -> bytes:
        """Read one whole request."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"\r\ncontent-length:")
        body = await self.reader.readexactly(int(length.partition(b"\r\n")[0] or 0))
        self._server.requests.append(head + body)
        async with self._server.changed:
            self._server.changed.notify_all()
        return head + body

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        raw: socket.socket = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Handler = Callable[[Peer], Awaitable[None]]


class Server:
    """Runs a handler per connection, closes it after; knows what came in and what is open."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._tasks = set[asyncio.Task[None]]()
        self.changed = asyncio.Condition()
        self.requests: list[bytes] = []
        self.accepted = 0
        self.open = 0

    async def start(self, tls: ssl.SSLContext | None) -> None:
        self._listener = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, ssl=tls, backlog=2048
        )
        self.port: int = self._listener.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/applications"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(Peer(self, reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, peer: Peer) -> None:
        self.accepted += 1
        self.open += 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._handler(peer)
        finally:
            peer.writer.close()
            with suppress(OSError):
                await peer.writer.wait_closed()
            self.open -= 1
            async with self.changed:
                self.changed.notify_all()

    async def until(self, condition: Callable[["Server"], bool]) -> None:
        """Wait until the condition holds, looking again at every request and every end."""
        async with self.changed:
            await self.changed.wait_for(lambda: condition(self))

    async def until_nobody_is_connected(self) -> None:
        await self.until(lambda server: server.accepted > 0 and server.open == 0)

    async def stop(self) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(handler: Handler, tls: ssl.SSLContext | None = None) -> Server:
            server = Server(handler)
            await server.start(tls)
            stack.push_async_callback(server.stop)
            return server

        yield start


@pytest.fixture
async def transport_with() -> AsyncIterator[Callable[..., Transport]]:
    """Build transports that are closed before the servers are."""
    async with AsyncExitStack() as stack:

        def build(**options: Any) -> Transport:
            transport = Transport(TransportOptions(**options))
            stack.push_async_callback(transport.aclose)
            return transport

        yield build


Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def send(transport_with: Callable[..., Transport]) -> Send:
    """Send a create request through a transport of the fixture's own."""
    transport = transport_with()

    async def post(url: str, **kwargs: Any) -> httpx.Response:
        request = httpx.Request("POST", url, **{"json": {"vin": "XTA"}, **kwargs})
        return await transport.handle_async_request(request)

    return post


@pytest.fixture
def answering() -> Callable[..., Handler]:
    """Handlers that answer every request on a connection with the same bytes."""

    def handler(answer: bytes = OK) -> Handler:
        async def serve_forever(peer: Peer) -> None:
            while True:
                await peer.request()
                await peer.write(answer)

        return serve_forever

    return handler


class Bound:
    """The bound of an attempt: plenty of time, or `soon_s` from when the server has it."""

    def __init__(self, soon_s: float | None = None) -> None:
        self.scope = anyio.CancelScope(deadline=anyio.current_time() + 20.0)
        self._soon_s = soon_s

    def begun(self) -> None:
        if self._soon_s is not None:
            self.scope.deadline = anyio.current_time() + self._soon_s


class OneAttempt:
    """A `Call` whose only policy is the bound of an attempt."""

    idempotency_key = "key-1"
    kept = None

    def __init__(self, bound: Bound) -> None:
        self.application = {"vehicle": {"vin": "XTA219010L0000001"}}
        self._bound = bound

    async def attempt(self, send: Callable[[], Awaitable[T]], **_: Any) -> T:
        with self._bound.scope:
            return await send()
        raise Trouble(TroubleKind.TIMEOUT, "no answer in time")

    def mask(self, text: str) -> str:
        return text.replace("XTA219010L0000001", "***")


@pytest.fixture
def bounded() -> type[Bound]:
    """Makes the bound of an attempt."""
    return Bound


TroubleWith = Callable[..., Awaitable[Trouble]]


@pytest.fixture
def trouble_with(tmp_path: Path) -> TroubleWith:
    """Ask the insurer at a URL once, through the adapter, for a quote that must fail.

    An attempt that is ended by its bound is a timeout; by default it has all the time it needs.
    """

    async def ask(url: str, transport: Transport, bound: Bound | None = None) -> Trouble:
        table = {
            "id": "sever",
            "name": "Север",
            "base_url": url,
            "create": {
                "path": "/create",
                "headers": {"Idempotency-Key": "call.key"},
                "body": {"vin": "vehicle.vin"},
            },
            "answer": {"premium": "body.premium", "error_message": "body.message"},
        }
        around = Surroundings(transport, Secrets(tmp_path, {}))
        adapter = build_adapter(RestSpec.model_validate(table), around)
        with pytest.raises(Trouble) as caught:
            await adapter.quote(OneAttempt(bound or Bound()))
        return caught.value

    return ask
