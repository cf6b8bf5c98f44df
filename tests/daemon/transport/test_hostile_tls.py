"""A handshake that fails is `connection`, and nothing was sent: no word of the application."""

import datetime as dt
import ssl
from dataclasses import dataclass, field

import pytest
import trustme

from osago_core.offer import FailureKind
from osago_daemon.insurers.transport import TlsOptions, Transport
from osago_daemon.quoting.outcome import failed_by
from osago_daemon.resilience.trouble import TroubleKind

pytestmark = pytest.mark.anyio

NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
HOST = "127.0.0.1"
LONG_AGO = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
IN_THE_FAR_FUTURE = dt.datetime(2199, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@dataclass(frozen=True)
class Insurer:
    """How its side of the handshake differs from one that works."""

    host: str = HOST
    dates: dict[str, dt.datetime] = field(default_factory=dict)
    own_ca: bool = False
    tls: ssl.TLSVersion | None = None
    wants_our_certificate: bool = False


WORKING = Insurer()
HOSTILE = {
    "expired": Insurer(dates={"not_before": LONG_AGO, "not_after": LONG_AGO}),
    "not yet valid": Insurer(
        dates={"not_before": IN_THE_FAR_FUTURE, "not_after": IN_THE_FAR_FUTURE}
    ),
    "for another host": Insurer(host="insurer.example"),
    "of an unknown authority": Insurer(own_ca=True),
    "without our certificate": Insurer(wants_our_certificate=True, tls=ssl.TLSVersion.TLSv1_2),
}


@pytest.fixture
def start(serve, answering, ca):
    async def start_(insurer: Insurer):
        authority = trustme.CA() if insurer.own_ca else ca
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(insurer.host, **insurer.dates).configure_cert(context)
        if insurer.tls is not None:
            context.maximum_version = insurer.tls
        if insurer.wants_our_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            ca.configure_trust(context)
        return await serve(answering(), context)

    return start_


@pytest.fixture
def transport(transport_with, ca, tmp_path) -> Transport:
    """Trusts the private authority, has no certificate of its own."""
    ca_file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    return transport_with(tls=TlsOptions(ca_file))


async def test_working_handshake_brings_an_answer(start, transport, trouble_with):
    """The answer, "ok", is no JSON; what matters is that it arrived."""
    server = await start(WORKING)
    assert (await trouble_with(server.url, transport)).kind is TroubleKind.BAD_ANSWER
    assert len(server.requests) == 1


@pytest.mark.parametrize("certificate", HOSTILE)
async def test_certificate_that_is_not_right_was_never_sent_to(
    start, transport, trouble_with, certificate
):
    server = await start(HOSTILE[certificate])
    trouble = await trouble_with(server.url, transport)
    assert trouble.kind is TroubleKind.CONNECT
    assert failed_by(trouble, NOW).kind is FailureKind.CONNECTION
    assert server.requests == []


async def test_missing_client_certificate_in_tls_1_3_is_a_failed_connection(
    start, transport, trouble_with
):
    """There the refusal comes after our first words, so that nobody can say they were not heard."""
    server = await start(Insurer(wants_our_certificate=True))
    trouble = await trouble_with(server.url, transport)
    assert trouble.kind in {TroubleKind.CONNECT, TroubleKind.RESET}
    assert failed_by(trouble, NOW).kind is FailureKind.CONNECTION
    assert server.requests == []
