"""Whatever a server does, the exception says whether it may have acted on the request."""

import asyncio
import socket
import traceback

import anyio
import httpx
import pytest

from osago_daemon.insurers.transport import _read

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MAYBE_ACTED_ON = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


async def closes(peer):
    await peer.request()


async def resets(peer):
    await peer.request()
    peer.reset()


async def closes_in_the_head(peer):
    await peer.request()
    await peer.write(HEAD)


async def resets_in_the_head(peer):
    await peer.request()
    await peer.write(HEAD)
    peer.reset()


async def closes_in_the_body(peer):
    await peer.request()
    await peer.write(HEAD + b'Content-Length: 100\r\n\r\n{"premium"')


async def resets_in_the_body(peer):
    await peer.request()
    await peer.write(HEAD + b'Content-Length: 100\r\n\r\n{"premium"')
    peer.reset()


async def resets_in_a_body_of_unknown_length(peer):
    await peer.request()
    await peer.write(HEAD + b'Connection: close\r\n\r\n{"premium"')
    peer.reset()


async def closes_between_chunks(peer):
    await peer.request()
    await peer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n")


async def resets_during_the_upload(peer):
    await peer.reader.readuntil(b"\r\n\r\n")
    peer.reset()


async def closes_at_once(peer):
    """Never reads, so the kernel answers with RST; nobody can know how far it got."""


@pytest.mark.parametrize(
    "server_behaviour",
    [
        closes,
        resets,
        closes_in_the_head,
        resets_in_the_head,
        closes_in_the_body,
        resets_in_the_body,
        resets_in_a_body_of_unknown_length,
        closes_between_chunks,
        closes_at_once,
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_what_broke_after_connecting_may_have_been_acted_on(
    serve, transport_with, server_behaviour, method
):
    server = await serve(server_behaviour)
    request = httpx.Request(method, server.url, content=b"{}")
    with pytest.raises(MAYBE_ACTED_ON) as caught:
        await transport_with().handle_async_request(request)
    assert caught.value.request is request
    assert server.accepted == 1  # not sent again behind our back, a GET neither


async def test_reset_during_the_upload_may_have_been_acted_on(serve, send):
    server = await serve(resets_during_the_upload)
    with pytest.raises(MAYBE_ACTED_ON):
        await send(server.url, json=None, content=bytes(1_000_000))
    assert server.accepted == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x00\xff\x00\xff\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nab",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n1234567\r\n",
        HEAD + b"X-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        HEAD + b"X: y\r\n" * 10_000 + b"\r\n",
    ],
    ids=[
        "ssh", "bytes", "status", "negative-length", "two-lengths", "length-and-chunks",
        "bad-chunk-size", "long-chunk", "long-header", "many-headers",
    ],
)  # fmt: skip
async def test_broken_http_is_a_protocol_error(serve, send, answer):
    async def garbles(peer):
        await peer.request()
        await peer.write(answer)
        await peer.reader.read()  # keeps the connection: the bytes alone must be enough

    server = await serve(garbles)
    with anyio.fail_after(10), pytest.raises(httpx.RemoteProtocolError):
        await send(server.url)
    await server.until_nobody_is_connected()


async def test_two_answers_to_one_request_are_none(serve, send):
    async def answers_twice(peer):
        await peer.request()
        await peer.write(2 * (HEAD + b"Content-Length: 2\r\n\r\n{}"))
        await peer.reader.read()

    server = await serve(answers_twice)
    with pytest.raises(httpx.RemoteProtocolError):
        await send(server.url)
    await server.until_nobody_is_connected()


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_interim_answers_have_an_end(serve, send, at_once):
    async def is_always_about_to_answer(peer):
        await peer.request()
        while not peer.writer.is_closing():
            await peer.write(at_once * b"HTTP/1.1 102 Processing\r\n\r\n")
            await asyncio.sleep(0)

    server = await serve(is_always_about_to_answer)
    with pytest.raises(httpx.RemoteProtocolError):
        await send(server.url)
    await server.until_nobody_is_connected()


async def test_refused_connection_was_never_sent(send):
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        with pytest.raises(httpx.ConnectError, match=r"refused|Connect call failed"):
            await send(f"http://127.0.0.1:{nobody_listens.getsockname()[1]}/")


@pytest.mark.parametrize("host", ["insurer.invalid", f"{'x' * 64}.invalid", "127.1"])
async def test_unknown_host_was_never_sent(send, host):
    with pytest.raises(httpx.ConnectError):
        await send(f"http://{host}/")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "/applications", ""])
async def test_other_urls_are_not_sent(send, url):
    with pytest.raises(httpx.UnsupportedProtocol):
        await send(url)


async def test_header_that_would_become_two_is_not_sent(serve, send, answering):
    server = await serve(answering())
    with pytest.raises(httpx.LocalProtocolError):
        await send(server.url, headers={"X-Name": "Ivan\r\nX-Admin: yes"})
    assert server.requests == []


async def test_drip_does_not_outrun_the_callers_scope(serve, send):
    async def drips(peer):  # a byte for every turn of the loop, so there is always one to read
        await peer.request()
        await peer.write(HEAD + b"Content-Length: 1000000\r\n\r\n")
        while True:
            await peer.write(b" ")
            await asyncio.sleep(0)

    server = await serve(drips)
    with pytest.raises(TimeoutError), anyio.fail_after(0.1):
        await send(server.url)
    await server.until_nobody_is_connected()


async def test_body_that_never_keeps_us_waiting_can_be_cancelled():
    class AlwaysReady:
        """What a drip in step with our loop looks like: anyio sees no moment to cancel."""

        async def readany(self) -> bytes:
            return b" "

        def is_eof(self) -> bool:
            return False

    with anyio.CancelScope() as scope:
        scope.cancel()
        await _read(AlwaysReady(), {}, limit=1000)
    assert scope.cancelled_caught


SECRET = "0123-4567"


async def garbles(peer):
    await peer.request()
    await peer.write(f"SSH-2.0-{SECRET}\r\n\r\n".encode())


@pytest.mark.parametrize(
    "server_behaviour", [closes, resets, closes_in_the_body, closes_at_once, garbles]
)
async def test_errors_hold_nothing_of_the_request(serve, send, server_behaviour):
    server = await serve(server_behaviour)
    url, headers = f"{server.url}?key={SECRET}", {"Authorization": f"Bearer {SECRET}"}
    with pytest.raises(httpx.TransportError) as caught:
        await send(url, headers=headers, json={"passport": SECRET})
    assert SECRET not in "".join(traceback.format_exception(caught.value))
