"""The one way out to an insurer: httpx types at the edge, aiohttp's connections inside.

Owns sockets, TLS, proxies, how much of an answer is read, and the honest name of what went wrong.
Knows nothing of retries, deadlines or applications. Why aiohttp: docs/decisions/0002.

What is raised, and what it says about the request:

    ConnectError, ConnectTimeout    the insurer saw nothing of it: refused, no such host, TLS
    ProxyError                      nor here: the proxy did not let it through
    LocalProtocolError              nor here: it cannot be written as HTTP
    UnsupportedProtocol             nor here: not an http or https URL
    ReadError                       it may have been acted on: the connection broke under it
    RemoteProtocolError             so it may: closed without an answer, half a body
    AnswerNotHttp                   it was answered, in a language that is not HTTP
    DecodingError, AnswerTooLarge   it was answered, with something nobody should read

Nothing is sent twice in here, redirects are returned as they are and cookies are forgotten. Time is
bounded by the caller's cancel scope (`extensions["timeout"]` is not read), except for connecting.
Messages carry no URL, header or body: all three hold personal data and secrets. For the same reason
errors are raised `from None`: aiohttp's carry the whole request.
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import aiohttp
import httpx
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from aiohttp.http_writer import _serialize_headers
from aiohttp.streams import StreamReader
from anyio.lowlevel import checkpoint_if_cancelled
from multidict import CIMultiDict
from yarl import URL

from osago_core import __version__
from osago_daemon.insurers.responses import AnswerTooLarge, read_response

FINAL = "osago.final"
"""An extension of requests that are never changed once they are made: sent again, as a poll is,
such a request is not put into bytes again."""

_OUTGOING = "osago.outgoing"
MAX_INTERIM = 16
NOT_HTTP = "the request cannot be written as HTTP"


class AnswerNotHttp(httpx.RemoteProtocolError):
    """Something came back that is no HTTP, or breaks its rules: it would do so again."""


class TlsFilesError(ValueError):
    """A certificate or key file of the configuration cannot be used. Names the file."""


@dataclass(frozen=True)
class TlsOptions:
    """Whom to trust and who we are. Certificates and host names are verified whatever stands here.

    `ca_file` (PEM) takes the place of the system's trust store. `client_cert` (PEM with its chain)
    and `client_key` (PEM without a passphrase; None when it stands in the same file) are for
    insurers that ask for a client certificate.
    """

    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    minimum_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2


@dataclass(frozen=True)
class TransportOptions:
    """What may differ between insurers."""

    tls: TlsOptions = field(default_factory=TlsOptions)
    proxy: str | None = field(default=None, repr=False)
    """http://[user:password@]host:port. The environment's proxies are not used."""
    max_body_bytes: int = 4 * 1024 * 1024
    """A thousand times the usual answer, and still harmless when ten insurers send it at once."""
    connect_timeout_s: float = 5.0
    """For name lookup, TCP, proxy and TLS together; room for one lost packet in each."""
    keepalive_s: float = 30.0
    """Longer than most waits between two polls, so that they share a TLS handshake."""


