"""Two-endpoint insurers as light as they get, each on a port of its own, all in one process.

    python -m benchmarks.peak.stub INSURERS APPLICATIONS SIGMA SEED

prints its ports as a line of JSON (the control port first) and serves until killed. A create is
answered "pending" at once; a poll is, too, until the offer is ready. How long that takes is drawn
for each pair of insurer and application before the start: equal for everybody who asks with the
same seed, whatever the order. The control port's /stats has the counts, /log what became of each
application.
"""

import asyncio
import gc
import json
import math
import random
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import cast

import uvloop

from benchmarks.peak.applications import VIN_START

QUICKEST_S, SLOWEST_S = 4.0, 22.0
"""The insurers' medians are spread evenly between these."""

LONGEST_S = 55.0
HEAD_END = b"\r\n\r\n"
OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: stub\r\n"
    b"Content-Length: %d\r\n\r\n"
)
CREATED = b'{"applicationId":"%b","status":"processing"}'
PENDING = b'{"status":"processing"}'
OFFER = (
    b'{"applicationId":"%b","status":"completed","premium":8432.17,"baseRate":4942.0,'
    b'"coefficients":{"kt":1.8,"kbm":0.46,"kvs":0.83,"ko":1.0,"km":1.1,"ks":1.0},'
    b'"commission":843.22,"validUntil":"2030-01-01T00:00:00+03:00",'
    b'"paymentUrl":"https://pay.example.org/%b"}'
)


def answer(body: bytes) -> bytes:
    return OK % len(body) + body


PENDING_ANSWER = answer(PENDING)


class Insurer:
    """What one insurer knows, by the application's number."""

    def __init__(self, number: int, delays_s: list[float]) -> None:
        self.number = number
        self.delays_s = delays_s
        count = len(delays_s)
        self.created_at = [0.0] * count
        self.ready_at = [math.inf] * count
        self.answered_at = [0.0] * count
        """When the first answer with the offer was written."""
        self.polls = [0] * count
        self.keys: dict[bytes, int] = {}
        self.creates = self.duplicates = self.connected = self.most_connected = 0

    def create(self, head: bytes, body: bytes) -> bytes:
        self.creates += 1
        vin = body.index(VIN_START) + len(VIN_START)
        index = int(body[vin : vin + 7])
        known = self.keys.setdefault(_header(head, b"\r\nidempotency-key:"), index)
        if known != index or self.created_at[index]:
            self.duplicates += 1
        else:
            self.created_at[index] = now = time.time()
            self.ready_at[index] = now + self.delays_s[index]
        return answer(CREATED % (b"%08x-0000-4000-8000-%012x" % (index, self.number)))

    def poll(self, id_: bytes) -> bytes:
        index = int(id_[:8], 16)
        self.polls[index] += 1
        now = time.time()
        if now < self.ready_at[index]:
            return PENDING_ANSWER
        self.answered_at[index] = self.answered_at[index] or now
        return answer(OFFER % (id_, id_))

    def stats(self) -> dict[str, int]:
        return {
            "creates": self.creates,
            "duplicates": self.duplicates,
            "polls": sum(self.polls),
            "most_connected": self.most_connected,
        }

    def log(self) -> dict[str, list[float | None]]:
        """Columns; times are seconds since 1970, 0 or null for never."""
        return {
            "created_at": [*self.created_at],
            "ready_at": [None if at == math.inf else at for at in self.ready_at],
            "answered_at": [*self.answered_at],
            "polls": [*self.polls],
        }


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as far as both contenders speak it."""

    def __init__(self, insurer: Insurer) -> None:
        self._insurer = insurer
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses
        insurer = self._insurer
        insurer.connected += 1
        insurer.most_connected = max(insurer.most_connected, insurer.connected)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._insurer.connected -= 1

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (head_end := self._pending.find(HEAD_END)) >= 0:
            end = head_end + len(HEAD_END)
            if self._pending.startswith(b"GET /applications/"):
                self._transport.write(self._insurer.poll(self._pending[18:54]))
            else:
                head, body = self._pending[:head_end].lower(), end
                end += int(_header(head, b"\r\ncontent-length:") or 0)
                if len(self._pending) < end:
                    return
                self._transport.write(self._insurer.create(head, self._pending[body:end]))
            self._pending = self._pending[end:]


class Control(asyncio.Protocol):
    """GET /stats and GET /log."""

    def __init__(self, insurers: list[Insurer]) -> None:
        self._insurers = insurers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        tell = Insurer.log if data.startswith(b"GET /log") else Insurer.stats
        self._transport.write(answer(json.dumps([*map(tell, self._insurers)]).encode()))
        self._transport.close()


def _header(head: bytes, name: bytes) -> bytes:
    """A header's value in a head of lower case."""
    start = head.find(name)
    return head[start + len(name) :].partition(b"\r\n")[0].strip() if start >= 0 else b""


def delays_s(number: int, insurers: int, applications: int, sigma: float, seed: int) -> list[float]:
    draw = random.Random(f"{seed}/{number}")
    median = QUICKEST_S + (SLOWEST_S - QUICKEST_S) * number / max(1, insurers - 1)
    return [min(LONGEST_S, median * draw.lognormvariate(0, sigma)) for _ in range(applications)]


async def serve(count: int, applications: int, sigma: float, seed: int) -> None:
    insurers = [
        Insurer(number, delays_s(number, count, applications, sigma, seed))
        for number in range(count)
    ]
    loop = asyncio.get_running_loop()
    factories: list[Callable[[], asyncio.Protocol]] = [partial(Control, insurers)]
    factories += [partial(Connection, insurer) for insurer in insurers]
    ports = []
    for factory in factories:
        server = await loop.create_server(factory, "127.0.0.1", 0, backlog=4096)
        ports.append(server.sockets[0].getsockname()[1])
    gc.disable()
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    insurers_, applications_, sigma_, seed_ = sys.argv[1:]
    uvloop.run(serve(int(insurers_), int(applications_), float(sigma_), int(seed_)))
