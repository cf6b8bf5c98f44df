"""The daemon's server on a real socket inside the test, and a client that speaks raw lines."""

import json
import os
from contextlib import asynccontextmanager

import anyio
from anyio.abc import SocketListener
from anyio.streams.buffered import BufferedByteReceiveStream

from osago_daemon.server.context import Daemon
from osago_daemon.server.listener import listening
from osago_daemon.server.session import accept_clients
from tests.support.desk import START, another, desk_of


@asynccontextmanager
async def serving(path, **adapters):
    """A daemon with these insurers, listening at `path`."""
    with listening(path) as taken:
        async with (
            await SocketListener.from_socket(taken.raw) as listener,
            desk_of(**adapters) as desk,
            anyio.create_task_group() as clients,
        ):
            daemon = Daemon(
                desk=desk,
                pid=os.getpid(),
                started_at=START,
                insurers_file=path,
                socket=path,
                state_dir=path.parent,
            )
            accepting = await clients.start(accept_clients, listener, daemon, clients)
            yield daemon
            accepting.cancel()
            desk.drain()
            daemon.hang_up()


class Line:
    """One client."""

    def __init__(self, stream):
        self.stream = stream
        self._lines = BufferedByteReceiveStream(stream)
        self._next_id = 0

    async def send(self, method, **params):
        self._next_id += 1
        message = {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params}
        await self.stream.send(json.dumps(message).encode() + b"\n")

    async def receive(self):
        return json.loads(await self._lines.receive_until(b"\n", 1 << 24))

    async def ask(self, method, **params):
        """The result or the error of a request made while nothing is being followed."""
        await self.send(method, **params)
        answer = await self.receive()
        assert answer["id"] == self._next_id
        return answer["result"] if "result" in answer else answer["error"]

    async def start(self, **params):
        """A quote that nobody asked for yet."""
        return await self.ask("quote.start", application=another(), **params)

    async def events(self):
        """Every event until `done`."""
        events = []
        while not events or events[-1]["type"] != "done":
            message = await self.receive()
            assert message["method"] == "quote.event"
            events.append(message["params"])
        return events

    async def at_end(self):
        """Whether the daemon has hung up."""
        try:
            await self._lines.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return True
        return False


@asynccontextmanager
async def connected(daemon):
    async with await anyio.connect_unix(daemon.socket) as stream:
        yield Line(stream)
