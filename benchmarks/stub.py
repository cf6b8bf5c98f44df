"""A pretend insurer as light as it gets, so that the client is what gets measured.

Gives the same answer to everything. `python benchmarks/stub.py` prints its port and serves until
killed.
"""

import asyncio
from typing import cast

import uvloop

BODY = b'{"applicationId": "5f0c1e0a", "status": "completed", "premium": "8432.17", "tb": 4942.0}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: stub\r\n"
    b"Date: Mon, 01 Jun 2026 09:00:00 GMT\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
)
HEAD_END = b"\r\n\r\n"


class Stub(asyncio.Protocol):
    """Answers each request once its head and body are in; keeps the connection."""

    def __init__(self) -> None:
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._end_of_request()) is not None:
            self._pending = self._pending[end:]
            self._transport.write(ANSWER)

    def _end_of_request(self) -> int | None:
        head_end = self._pending.find(HEAD_END)
        if head_end < 0:
            return None
        head = self._pending[:head_end].lower()
        _, _, length = head.partition(b"\r\ncontent-length:")
        end = head_end + len(HEAD_END) + int(length.partition(b"\r\n")[0] or 0)
        return end if len(self._pending) >= end else None


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