class Transport(httpx.AsyncBaseTransport):
    """Sends a request, reads the whole answer. One per insurer, used by many tasks at once.

    There is no limit on connections: who may go out, and when, is decided before.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        """Read the certificates (blocking; raises TlsFilesError). Opens no connection."""
        self._options = options or TransportOptions()
        self._ssl = _ssl_context(self._options.tls)
        self._proxy = URL(self._options.proxy) if self._options.proxy else None
        self._timeout = aiohttp.ClientTimeout(total=None, connect=self._options.connect_timeout_s)
        self._connector: aiohttp.TCPConnector | None = None
        self._servers: dict[tuple[bytes, bytes], aiohttp.ClientRequest] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it once and return the answer, its body read and decompressed.

        Raises the exceptions in the table above. Cancelling closes the connection.
        """
        limit = self._options.max_body_bytes
        try:
            outgoing = request.extensions.get(_OUTGOING) or await _outgoing(request)
            server = self._server(request.url, outgoing.origin)
            connection, protocol = await self._connect(server)
            message, content = await self._exchange(outgoing, server, connection, protocol)
            return read_response(request, message.code, message.raw_headers, content, limit)
        except httpx.RequestError as error:
            error.request = request
            raise

    async def aclose(self) -> None:
        """Close every connection, also under requests that are still on their way."""
        if self._connector is not None:
            await self._connector.close()

    def _server(self, url: httpx.URL, origin: tuple[bytes, bytes]) -> aiohttp.ClientRequest:
        """Where connections to a server are opened: what aiohttp wants to see of a request."""
        if origin not in self._servers:
            self._servers[origin] = _server(url, self._proxy)
        return self._servers[origin]

    async def _connect(self, server: aiohttp.ClientRequest) -> tuple[Connection, ResponseHandler]:
        """Get an open connection. Whatever fails in here, the insurer saw nothing of it."""
        try:
            while True:
                connection = await self._open_connector().connect(server, [], self._timeout)
                protocol = connection.protocol
                if protocol is not None and not protocol.should_close:
                    return connection, protocol
                # Something came in while it was idle: it would pass for the answer to this request.
                connection.close()
        except TimeoutError:
            message = f"no connection within {self._options.connect_timeout_s:g} s"
            raise httpx.ConnectTimeout(message) from None
        except (aiohttp.ClientError, OSError, UnicodeError, HttpProcessingError) as error:
            raise _before_sending(error) from None

    def _open_connector(self) -> aiohttp.TCPConnector:
        if self._connector is None:  # belongs to the running loop, so not in the constructor
            self._connector = _Connector(
                limit=0, ssl=self._ssl, keepalive_timeout=self._options.keepalive_s
            )
        return self._connector

    async def _exchange(
        self,
        outgoing: "_Outgoing",
        server: aiohttp.ClientRequest,
        connection: Connection,
        protocol: ResponseHandler,
    ) -> tuple[RawResponseMessage, bytes]:
        """Write, then read. Whatever fails in here, the request may have been acted on."""
        protocol.set_response_params(
            skip_payload=outgoing.method == "HEAD", read_until_eof=True, auto_decompress=False
        )
        # Only after an answer read to its end may the connection be used again: once it is
        # released, closing it does nothing. A cancellation ends it as well.
        try:
            with _aborted_if_broken_off(connection, protocol):
                _write(protocol, outgoing.wire(server))
                message, body = await _answer(protocol)
                content = await _read(body, message.headers, self._options.max_body_bytes)
                if _ends_with_the_connection(message) and isinstance(protocol.exception(), OSError):
                    raise httpx.ReadError("the connection was reset in the middle of the answer")
                connection.release()
                return message, content
        except (aiohttp.ClientError, OSError, HttpProcessingError) as error:
            raise _after_sending(error) from None


class _Reading(ResponseHandler):
    """Reads answers; whoever waits for a body hears at once that no more of it will come."""

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """Tell the body as well: aiohttp leaves its reader waiting after a garbled chunk."""
        super().set_exception(exc, *cause)
        body = self._payload
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(exc, *cause)


class _Connector(aiohttp.TCPConnector):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = partial(_Reading, loop=self._loop)  # type: ignore[assignment]  # narrower


@dataclass(slots=True)
class _Outgoing:
    """A request as it goes over the wire."""

    method: str
    origin: tuple[bytes, bytes]
    """Scheme, host and port; without user:password."""
    target: bytes
    headers: CIMultiDict[str]
    content: bytes
    _wire: bytes | None = None

    def wire(self, server: aiohttp.ClientRequest) -> bytes:
        """Head and body in one piece, so that there is never anything to wait for."""
        if server.proxy is not None and not server.is_ssl():
            return self._for_proxy(server)
        if self._wire is None:
            self._wire = self._written(self.target, self.headers)
        return self._wire

    def _for_proxy(self, server: aiohttp.ClientRequest) -> bytes:
        """The form that a proxy wants of a request that it reads (not in a tunnel)."""
        headers = self.headers
        if hdrs.PROXY_AUTHORIZATION in server.headers:  # there since the connection was opened
            headers = headers.copy()
            headers[hdrs.PROXY_AUTHORIZATION] = server.headers[hdrs.PROXY_AUTHORIZATION]
        scheme, netloc = self.origin
        return self._written(b"".join((scheme, b"://", netloc, self.target)), headers)

    def _written(self, target: bytes, headers: CIMultiDict[str]) -> bytes:
        try:
            line = f"{self.method} {target.decode('ascii')} HTTP/1.1"
            return _serialize_headers(line, headers) + self.content
        except ValueError:  # a line break in a header: found before the first byte leaves
            raise httpx.LocalProtocolError(NOT_HTTP) from None


@contextmanager
def _aborted_if_broken_off(connection: Connection, protocol: ResponseHandler) -> Iterator[None]:
    """Close at the end; on an error or a cancellation without waiting for what is still to be sent.

    A server that never reads would otherwise keep the socket open for ever.
    """
    try:
        yield
    except BaseException:
        if protocol.transport is not None:
            protocol.transport.abort()
        raise
    finally:
        connection.close()


def _write(protocol: ResponseHandler, wire: bytes) -> None:
    transport = protocol.transport
    if transport is None or transport.is_closing():
        raise aiohttp.ClientConnectionResetError("lost before the first byte")
    transport.write(wire)


