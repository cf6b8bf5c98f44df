"""An answer's bytes as an httpx response: unpacked, of bounded size, read to its end.

Knows nothing of connections, nor of what the answer says.
"""

import zlib
from collections.abc import Iterable

import httpx


class AnswerTooLarge(httpx.DecodingError):
    """More than anybody reads for one answer: declared, received, or after decompression."""


class _ReadHeaders(httpx.Headers):
    """Headers out of bytes: what httpx finds out of each pair is known of all of them."""

    def __init__(self, pairs: list[tuple[bytes, bytes]]) -> None:
        super().__init__()
        self._list = [(name, name.lower(), value) for name, value in pairs]
        if all(name.isascii() and value.isascii() for name, value in pairs):
            self.encoding = "ascii"


class _ReadResponse(httpx.Response):
    """A response born read: httpx's own way through its stream classes costs as much again."""

    def __init__(
        self,
        status: int,
        headers: list[tuple[bytes, bytes]],
        content: bytes,
        request: httpx.Request,
    ) -> None:
        super().__init__(status, stream=httpx.ByteStream(content), request=request)
        self.headers = _ReadHeaders(headers)
        self._content = content
        self.is_stream_consumed = self.is_closed = True


def headers_of(response: httpx.Response) -> dict[str, str]:
    """Lower-case name → value; the values of a name that stands there twice with commas between."""
    encoding = response.headers.encoding
    found: dict[str, str] = {}
    for name, value in response.headers.raw:
        key, text = name.lower().decode(encoding), value.decode(encoding)
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


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
