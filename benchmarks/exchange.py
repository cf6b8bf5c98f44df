"""CPU of one exchange with an insurer: building, sending, reading, as insurers.toml says.

Three shipped insurers (JSON; JSON with a token from a login; SOAP with WS-Security, in one step),
three kinds of exchange (a create, a poll that says "not yet", a poll that brings the offer), two
transports: "canned" answers at once, so that what remains is the adapter; "wire" is our transport
against a stub in a process of its own. Policies, runs and the socket are not in it: that is
`benchmarks/peak.py`. CPU time of a busy machine is longer: compare only what ran side by side.
Usage: python benchmarks/exchange.py [--profile]
"""

import asyncio
import cProfile
import gc
import json
import pstats
import subprocess
import sys
import time
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import stub
import uvloop
from rich.console import Console
from rich.table import Table

from osago_core.application import Application, Redactor
from osago_core.offer import Offer
from osago_daemon.insurers.port import NotYet
from osago_daemon.insurers.registry import Surroundings, build_adapter
from osago_daemon.insurers.responses import read_response
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import Secrets
from osago_daemon.insurers.transport import Transport

ROOT = Path(__file__).parent.parent
REST_KEYS = ("name", "auth", "headers", "create", "poll", "answer")
EXCHANGES = 2000
ROUNDS = 3  # the best one counts
CONCURRENT = 50

