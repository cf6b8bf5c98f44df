"""The one way out to an insurer: httpx types at the edge, aiohttp's connections inside.

Owns sockets, TLS, proxies, how much of an answer is read, and the honest name of what went wrong.
Knows nothing of retries, deadlines or applications. Why aiohttp: docs/decisions/0002.

What is raised, and what it says about the request:

    ConnectError, ConnectTimeout    the insurer saw nothing of it: refused, no such host, TLS
    ProxyError                      nor here: the proxy did not let it through
    LocalProtocolError              nor here: it cannot be written as HTTP
    UnsupportedProtocol             nor here: not an http or https URL
    ReadError                       it may have been acted on: the connection broke under it
    RemoteProtocolError             so it may: closed without an answer, broken HTTP, half a body
    DecodingError, AnswerTooLarge   it was answered, with something nobody should read

Nothing is sent twice in here, redirects are returned as they are and cookies are forgotten. Time is
bounded by the caller's cancel scope (`extensions["timeout"]` is not read), except for connecting.
Messages carry no URL, header or body: all three hold personal data and secrets. For the same reason
errors are raised `from None`: aiohttp's carry the whole request.
"""

import asyncio
import ssl
import zlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Literal

import aiohttp
import httpx
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from anyio.lowlevel import checkpoint_if_cancelled
from yarl import URL

from osago_core import __version__

MAX_INTERIM = 16
NOT_HTTP = "the request cannot be written as HTTP"


