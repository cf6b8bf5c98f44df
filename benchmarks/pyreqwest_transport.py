"""The transport that was not chosen, over pyreqwest (Rust): docs/decisions/0002.

Kept as an entry of the comparison. It names faults as honestly as ours, but only by the wording of
one of reqwest's internal messages, so it needs an exact version.
"""

from datetime import timedelta

import httpx
from pyreqwest import exceptions
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.proxy import ProxyBuilder
from pyreqwest.response import ResponseBodyReader

from osago_daemon.insurers.transport import AnswerTooLarge, TransportOptions, read_response

NOTHING_SENT = "client error (Connect)"  # hyper-util 0.1, under pyreqwest 0.15.1


class PyreqwestTransport(httpx.AsyncBaseTransport):
    """Sends a request, reads the whole answer; the same door as ours."""

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._client = _client(self._options)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        limit = self._options.max_body_bytes
        outgoing = (
            self._client.request(request.method, str(request.url))
            .headers(request.headers.multi_items())
            .body_bytes(await request.aread())
        )
        try:
            async with outgoing.build_streamed() as answer:
                if int(answer.get_header("content-length") or 0) > limit:
                    raise AnswerTooLarge(f"an answer of more than {limit} bytes")
                content = await _read(answer.body_reader, limit)
        except exceptions.RequestError as error:
            raise _honest(error, request) from None
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        return read_response(request, answer.status, headers, content, limit)

    async def aclose(self) -> None:
        await self._client.close()


async def _read(reader: ResponseBodyReader, limit: int) -> bytes:
    body = bytearray()
    while (chunk := await reader.read_chunk()) is not None:
        body += chunk
        if len(body) > limit:
            raise AnswerTooLarge(f"an answer of more than {limit} bytes")
    return bytes(body)


def _honest(error: exceptions.RequestError, request: httpx.Request) -> httpx.TransportError:
    """Trust the chain of causes, not the class: that says ConnectError after a reset, too."""
    causes = [cause["message"] for cause in error.details["causes"] or ()]
    if NOTHING_SENT in causes:
        if isinstance(error, exceptions.ConnectTimeoutError):
            return httpx.ConnectTimeout(causes[-1], request=request)
        return httpx.ConnectError(causes[-1], request=request)
    if isinstance(error, exceptions.DecodeError):
        return httpx.RemoteProtocolError("broken HTTP", request=request)
    return httpx.ReadError("the connection was lost after the request was sent", request=request)


def _client(options: TransportOptions) -> Client:
    builder = (
        ClientBuilder()
        .connect_timeout(timedelta(seconds=options.connect_timeout_s))
        .pool_idle_timeout(timedelta(seconds=options.keepalive_s))
        .follow_redirects(False)  # noqa: FBT003  # its only way to say so
        .referer(False)  # noqa: FBT003
        .gzip(False)  # noqa: FBT003
        .brotli(False)  # noqa: FBT003
        .zstd(False)  # noqa: FBT003
        .deflate(False)  # noqa: FBT003
        .default_headers({"Accept-Encoding": "gzip"})
        .no_proxy()
    )
    if options.proxy:
        builder = builder.proxy(ProxyBuilder.all(options.proxy))
    if options.tls.ca_file:
        builder = builder.add_root_certificate_pem(options.tls.ca_file.read_bytes())
    if options.tls.client_cert:
        key = options.tls.client_key
        pem = options.tls.client_cert.read_bytes() + (key.read_bytes() if key else b"")
        builder = builder.identity_pem(pem)
    return builder.build()
