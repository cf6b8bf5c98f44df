"""From a hostile socket to `failed.kind`: each hostility has its word, its end, its size."""

import asyncio
import datetime as dt
import gzip
import socket
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from osago_core.offer import FailureKind
from osago_daemon.insurers.transport import Transport
from osago_daemon.quoting.outcome import failed_by
from osago_daemon.resilience.trouble import TroubleKind

pytestmark = pytest.mark.anyio

NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
LIMIT = 64 * 1024
KERNEL_BUFFERS = 16 * 1024 * 1024
"""What Linux may hold at most between two sockets, whatever its reader does."""

ENDED_BY_THE_BOUND_S = 0.2
"""For attempts that nothing else ends; the others have so much that reaching it means a bug."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(20_000_000))  # 19 KB


def says(answer: bytes) -> Callable[[Any], Awaitable[None]]:
    """Answers so and waits for us to go."""

    async def behave(peer):
        await peer.request()
        await peer.write(answer)
        await peer.reader.read()

    return behave


def says_and_goes(answer: bytes) -> Callable[[Any], Awaitable[None]]:
    async def behave(peer):
        await peer.request()
        await peer.write(answer)

    return behave


def says_and_resets(answer: bytes) -> Callable[[Any], Awaitable[None]]:
    async def behave(peer):
        await peer.request()
        await peer.write(answer)
        peer.reset()

    return behave


def half_closes(answer: bytes) -> Callable[[Any], Awaitable[None]]:
    """Ends its own direction and goes on listening."""

    async def behave(peer):
        await peer.request()
        await peer.write(answer)
        peer.writer.write_eof()
        await peer.reader.read()

    return behave


def goes_on(start: bytes, more: bytes) -> Callable[[Any], Awaitable[None]]:
    """Sends more for every turn of the loop, until we go."""

    async def behave(peer):
        await peer.request()
        await peer.write(start)
        while not peer.writer.is_closing():
            await peer.write(more)
            await asyncio.sleep(0)

    return behave


async def resets_before_the_request(peer):
    peer.reset()


async def garbles_a_later_chunk(peer):
    await peer.request()
    await peer.write(CHUNKED + b"2\r\n{}\r\n")
    await asyncio.sleep(0.05)  # so that it comes in on its own; sooner would only be easier
    await peer.write(b"zz\r\n")
    await peer.reader.read()


def lengthy(body: bytes, length: int, *headers: bytes) -> bytes:
    return b"\r\n".join(
        [HEAD.rstrip(), *headers, b"Content-Length: %d" % length, b"", body],
    )


REDIRECT = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /create\r\nContent-Length: 0\r\n\r\n"

CONNECTION, BAD_ANSWER = FailureKind.CONNECTION, FailureKind.BAD_ANSWER
ENDS_BY_ITSELF: dict[str, tuple[Callable[[Any], Awaitable[None]], FailureKind]] = {
    "reset before the request": (resets_before_the_request, CONNECTION),
    "reset after the request": (says_and_resets(b""), CONNECTION),
    "reset in the head": (says_and_resets(HEAD), CONNECTION),
    "reset in the body": (says_and_resets(lengthy(b'{"pre', 100)), CONNECTION),
    "reset in a body without length": (says_and_resets(HEAD + b'\r\n{"premium": 1'), CONNECTION),
    "closed without an answer": (says_and_goes(b""), CONNECTION),
    "half-closed without an answer": (half_closes(b""), CONNECTION),
    "half-closed in the head": (half_closes(HEAD), CONNECTION),
    "half-closed in the body": (half_closes(lengthy(b"{}", 3)), CONNECTION),
    "half-closed between chunks": (half_closes(CHUNKED + b"2\r\n{}\r\n"), CONNECTION),
    "length too large": (says_and_goes(lengthy(b'{"premium": 1}', 1000)), CONNECTION),
    "length too small": (says(lengthy(b'{"premium": 1}', 2)), BAD_ANSWER),
    "length negative": (says(lengthy(b"{}", -1)), BAD_ANSWER),
    "length is no number": (says(HEAD + b"Content-Length: two\r\n\r\n{}"), BAD_ANSWER),
    "length beyond the limit": (says(lengthy(b"{}", LIMIT + 1)), BAD_ANSWER),
    "two lengths": (says(lengthy(b"{}", 2, b"Content-Length: 3")), BAD_ANSWER),
    "length and chunks": (says(lengthy(b"{}", 2, b"Transfer-Encoding: chunked")), BAD_ANSWER),
    "another protocol": (says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), BAD_ANSWER),
    "bytes": (says(bytes(range(256))), BAD_ANSWER),
    "no such status": (says(b"HTTP/1.1 two hundred\r\n\r\n"), BAD_ANSWER),
    "status 000, once taken for an interim answer": (
        says(b"HTTP/1.1 000 X\r\nContent-Length: 2\r\n\r\n{}"), BAD_ANSWER,
    ),
    "status 099": (says(b"HTTP/1.1 099 X\r\n\r\n"), BAD_ANSWER),
    "garbled first chunk": (says(CHUNKED + b"zz\r\n"), BAD_ANSWER),
    "garbled later chunk": (garbles_a_later_chunk, BAD_ANSWER),
    "HTML": (says(lengthy(b"<html>", 6)), BAD_ANSWER),
    "two answers": (says(2 * lengthy(b"{}", 2)), BAD_ANSWER),
    "no gzip": (says(lengthy(b"{}", 2, b"Content-Encoding: gzip")), BAD_ANSWER),
    "gzip bomb": (says(lengthy(BOMB, len(BOMB), b"Content-Encoding: gzip")), BAD_ANSWER),
    "endless chunks": (goes_on(CHUNKED, b"400\r\n" + 0x400 * b"x" + b"\r\n"), BAD_ANSWER),
    "endless chunk": (goes_on(CHUNKED + b"fffffffffff\r\n", 0x400 * b"x"), BAD_ANSWER),
    "endless body": (goes_on(HEAD + b"\r\n", 0x400 * b"x"), BAD_ANSWER),
    "endless header": (goes_on(HEAD + b"X: ", 0x400 * b"x"), BAD_ANSWER),
    "endless headers": (goes_on(HEAD, 64 * b"X: y\r\n"), BAD_ANSWER),
    "endless interim answers": (goes_on(b"", b"HTTP/1.1 103 Wait\r\n\r\n"), BAD_ANSWER),
    "redirect loop": (says(REDIRECT), BAD_ANSWER),
    "another protocol from now on": (
        says(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), BAD_ANSWER,
    ),
}  # fmt: skip

NEVER_ENDS: dict[str, Callable[[Any], Awaitable[None]]] = {
    "silence": says(b""),
    "silence in the head": says(HEAD),
    "silence in the body": says(lengthy(b"{", 1000)),
    "silence after a chunk": says(CHUNKED + b"2\r\n{}\r\n"),
    "interim answer": says(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drip before the head": goes_on(b"", b"\r\n"),
    "drip in the body": goes_on(lengthy(b"", LIMIT), b" "),
    "drip of chunks": goes_on(CHUNKED, b"1\r\n \r\n"),
}


@pytest.fixture
def transport(transport_with) -> Transport:
    return transport_with(max_body_bytes=LIMIT)


@pytest.mark.parametrize("hostility", ENDS_BY_ITSELF)
async def test_hostility_has_its_kind_of_failure(serve, transport, trouble_with, hostility):
    behaviour, kind = ENDS_BY_ITSELF[hostility]
    server = await serve(behaviour)
    failed = failed_by(await trouble_with(server.url, transport), NOW)
    assert failed.kind is kind
    assert "XTA" not in failed.message
    assert server.accepted == 1  # nothing was sent again
    assert len(server.requests) <= 1  # no redirect was followed
    await transport.aclose()  # what could be read to its end left a connection to use again
    await server.until_nobody_is_connected()


@pytest.mark.parametrize("hostility", NEVER_ENDS)
async def test_what_never_ends_is_ended_by_the_attempts_bound(
    serve, transport, trouble_with, bounded, hostility
):
    bound = bounded(ENDED_BY_THE_BOUND_S)

    async def behaviour(peer: Any) -> None:
        bound.begun()
        await NEVER_ENDS[hostility](peer)

    server = await serve(behaviour)
    failed = failed_by(await trouble_with(server.url, transport, bound), NOW)
    assert failed.kind is FailureKind.TIMEOUT
    assert server.accepted == 1
    await server.until_nobody_is_connected()


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (CHUNKED, b"1000\r\n" + 0x1000 * b"x" + b"\r\n"),
        (HEAD + b"\r\n", 0x1000 * b"x"),
        (HEAD + b"X: ", 0x1000 * b"x"),
        (b"", 100 * b"HTTP/1.1 103 Wait\r\n\r\n"),
    ],
    ids=["chunks", "body", "header", "interim answers"],
)
async def test_endless_answer_is_taken_up_to_the_limit_only(
    serve, transport, trouble_with, start, more
):
    sent = 0

    async def pours(peer):
        nonlocal sent
        await peer.request()
        await peer.write(start)
        while not peer.writer.is_closing():
            await peer.write(more)
            sent += len(more)

    server = await serve(pours)
    await trouble_with(server.url, transport)
    await server.until_nobody_is_connected()
    assert sent < LIMIT + KERNEL_BUFFERS


@pytest.mark.parametrize(
    "hostility", ["gzip bomb", "endless body", "endless chunk", "endless header"]
)
async def test_memory_stays_bounded(serve, transport, trouble_with, hostility):
    server = await serve(ENDS_BY_ITSELF[hostility][0])
    tracemalloc.start()
    try:
        await trouble_with(server.url, transport)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000  # the server's own buffers included; the bomb unpacks to 20 MB


async def test_refused_connection_is_a_failed_connection(transport, trouble_with):
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        trouble = await trouble_with(url, transport)
    assert trouble.kind is TroubleKind.CONNECT
    assert failed_by(trouble, NOW).kind is FailureKind.CONNECTION