class AnswerTooLarge(httpx.DecodingError):
    """More than anybody reads for one answer: declared, received, or after decompression."""


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

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it once and return the answer, its body read and decompressed.

        Raises the exceptions in the table above. Cancelling closes the connection.
        """
        try:
            outgoing = _outgoing(request, await request.aread(), self._proxy)
            connection, protocol = await self._connect(outgoing)
            answer, content = await self._exchange(outgoing, connection, protocol)
            limit = self._options.max_body_bytes
            return read_response(request, answer.status, answer.raw_headers, content, limit)
        except httpx.RequestError as error:
            error.request = request
            raise

    async def aclose(self) -> None:
        """Close every connection, also under requests that are still on their way."""
        if self._connector is not None:
            await self._connector.close()

    async def _connect(self, outgoing: aiohttp.ClientRequest) -> tuple[Connection, ResponseHandler]:
        """Get an open connection. Whatever fails in here, the insurer saw nothing of it."""
        try:
            while True:
                connection = await self._open_connector().connect(outgoing, [], self._timeout)
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
            self._connector = aiohttp.TCPConnector(
                limit=0, ssl=self._ssl, keepalive_timeout=self._options.keepalive_s
            )
        return self._connector

    async def _exchange(
        self, outgoing: aiohttp.ClientRequest, connection: Connection, protocol: ResponseHandler
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        """Write, then read. Whatever fails in here, the request may have been acted on."""
        protocol.set_response_params(
            skip_payload=outgoing.method == "HEAD", read_until_eof=True, auto_decompress=False
        )
        # An answer read to its end has put its connection back into the pool, and closing it does
        # nothing. After anything else, also a cancellation, the connection must not be used again.
        try:
            with closing(connection), closing(await _send(outgoing, connection)) as answer:
                await _skip_interim(protocol)
                await answer.start(connection)
                content = await _read(answer, self._options.max_body_bytes)
                if _ends_with_the_connection(answer) and isinstance(protocol.exception(), OSError):
                    raise httpx.ReadError("the connection was reset in the middle of the answer")
                return answer, content
        except (aiohttp.ClientError, OSError, HttpProcessingError) as error:
            raise _after_sending(error) from None


class _Outgoing(aiohttp.ClientRequest):
    """A request with the headers that it came with, and only these added when missing."""

    DEFAULT_HEADERS = {  # noqa: RUF012  # declared like this in aiohttp
        hdrs.ACCEPT_ENCODING: "gzip",
        hdrs.USER_AGENT: f"osago/{__version__}",
    }
    POST_METHODS = set[str]()  # noqa: RUF012  # no Content-Type where there was none


def _outgoing(request: httpx.Request, body: bytes, proxy: URL | None) -> aiohttp.ClientRequest:
    url = request.url
    if url.scheme not in {"http", "https"}:
        raise httpx.UnsupportedProtocol(f"cannot send to {url.scheme!r} URLs")
    # Neither user:password nor fragment, and the quoting as it is (`str(url)` has all of them).
    target = b"".join((url.raw_scheme, b"://", url.netloc, url.raw_path)).decode("ascii")
    try:
        return _Outgoing(
            request.method,
            URL(target, encoded=True),
            headers=[(name.decode(), value.decode()) for name, value in request.headers.raw],
            data=body or None,
            loop=asyncio.get_running_loop(),
            proxy=proxy,
        )
    except ValueError:
        raise httpx.LocalProtocolError(NOT_HTTP) from None


async def _send(outgoing: aiohttp.ClientRequest, connection: Connection) -> aiohttp.ClientResponse:
    try:
        return await outgoing.send(connection)
    except ValueError:  # a line break in a header: found before the first byte leaves
        raise httpx.LocalProtocolError(NOT_HTTP) from None


async def _skip_interim(protocol: ResponseHandler) -> None:
    """Leave one final answer for `start`, which would follow 1xx answers without an end."""
    for _ in range(MAX_INTERIM):
        message, payload = await protocol.read()
        if message.code >= HTTPStatus.OK or message.code == HTTPStatus.SWITCHING_PROTOCOLS:
            break
    else:
        raise httpx.RemoteProtocolError(f"more than {MAX_INTERIM} interim answers")
    if len(protocol) > 0:
        raise httpx.RemoteProtocolError("more than one answer to one request")
    protocol.feed_data((message, payload))


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
            return httpx.RemoteProtocolError("the answer broke off or is garbled")
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return httpx.RemoteProtocolError("the answer is not HTTP")
        case _:
            return httpx.ReadError("the connection was lost after the request was sent")


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    if (answer.content_length or 0) > limit:
        raise AnswerTooLarge(f"an answer of {answer.content_length} bytes, more than {limit}")
    body = bytearray()
    while chunk := await answer.content.readany():
        body += chunk
        if len(body) > limit:
            raise AnswerTooLarge(f"an answer of more than {limit} bytes")
        # anyio cancels a task only while it waits; a byte for every turn of the loop prevents that.
        await checkpoint_if_cancelled()
    return bytes(body)


def _ends_with_the_connection(answer: aiohttp.ClientResponse) -> bool:
    """Without a length the answer ends where the connection does; aiohttp takes a reset for it."""
    headers = answer.headers
    return hdrs.CONTENT_LENGTH not in headers and hdrs.TRANSFER_ENCODING not in headers


class _ReadResponse(httpx.Response):
    """A response born read: httpx's own way through its stream classes costs as much again."""

    def __init__(
        self,
        status: int,
        headers: list[tuple[bytes, bytes]],
        content: bytes,
        request: httpx.Request,
    ) -> None:
        super().__init__(status, headers=headers, stream=httpx.ByteStream(content), request=request)
        self._content = content
        self.is_stream_consumed = self.is_closed = True


def read_response(
    request: httpx.Request,
    status: int,
    headers: Iterable[tuple[bytes, bytes]],
    content: bytes,
    limit: int,
) -> httpx.Response:
    """Decompress up to `limit` bytes; raises DecodingError, AnswerTooLarge."""
    kept: list[tuple[bytes, bytes]] = []
    encoding = b""
    for name, value in headers:
        if name.lower() == b"content-encoding":
            encoding = value.strip().lower()
        else:
            kept.append((name, value))
    if content and encoding not in {b"", b"identity"}:
        content = _gunzip(content, encoding, limit)
        kept = [(name, value) for name, value in kept if name.lower() != b"content-length"]
    return _ReadResponse(status, kept, content, request)


def _gunzip(content: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding not in {b"gzip", b"x-gzip"}:
        raise httpx.DecodingError("the answer is compressed in a way nobody asked for")
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)  # 16: with a gzip header
    try:
        plain = inflater.decompress(content, limit + 1)
    except zlib.error:
        raise httpx.DecodingError("the answer is not the gzip it claims to be") from None
    if len(plain) > limit:
        raise AnswerTooLarge(f"an answer that unpacks to more than {limit} bytes")
    if not inflater.eof or inflater.unused_data:
        raise httpx.DecodingError("the answer's gzip does not end where the answer ends")
    return plain


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
