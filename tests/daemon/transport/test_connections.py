"""Connections are shared and given back: after an end, an error, a cancellation, a close."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import httpx
import pytest
from anyio.lowlevel import checkpoint

from osago_daemon.insurers.transport import FINAL, Transport

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FDS = Path("/proc/self/fd")


@pytest.fixture
def many_open_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_connection_is_used_again(serve, answering, send):
    server = await serve(answering())
    for _ in range(5):
        await send(server.url)
    assert (len(server.requests), server.accepted) == (5, 1)


async def test_connection_closed_while_idle_is_replaced(serve, send):
    async def answers_once(peer):
        await peer.request()
        await peer.write(OK)
        peer.writer.write_eof()
        await peer.reader.read()  # returns when the other side has noticed

    server = await serve(answers_once)
    for times in (1, 2, 3):
        assert (await send(server.url)).text == "ok"
        await server.until(lambda server, times=times: server.accepted - server.open == times)
    assert server.accepted == 3


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
async def test_request_that_meets_a_closing_connection_is_not_sent_twice(
    serve, transport_with, method
):
    async def takes_the_second_and_goes(peer):
        await peer.request()
        await peer.write(OK)
        await peer.request()

    server, transport = await serve(takes_the_second_and_goes), transport_with()
    await transport.handle_async_request(httpx.Request("POST", server.url))
    with pytest.raises(httpx.RemoteProtocolError):
        await transport.handle_async_request(httpx.Request(method, server.url))
    assert (len(server.requests), server.accepted) == (2, 1)


async def test_answer_nobody_asked_for_is_given_to_nobody(serve, transport_with):
    async def speaks_up_again(peer):
        await peer.request()
        await peer.write(OK)
        if server.accepted == 1:
            await idle.wait()
            await peer.write(OK.replace(b"ok", b"no"))
        await peer.reader.read()

    def stray_answer_is_in(transport: Transport) -> bool:
        pools = transport._connector._conns.values()
        return all(protocol.should_close for pool in pools for protocol, _ in pool)

    server, idle, transport = await serve(speaks_up_again), anyio.Event(), transport_with()
    request = httpx.Request("GET", server.url)
    assert (await transport.handle_async_request(request)).text == "ok"
    idle.set()
    while not stray_answer_is_in(transport):
        await checkpoint()
    assert (await transport.handle_async_request(request)).text == "ok"
    assert server.accepted == 2


async def test_cookies_are_not_kept(serve, answering, send):
    server = await serve(
        answering(OK.replace(b"\r\n", b"\r\nSet-Cookie: session=1; Path=/\r\n", 1))
    )
    assert (await send(server.url)).headers["set-cookie"] == "session=1; Path=/"
    await send(server.url)
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.usefixtures("many_open_files")
async def test_a_thousand_at_once_do_not_wait_for_each_other(serve, send):
    async def waits_for_all(peer):
        while True:
            await peer.request()
            await server.until(lambda server: len(server.requests) == 1000)
            await peer.write(OK)

    server = await serve(waits_for_all)
    async with anyio.create_task_group() as group:
        for _ in range(1000):
            group.start_soon(send, server.url)
    assert server.accepted == 1000


async def says_nothing(peer):
    await peer.request()
    await peer.reader.read()


async def says_half(peer):
    await peer.request()
    await peer.write(OK[:-1])
    await peer.reader.read()


@pytest.mark.parametrize("server_behaviour", [says_nothing, says_half])
async def test_cancelling_closes_the_connection(serve, send, server_behaviour):
    server = await serve(server_behaviour)
    async with anyio.create_task_group() as group:
        group.start_soon(send, server.url)
        await server.until(lambda server: len(server.requests) == 1)
        group.cancel_scope.cancel()
    await server.until_nobody_is_connected()


@pytest.mark.usefixtures("many_open_files")
async def test_cancelling_a_thousand_leaves_nothing_open(serve, send):
    server = await serve(says_half)
    async with anyio.create_task_group() as group:
        for _ in range(1000):
            group.start_soon(send, server.url)
        await server.until(lambda server: len(server.requests) == 1000)
        group.cancel_scope.cancel()
    await server.until_nobody_is_connected()


async def test_cancelled_connection_is_not_used_again(serve, send):
    async def slow_at_first(peer):
        await peer.request()
        if server.accepted == 1:
            await peer.reader.read()
        await peer.write(OK)

    server = await serve(slow_at_first)
    async with anyio.create_task_group() as group:
        group.start_soon(send, server.url)
        await server.until(lambda server: len(server.requests) == 1)
        group.cancel_scope.cancel()
    assert (await send(server.url)).text == "ok"
    assert server.accepted == 2


async def test_closing_ends_idle_connections_and_requests_under_way(serve, transport_with):
    server, transport = await serve(says_nothing), transport_with()
    async with anyio.create_task_group() as group:

        @group.start_soon
        async def _asks() -> None:
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                await transport.handle_async_request(httpx.Request("POST", server.url))

        await server.until(lambda server: len(server.requests) == 1)
        await transport.aclose()
    await server.until_nobody_is_connected()


async def test_closed_transport_sends_nothing(serve, answering, transport_with):
    server, transport = await serve(answering()), transport_with()
    async with transport:
        await transport.handle_async_request(httpx.Request("POST", server.url))
    with pytest.raises(httpx.ConnectError):
        await transport.handle_async_request(httpx.Request("POST", server.url))
    assert len(server.requests) == 1


@pytest.mark.parametrize("final", [True, False])
async def test_only_a_request_that_is_final_is_put_into_bytes_once(
    serve, answering, transport_with, final
):
    server, transport = await serve(answering()), transport_with()
    request = httpx.Request("GET", server.url, extensions={FINAL: True} if final else {})
    for number in (1, 2):
        request.headers["X-Number"] = str(number)
        await transport.handle_async_request(request)
    assert [b"X-Number: 2" in sent for sent in server.requests] == [False, not final]


async def test_half_a_large_request_stayed_open_with_a_server_that_never_reads(
    serve, transport_with
):
    async def never_reads(peer):
        peer.writer.transport.pause_reading()
        await anyio.sleep_forever()

    def being_written() -> asyncio.Transport | None:
        acquired = getattr(transport._connector, "_acquired", ())
        found = [getattr(protocol, "transport", None) for protocol in acquired]
        return next((each for each in found if each and each.get_write_buffer_size()), None)

    server, transport = await serve(never_reads), transport_with()
    request = httpx.Request("POST", server.url, content=bytes(64 * 1024 * 1024))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(transport.handle_async_request, request)
        while (writing := being_written()) is None:
            await checkpoint()
        ours = (FDS / str(writing.get_extra_info("socket").fileno())).readlink()
        assert ours in open_files()
        tasks.cancel_scope.cancel()
    with anyio.fail_after(20):  # nothing else ends it
        while ours in open_files():
            await checkpoint()


def open_files() -> set[Path]:
    found = set()
    for each in FDS.iterdir():
        with suppress(OSError):  # the one that lists them
            found.add(each.readlink())
    return found
