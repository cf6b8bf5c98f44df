"""How faults look on the wire: the only module that takes an HTTP connection apart.

Each spoiler gets the answer the insurer would have given and sees to it that it does not arrive
as it should. The insurer has acted on the request by then, as real ones have: after a reset or a
hang the client cannot know that its application exists.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from osago_sandbox.api import Answer
from osago_sandbox.bodies import Codec
from osago_sandbox.faults import Fault

DRIP_EVERY_S = 0.1
HUGE_MB = 200
_CHUNK = b" " * 65536
_BYTES_PER_MB = 1_000_000
_LINGER_OFF = struct.pack("ii", 1, 0)  # close() then sends RST instead of FIN (socket(7))


@dataclass(frozen=True, slots=True)
class Wired:
    """An answer in bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, answer: Answer, codec: Codec) -> Self:
        """As the insurer's codec writes it."""
        headers = {"Content-Type": codec.content_type, **answer.headers}
        return cls(answer.status, headers, codec.write(answer.body))


Spoiler = Callable[[web.Request, Wired, Mapping[str, Any]], Awaitable[web.StreamResponse]]


def whole(answer: Wired) -> web.Response:
    """The answer as it should be."""
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


async def spoil(request: web.Request, answer: Wired, fault: Fault | None) -> web.StreamResponse:
    """Send `answer` in the way of `fault`, or whole where the fault is none of the wire's."""
    if fault is None or fault.fault not in _SPOILERS:
        return whole(answer)
    return await _SPOILERS[fault.fault](request, answer, fault.params)


async def _reset(request: web.Request, _: Wired, __: Mapping[str, Any]) -> web.StreamResponse:
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
        request.transport.abort()
    return web.Response()  # for the framework only; the connection is gone


async def _hang(_: web.Request, __: Wired, ___: Mapping[str, Any]) -> web.StreamResponse:
    await asyncio.Event().wait()  # until the client leaves or the server stops: both cancel
    return web.Response()


async def _drip(
    request: web.Request, answer: Wired, params: Mapping[str, Any]
) -> web.StreamResponse:
    response = await _begin(request, answer, len(answer.body))
    for byte in answer.body:
        await response.write(bytes([byte]))
        await asyncio.sleep(params.get("every_s", DRIP_EVERY_S))
    return response


async def _garbage(request: web.Request, _: Wired, params: Mapping[str, Any]) -> web.StreamResponse:
    if params.get("form") != "http":
        return web.Response(text="<html><body>Ведутся технические работы", content_type="text/html")
    if request.transport is not None:
        request.transport.write(b"\x00\x01SMTP 220 ready for something else\r\n\r\n")
        request.transport.close()
    return web.Response()


async def _truncated(
    request: web.Request, answer: Wired, _: Mapping[str, Any]
) -> web.StreamResponse:
    response = await _begin(request, answer, len(answer.body))
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _huge(
    request: web.Request, answer: Wired, params: Mapping[str, Any]
) -> web.StreamResponse:
    response = await _begin(request, answer, None)
    left = int(params.get("size_mb", HUGE_MB) * _BYTES_PER_MB)
    while left > 0:
        await response.write(_CHUNK[:left])
        left -= len(_CHUNK)
    await response.write(answer.body)  # readable after all, for who gets that far
    return response


async def _begin(request: web.Request, answer: Wired, length: int | None) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = length
    await response.prepare(request)
    return response


_SPOILERS: Mapping[str, Spoiler] = {
    "reset": _reset,
    "hang": _hang,
    "drip": _drip,
    "garbage": _garbage,
    "truncated": _truncated,
    "huge": _huge,
}
