"""Through a proxy: plain requests in absolute form, TLS through a tunnel, and honest refusals."""

import asyncio
import base64
import ssl
from contextlib import suppress

import httpx
import pytest
import trustme

from osago_daemon.insurers.transport import TlsOptions

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def tunnels(peer):
    head = await peer.request()
    host, _, port = head.split(b" ")[1].decode().partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await peer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await asyncio.gather(pipe(peer.reader, writer), pipe(reader, peer.writer))


async def refuses(peer):
    await peer.request()
    await peer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


async def closes(peer):
    await peer.request()


async def garbles(peer):
    await peer.request()
    await peer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


async def is_silent(peer):
    await peer.request()
    await peer.reader.read()


def through(server, credentials="") -> str:
    return f"http://{credentials}127.0.0.1:{server.port}"


async def test_plain_request_goes_out_in_absolute_form(serve, answering, transport_with):
    proxy = await serve(answering())
    transport = transport_with(proxy=through(proxy, "agent:p%40ss@"))
    request = httpx.Request("POST", "http://insurer.invalid/applications", json={})
    assert (await transport.handle_async_request(request)).text == "ok"
    head = proxy.requests[0].partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"post http://insurer.invalid/applications http/1.1\r\n")
    assert b"\r\nhost: insurer.invalid" in head
    credentials = base64.b64encode(b"agent:p@ss").lower()
    assert b"\r\nproxy-authorization: basic " + credentials in head


async def test_every_request_on_a_shared_connection_tells_the_proxy_who_we_are(
    serve, answering, transport_with
):
    proxy = await serve(answering())
    transport = transport_with(proxy=through(proxy, "agent:p%40ss@"))
    for path in ("first", "second"):
        request = httpx.Request("GET", f"http://insurer.invalid/{path}")
        await transport.handle_async_request(request)
    assert proxy.accepted == 1
    assert [head.split(b" ")[1] for head in proxy.requests] == [
        b"http://insurer.invalid/first",
        b"http://insurer.invalid/second",
    ]
    assert all(b"\r\nproxy-authorization: basic " in head.lower() for head in proxy.requests)


async def test_tls_goes_through_a_tunnel(serve, answering, transport_with, tmp_path):
    ca, ca_file = trustme.CA(), tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    insurer, proxy = await serve(answering(), context), await serve(tunnels)
    request = httpx.Request("POST", insurer.url, json={}, headers={"Authorization": "Bearer t"})

    trusting = transport_with(proxy=through(proxy, "agent:secret@"), tls=TlsOptions(ca_file))
    for _ in range(2):
        assert (await trusting.handle_async_request(request)).text == "ok"
    assert proxy.accepted == 1
    assert proxy.requests[0].startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % insurer.port)
    assert b"Bearer" not in proxy.requests[0]
    assert b"proxy-authorization" not in insurer.requests[0].lower()

    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        await transport_with(proxy=through(proxy)).handle_async_request(request)


@pytest.mark.parametrize(
    ("proxy_behaviour", "error"),
    [
        (refuses, httpx.ProxyError),
        (closes, httpx.ConnectError),
        (garbles, httpx.ConnectError),
        (is_silent, httpx.ConnectTimeout),
    ],
)
async def test_what_fails_before_the_tunnel_stands_was_never_sent(
    serve, transport_with, proxy_behaviour, error
):
    proxy = await serve(proxy_behaviour)
    transport = transport_with(proxy=through(proxy), connect_timeout_s=0.2)
    with pytest.raises(error) as caught:
        await transport.handle_async_request(httpx.Request("POST", "https://insurer.invalid/"))
    assert type(caught.value) is error
    await proxy.until_nobody_is_connected()


async def test_unreachable_proxy_was_never_sent(serve, transport_with, answering):
    proxy = await serve(answering())
    await proxy.stop()
    for scheme in ("http", "https"):
        request = httpx.Request("POST", f"{scheme}://insurer.invalid/")
        with pytest.raises(httpx.ConnectError):
            await transport_with(proxy=through(proxy)).handle_async_request(request)


async def test_proxies_of_the_environment_are_not_used(serve, send, answering, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = await serve(answering())
    assert (await send(server.url)).text == "ok"