async def _outgoing(request: httpx.Request) -> _Outgoing:
    """With the headers that it came with; those of `_DEFAULTS` are added when missing."""
    url, content = request.url, await request.aread()
    try:
        pairs = [(name.decode(), value.decode()) for name, value in request.headers.raw]
        headers = CIMultiDict(pairs)
    except ValueError:
        raise httpx.LocalProtocolError(NOT_HTTP) from None
    netloc = url.netloc
    headers.setdefault(hdrs.HOST, netloc.decode("ascii"))
    for name, value in _DEFAULTS:
        headers.setdefault(name, value)
    # Where the body ends is said by us, who know how long it is.
    headers.popall(hdrs.TRANSFER_ENCODING, None)
    if content or request.method not in aiohttp.ClientRequest.GET_METHODS:
        headers[hdrs.CONTENT_LENGTH] = str(len(content))
    outgoing = _Outgoing(request.method, (url.raw_scheme, netloc), url.raw_path, headers, content)
    if FINAL in request.extensions:
        request.extensions[_OUTGOING] = outgoing
    return outgoing


_DEFAULTS = ((hdrs.ACCEPT_ENCODING, "gzip"), (hdrs.USER_AGENT, f"osago/{__version__}"))


def _server(url: httpx.URL, proxy: URL | None) -> aiohttp.ClientRequest:
    if url.scheme not in {"http", "https"}:
        raise httpx.UnsupportedProtocol(f"cannot send to {url.scheme!r} URLs")
    origin = b"".join((url.raw_scheme, b"://", url.netloc, b"/")).decode("ascii")
    loop = asyncio.get_running_loop()
    try:
        return aiohttp.ClientRequest("GET", URL(origin, encoded=True), loop=loop, proxy=proxy)
    except ValueError:
        raise httpx.LocalProtocolError(NOT_HTTP) from None


async def _answer(protocol: ResponseHandler) -> tuple[RawResponseMessage, StreamReader]:
    """The final answer; 1xx before it are skipped, of which aiohttp would read without an end."""
    for _ in range(MAX_INTERIM):
        message, body = await protocol.read()
        if message.code < HTTPStatus.CONTINUE:
            raise AnswerNotHttp("the answer is not HTTP")
        if message.code >= HTTPStatus.OK or message.code == HTTPStatus.SWITCHING_PROTOCOLS:
            break
    else:
        raise AnswerNotHttp(f"more than {MAX_INTERIM} interim answers")
    if len(protocol) > 0:
        raise AnswerNotHttp("more than one answer to one request")
    return message, body


def _before_sending(error: Exception) -> httpx.TransportError:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return httpx.ProxyError(f"the proxy answered {error.status}")
    reason = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    return httpx.ConnectError(str(reason or "the connection was not established"))


def _after_sending(error: Exception) -> httpx.TransportError:
    match error:
        case aiohttp.ServerDisconnectedError():
            return httpx.RemoteProtocolError("the connection was closed before an answer")
        case aiohttp.ClientPayloadError():
            return httpx.RemoteProtocolError("the answer broke off")
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return AnswerNotHttp("the answer is not HTTP")
        case _:
            return httpx.ReadError("the connection was lost after the request was sent")


async def _read(body: StreamReader, headers: Mapping[str, str], limit: int) -> bytes:
    declared = int(headers.get(hdrs.CONTENT_LENGTH, 0))
    if declared > limit:
        raise AnswerTooLarge(f"an answer of {declared} bytes, more than {limit}")
    content = bytearray()
    while chunk := await body.readany():
        content += chunk
        if len(content) > limit:
            raise AnswerTooLarge(f"an answer of more than {limit} bytes")
        if body.is_eof():
            break  # all that was there has been taken
        # anyio cancels a task only while it waits; a byte for every turn prevents that.
        await checkpoint_if_cancelled()
    return bytes(content)


def _ends_with_the_connection(message: RawResponseMessage) -> bool:
    """Without a length the answer ends where the connection does; aiohttp takes a reset for it."""
    headers = message.headers
    return hdrs.CONTENT_LENGTH not in headers and hdrs.TRANSFER_ENCODING not in headers


def _ssl_context(tls: TlsOptions) -> ssl.SSLContext | Literal[True]:
    if tls == TlsOptions():
        return True  # aiohttp's own: the system's trust store, read once for all insurers (50 ms)
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except OSError as error:
        raise TlsFilesError(f"ca_file {tls.ca_file}: {error}") from error
    context.minimum_version = tls.minimum_version
    context.set_alpn_protocols(["http/1.1"])
    if tls.client_cert is not None:
        try:
            # The empty passphrase keeps OpenSSL from asking for one on the terminal.
            context.load_cert_chain(tls.client_cert, tls.client_key, password="")
        except OSError as error:
            where = f"client_cert {tls.client_cert}, client_key {tls.client_key or 'in it'}"
            raise TlsFilesError(f"{where}: {error}") from error
    return context
