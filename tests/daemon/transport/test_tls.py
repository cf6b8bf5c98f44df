"""Certificates and host names are always verified; whom to trust can be chosen, not whether."""

import datetime as dt
import os
import ssl
import sys
from pathlib import Path

import anyio
import httpx
import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from osago_daemon.insurers.transport import TlsFilesError, TlsOptions, Transport, TransportOptions

pytestmark = pytest.mark.anyio

LONG_AGO = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(ca, tmp_path) -> Path:
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return path


def server_side(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def trusting(ca_file) -> TlsOptions:
    return TlsOptions(ca_file)


@pytest.fixture
def insurer(serve, answering, ca):
    """Start a server with a certificate of the private CA."""

    async def start(host: str = HOST, **dates: dt.datetime):
        return await serve(answering(), server_side(ca.issue_cert(host, **dates)))

    return start


async def ask(transport: Transport, url: str) -> httpx.Response:
    return await transport.handle_async_request(httpx.Request("POST", url, json={}))


async def test_private_ca_is_trusted_through_ca_file(insurer, transport_with, trusting):
    server, transport = await insurer(), transport_with(tls=trusting)
    for _ in range(2):
        assert (await ask(transport, server.url)).text == "ok"
    assert server.accepted == 1


async def test_private_ca_is_not_trusted_otherwise(insurer, transport_with):
    server = await insurer()
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        await ask(transport_with(), server.url)
    assert server.requests == []


async def test_certificate_for_another_host_is_refused(insurer, transport_with, trusting):
    server = await insurer("insurer.example")
    with pytest.raises(httpx.ConnectError, match="IP address mismatch"):
        await ask(transport_with(tls=trusting), server.url)
    assert server.requests == []


async def test_expired_certificate_is_refused(insurer, transport_with, trusting):
    server = await insurer(not_before=LONG_AGO, not_after=LONG_AGO)
    with pytest.raises(httpx.ConnectError, match="expired"):
        await ask(transport_with(tls=trusting), server.url)
    assert server.requests == []


async def test_system_trust_store_is_the_default(serve, answering, ca, ca_file):
    server = await serve(answering(), server_side(ca.issue_cert(HOST)))
    program = (
        "import asyncio, httpx, sys; from osago_daemon.insurers.transport import Transport;"
        "request = httpx.Request('GET', sys.argv[1]);"
        "print(asyncio.run(Transport().handle_async_request(request)).text)"
    )
    done = await anyio.run_process(
        [sys.executable, "-c", program, server.url],
        # OpenSSL's way to say where the system keeps its certificates.
        env={**os.environ, "SSL_CERT_FILE": str(ca_file), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == b"ok\n"


@pytest.fixture
async def strict_insurer(serve, answering, ca):
    """Lets nobody in without a certificate of the private CA."""
    context = server_side(ca.issue_cert(HOST))
    context.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(context)
    return await serve(answering(), context)


@pytest.fixture(params=["two files", "one file"])
def certificate_files(request, ca, tmp_path) -> tuple[Path, Path | None]:
    ours = ca.issue_cert("agent@broker.example")
    chain, key, both = (tmp_path / name for name in ("chain.pem", "key.pem", "both.pem"))
    ours.cert_chain_pems[0].write_to_path(chain)
    ours.private_key_pem.write_to_path(key)
    ours.private_key_and_cert_chain_pem.write_to_path(both)
    return (chain, key) if request.param == "two files" else (both, None)


async def test_client_certificate_opens_the_door(
    strict_insurer, transport_with, ca_file, certificate_files
):
    transport = transport_with(tls=TlsOptions(ca_file, *certificate_files))
    assert (await ask(transport, strict_insurer.url)).text == "ok"


async def test_without_a_client_certificate_nothing_gets_in(
    strict_insurer, transport_with, trusting
):
    # In TLS 1.3 the refusal arrives after the request was written, so it cannot be a ConnectError.
    with pytest.raises((httpx.NetworkError, httpx.RemoteProtocolError)):
        await ask(transport_with(tls=trusting), strict_insurer.url)
    assert strict_insurer.requests == []


async def test_older_protocol_than_allowed_is_refused(
    serve, answering, transport_with, ca, ca_file
):
    context = server_side(ca.issue_cert(HOST))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = await serve(answering(), context)
    strict = TlsOptions(ca_file, minimum_version=ssl.TLSVersion.TLSv1_3)
    with pytest.raises(httpx.ConnectError):
        await ask(transport_with(tls=strict), server.url)


async def goes_away(peer):
    await peer.reader.read(1)


async def resets(peer):
    await peer.reader.read(1)
    peer.reset()


async def speaks_plain_http(peer):
    await peer.reader.read(1)
    await peer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("server_behaviour", [goes_away, resets, speaks_plain_http])
async def test_failed_handshake_was_never_sent(serve, transport_with, server_behaviour):
    server = await serve(server_behaviour)
    with pytest.raises(httpx.ConnectError):
        await ask(transport_with(), server.url.replace("http:", "https:"))
    await server.until_nobody_is_connected()


async def is_silent(peer):
    await peer.reader.readuntil(b"never sent")


async def test_silent_handshake_ends_with_the_connect_timeout(serve, transport_with):
    server = await serve(is_silent)
    with pytest.raises(httpx.ConnectTimeout):
        await ask(transport_with(connect_timeout_s=0.05), server.url.replace("http:", "https:"))
    await server.until_nobody_is_connected()


async def test_cancelled_handshake_leaves_nothing_open(serve, transport_with):
    server = await serve(is_silent)
    with anyio.move_on_after(0.05) as scope:
        await ask(transport_with(), server.url.replace("http:", "https:"))
    assert scope.cancelled_caught
    await server.until_nobody_is_connected()


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
@pytest.mark.parametrize("option", ["ca_file", "client_cert"])
def test_unusable_file_is_named(tmp_path, content, option):
    path = tmp_path / "some.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TlsFilesError, match=f"{option} {path}"):
        Transport(TransportOptions(tls=TlsOptions(**{option: path})))


def test_key_with_a_passphrase_is_an_error_not_a_question(tmp_path, ca):
    certificate = ca.issue_cert("agent@broker.example")
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    locked_key = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"passphrase"),
    )
    both = tmp_path / "both.pem"
    both.write_bytes(locked_key + certificate.cert_chain_pems[0].bytes())
    with pytest.raises(TlsFilesError, match="client_cert"):
        Transport(TransportOptions(tls=TlsOptions(client_cert=both)))
