"""Requests per second and CPU of our transport beside the alternatives, on one stub insurer.

Everybody sends the same create request from one process; the stub has a process of its own. Wall
clock depends on what else the machine does: compare within one run. "cpu" counts all threads.
Usage: python benchmarks/transport.py
"""

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import httpx
import uvloop
from pyreqwest.client import ClientBuilder
from pyreqwest_transport import PyreqwestTransport
from rich.console import Console
from rich.table import Table

from osago_daemon.insurers.transport import Transport

CONCURRENT = (10, 100, 1000)
ROUNDS = 2  # the better one counts
ROUND_S = 0.6
BODY = b'{"vehicle": {"vin": "XTA219010L0000001", "power": 87}, "drivers": [{"name": "Ivan"}]}'
HEADERS = {
    "Content-Type": "application/json",
    "Authorization": "Bearer sandbox",
    "Idempotency-Key": "0123456789abcdef0123456789abcdef",
}

Send = Callable[[], Awaitable[object]]
Contender = Callable[[str], AbstractAsyncContextManager[Send]]


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[Send]:
    async with Transport() as transport:
        yield lambda: transport.handle_async_request(create(url))


@asynccontextmanager
async def over_pyreqwest(url: str) -> AsyncIterator[Send]:
    async with PyreqwestTransport() as transport:
        yield lambda: transport.handle_async_request(create(url))


@asynccontextmanager
async def async_client(url: str) -> AsyncIterator[Send]:
    # The setting that suits it best: its pool looks at every idle connection at every event.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    async with httpx.AsyncClient(limits=limits, timeout=None) as client:
        yield lambda: client.post(url, headers=HEADERS, content=BODY)


@asynccontextmanager
async def raw_aiohttp(url: str) -> AsyncIterator[Send]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def send() -> bytes:
            async with session.post(url, headers=HEADERS, data=BODY) as answer:
                return await answer.read()

        yield send


@asynccontextmanager
async def raw_pyreqwest(url: str) -> AsyncIterator[Send]:
    async with ClientBuilder().no_proxy().build() as client:

        async def send() -> object:
            answer = await client.post(url).headers(HEADERS).body_bytes(BODY).build().send()
            return await answer.bytes()

        yield send


CONTENDERS: dict[str, Contender] = {
    "httpx.AsyncClient": async_client,
    "osago transport": ours,
    "the same over pyreqwest": over_pyreqwest,
    "bare aiohttp": raw_aiohttp,
    "bare pyreqwest": raw_pyreqwest,
}


def create(url: str) -> httpx.Request:
    return httpx.Request("POST", url, headers=HEADERS, content=BODY)


async def measure(send: Send, concurrent: int) -> tuple[float, float]:
    """Requests per second and CPU seconds per 1,000 requests, connections already open."""
    await asyncio.gather(*(send() for _ in range(concurrent)))
    done = 0
    started, cpu = time.perf_counter(), time.process_time()

    async def keep_sending() -> None:
        nonlocal done
        while time.perf_counter() - started < ROUND_S:
            await send()
            done += 1

    await asyncio.gather(*(keep_sending() for _ in range(concurrent)))
    return done / (time.perf_counter() - started), (time.process_time() - cpu) / done * 1000


async def compare(url: str, concurrent: int) -> dict[str, tuple[float, float]]:
    best: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for name, contender in CONTENDERS.items():
            async with contender(url) as send:
                rate, cpu = await measure(send, concurrent)
            rate_before, cpu_before = best.get(name, (rate, cpu))
            best[name] = max(rate, rate_before), min(cpu, cpu_before)
    return best


@contextmanager
def stub_insurer() -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).with_name("stub.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/applications"
        finally:
            process.terminate()


async def main() -> None:
    gc.freeze()  # as the daemon does
    gc.set_threshold(50_000, 50, 1000)
    table = Table(title="requests/s (times AsyncClient) and CPU seconds per 1,000 requests")
    table.add_column("concurrent requests")
    for concurrent in CONCURRENT:
        table.add_column(f"{concurrent}", justify="right")
        table.add_column("cpu", justify="right")
    with stub_insurer() as url:
        columns = [await compare(url, concurrent) for concurrent in CONCURRENT]
    for name in CONTENDERS:
        cells = []
        for column in columns:
            rate, cpu = column[name]
            cells += [f"{rate:,.0f} ({rate / column['httpx.AsyncClient'][0]:.1f}×)", f"{cpu:.2f}"]
        table.add_row(name, *cells)
    Console(width=None if sys.stdout.isatty() else 120).print(table)


if __name__ == "__main__":
    uvloop.run(main())
