"""What insurers.toml says of TLS reaches the wire: a file, a real server, a real handshake."""

import ssl

import httpx
import pytest
import trustme

from osago_daemon.config_problems import ConfigError
from osago_daemon.insurers.transport import Transport
from osago_daemon.settings import load

pytestmark = pytest.mark.anyio
TABLE = """
[insurers.sever]
name = "Север"
base_url = "https://127.0.0.1"
transport = {{ ca_file = "ca.pem"{transport} }}
create = {{ path = "/quotes", headers = {{ Key = "call.key" }} }}
answer = {{ premium = "body.premium" }}
"""
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def ca():
    return trustme.CA()


@pytest.fixture
async def insurer(serve, answering, ca):
    """Start a server that speaks one version of TLS only."""

    async def start(version):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = context.maximum_version = version
        ca.issue_cert("127.0.0.1").configure_cert(context)
        return await serve(answering(), context)

    return start


@pytest.fixture
def settings(tmp_path, ca):
    """Those of the one insurer, with these keys of `transport`."""

    def settings_(transport):
        ca.cert_pem.write_to_path(tmp_path / "ca.pem")
        path = tmp_path / "insurers.toml"
        more = f", {transport}" if transport else ""
        path.write_text(TABLE.format(transport=more), encoding="utf-8")
        return load(path, environ={})

    return settings_


async def ask(transport, url):
    async with Transport(transport) as way:
        return (await way.handle_async_request(httpx.Request("POST", url, json={}))).text


@pytest.mark.parametrize(
    ("transport", "version"),
    [("", V12), ("", V13), ('min_tls = "1.2"', V12), ('min_tls = "1.3"', V13)],
)
async def test_a_version_that_is_new_enough_is_spoken(insurer, settings, transport, version):
    server = await insurer(version)
    assert await ask(settings(transport).insurers[0].transport, server.url) == "ok"


async def test_an_older_one_is_refused_before_anything_is_sent(insurer, settings):
    server = await insurer(V12)
    with pytest.raises(httpx.ConnectError):
        await ask(settings('min_tls = "1.3"').insurers[0].transport, server.url)
    assert server.requests == []


@pytest.mark.parametrize("version", ['"1.1"', '"1.0"', '"TLSv1.2"', "1.2", '""'])
def test_there_is_no_older_one(settings, version):
    with pytest.raises(ConfigError, match=r"min_tls: expected (one of 1\.2, 1\.3|text)"):
        settings(f"min_tls = {version}")


@pytest.mark.parametrize("key", ["verify", "insecure", "verify_tls", "check_hostname"])
def test_verifying_cannot_be_switched_off(settings, key):
    with pytest.raises(ConfigError, match=f"{key}: unknown key"):
        settings(f"{key} = false")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_takes_an_application_to_another_server(
    serve, answering, trouble_with, transport_with, status
):
    other = await serve(answering())
    for location in (other.url, other.url.replace("127.0.0.1", "localhost"), f"//{other.url[7:]}"):
        answer = f"HTTP/1.1 {status} x\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
        server = await serve(answering(answer.encode()))
        trouble = await trouble_with(server.url, transport_with())
        assert trouble.kind.value == "bad_answer"
        assert len(server.requests) == 1
    assert other.accepted == 0