ID = "5f0c1e0a-7b1e-4c52-9d0e-3f2a64c1b7aa"
ANSWERS: dict[str, dict[str, Any]] = {
    "sever": {
        "pending": {"applicationId": ID, "status": "processing"},
        "offer": {
            "applicationId": ID,
            "status": "completed",
            "premium": 8432.17,
            "baseRate": 4942.0,
            "commission": 843.22,
            "validUntil": "2026-12-31T23:59:59+03:00",
            "paymentUrl": f"https://pay.sever.example/{ID}",
            "coefficients": {"kt": 1.8, "kbm": 0.46, "kvs": 0.83, "ko": 1, "km": 1.2, "ks": 1},
        },
    },
    "lukomor": {
        "pending": {"calculation": {"id": ID, "statusCode": 0}},
        "offer": {
            "calculation": {
                "id": ID,
                "statusCode": 20,
                "money": {
                    "total": {"amount": 843217, "currency": "RUB"},
                    "baseRate": {"amount": 494200, "currency": "RUB"},
                    "commission": {"amount": 84322, "currency": "RUB"},
                },
                "factors": [
                    {"code": code, "value": value}
                    for code, value in (("KT", 1.8), ("KBM", 0.46), ("KVS", 0.83), ("KO", 1))
                ],
                "validUntil": "2026-12-31T23:59:59+03:00",
            }
        },
    },
}
SOAP = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:o="urn:verst:\
osago:v2" xmlns:t="urn:verst:types:v1"><soap:Body><o:CalculateResponse><o:Result Status="Ok" \
QuoteNumber="VR-100500"><t:Price Currency="RUB">8432.17</t:Price><t:BaseRate Currency="RUB">4942\
</t:BaseRate><o:PaymentUrl>https://pay.verst.example/100500</o:PaymentUrl></o:Result>\
</o:CalculateResponse></soap:Body></soap:Envelope>"""
ONE_STEP = {"verst": SOAP.encode()}
LOGIN = json.dumps({"token": "a" * 32, "expires_in": 86_400}).encode()

EXAMPLE = json.loads((ROOT / "examples/application.json").read_bytes())
EXAMPLE["period"] = {"start_date": "2026-12-01"}
APPLICATION = Application.model_validate(EXAMPLE)

Quote = Callable[["Polls"], Awaitable[object]]


class Enough(Exception):  # noqa: N818  # no error, the end of a measurement
    """Ends a quote where its poll would begin."""


class Polls:
    """A `Call` without policies that polls as often as it is told."""

    application = APPLICATION.normal_form()
    redactor = Redactor.of(APPLICATION)
    idempotency_key = "0123456789abcdef0123456789abcdef"
    kept = None

    def __init__(self, polls: int) -> None:
        self._polls = polls

    async def created(self, kept: Any) -> None:
        """Nobody writes it down here."""

    async def attempt(self, send: Callable[[], Awaitable[Any]], **_: Any) -> Any:
        return await send()

    async def log_in(self, send: Callable[[], Awaitable[Any]]) -> Any:
        return await send()

    async def poll(self, ask: Callable[[], Awaitable[Any]], **_: Any) -> Any:
        for _ in range(self._polls):
            reading = await ask()
            assert isinstance(reading, NotYet | Offer)
        raise Enough

    def mask(self, text: str) -> str:
        return self.redactor.mask(text)


def http_answer(insurer: str, kind: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    if kind == "login":
        body = LOGIN
    else:
        body = ONE_STEP.get(insurer) or json.dumps(ANSWERS[insurer][kind]).encode()
    media_type = b"text/xml" if body.startswith(b"<") else b"application/json"
    head = [
        (b"Content-Type", media_type + b"; charset=utf-8"),
        (b"Content-Length", b"%d" % len(body)),
        (b"Date", b"Mon, 01 Jun 2026 09:00:00 GMT"),
        (b"Server", b"stub"),
    ]
    return head, body


class Canned(httpx.AsyncBaseTransport):
    """Accepts every application, answers every poll the same, from memory."""

    def __init__(self, insurer: str, kind: str) -> None:
        self._token = http_answer(insurer, "login")
        self._created = http_answer(insurer, "pending")
        self._polled = http_answer(insurer, kind)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers, body = self._created if request.method == "POST" else self._polled
        if request.url.path.endswith("/auth/token"):
            headers, body = self._token
        return read_response(request, 200, headers, body, 1_000_000)


class StubInsurer(stub.Stub):
    """The same over HTTP."""

    token = created = polled = b""

    def data_received(self, data: bytes) -> None:
        stub.ANSWER = self.created if data.startswith(b"POST") else self.polled
        if b"/auth/token" in data[: data.find(b"\r\n")]:
            stub.ANSWER = self.token
        super().data_received(data)


def serve(insurer: str, kind: str) -> None:
    def raw(kind: str) -> bytes:
        headers, body = http_answer(insurer, kind)
        lines = [b"HTTP/1.1 200 OK", *(b": ".join(header) for header in headers), b"", body]
        return b"\r\n".join(lines)

    StubInsurer.created, StubInsurer.polled = raw("pending"), raw(kind)
    StubInsurer.token = raw("login")
    stub.Stub = StubInsurer  # type: ignore[misc]  # the one it serves with
    uvloop.run(stub.serve())


@contextmanager
def stub_insurer(insurer: str, kind: str) -> Iterator[str]:
    command = [sys.executable, __file__, "serve", insurer, kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/{insurer}"
        finally:
            process.terminate()


def asking(insurer: str, base_url: str, transport: httpx.AsyncBaseTransport) -> Quote:
    """The shipped adapter; only where the insurer lives differs."""
    shipped = tomllib.loads((ROOT / "insurers.toml").read_text())["insurers"][insurer]
    table = {key: shipped[key] for key in REST_KEYS if key in shipped}
    spec = RestSpec.model_validate({**table, "id": insurer, "base_url": base_url})
    adapter = build_adapter(spec, Surroundings(transport, Secrets(ROOT, {})))

    async def quote(call: Polls) -> None:
        with suppress(Enough):
            await adapter.quote(call)

    return quote


async def cpu_us(quote: Quote, polls: int) -> float:
    """CPU microseconds of this process per quote with so many polls, `CONCURRENT` at a time."""
    quotes = EXCHANGES // (1 + polls)
    left = iter(range(quotes))

    async def keep_asking() -> None:
        for _ in left:
            await quote(Polls(polls))

    await asyncio.gather(*(quote(Polls(1)) for _ in range(CONCURRENT)))  # connections are open
    started = time.process_time()
    await asyncio.gather(*(keep_asking() for _ in range(CONCURRENT)))
    return (time.process_time() - started) / quotes * 1_000_000


async def of_each_exchange(quote: Quote) -> tuple[float, float]:
    """CPU microseconds of a create and of a poll."""
    polls = 19
    create = min([await cpu_us(quote, 0) for _ in range(ROUNDS)])
    both = min([await cpu_us(quote, polls) for _ in range(ROUNDS)])
    return create, (both - create) / polls


@asynccontextmanager
async def opened(insurer: str, kind: str, way: str) -> AsyncIterator[Quote]:
    async with AsyncExitStack() as stack:
        if way == "canned":
            url = f"http://127.0.0.1/{insurer}"
            transport: httpx.AsyncBaseTransport = Canned(insurer, kind)
        else:
            url = stack.enter_context(stub_insurer(insurer, kind))
            transport = await stack.enter_async_context(Transport())
        yield asking(insurer, url, transport)


async def measure(insurer: str, kind: str, way: str) -> tuple[float, float]:
    async with opened(insurer, kind, way) as quote:
        return await of_each_exchange(quote)


async def measure_one_step(insurer: str, way: str) -> float:
    async with opened(insurer, "offer", way) as quote:
        return min([await cpu_us(quote, 0) for _ in range(ROUNDS)])


async def main() -> None:
    gc.freeze()  # as the daemon does
    gc.set_threshold(50_000, 50, 1000)
    table = Table(title="CPU microseconds per exchange")
    for column in ("insurer", "over", "create", "poll: not yet", "poll: offer"):
        table.add_column(column, justify="right" if column[:2] in {"cr", "po"} else "left")
    for way in ("canned", "wire"):
        for insurer in ANSWERS:
            create, pending = await measure(insurer, "pending", way)
            _, offer = await measure(insurer, "offer", way)
            table.add_row(insurer, way, f"{create:.0f}", f"{pending:.0f}", f"{offer:.0f}")
        for insurer in ONE_STEP:
            create = await measure_one_step(insurer, way)
            table.add_row(insurer, way, f"{create:.0f}", "", "")
    Console(width=None if sys.stdout.isatty() else 120).print(table)


async def profile() -> None:
    """Where the time of creates and of pending polls over the wire goes."""
    with stub_insurer("sever", "pending") as url:
        async with Transport() as transport:
            quote = asking("sever", url, transport)
            for polls in (0, 19):
                with cProfile.Profile() as profiler:
                    await cpu_us(quote, polls)
                print(f"--- quotes with {polls} polls")
                pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", insurer, kind]:
            serve(insurer, kind)
        case ["--profile"]:
            uvloop.run(profile())
        case _:
            uvloop.run(main())
