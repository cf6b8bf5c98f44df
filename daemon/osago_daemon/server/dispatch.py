"""From one line to one answer: decode, find the handler, check the parameters, say what went wrong.

Problems and refusals become errors on the wire; bugs become `internal` with a number, and the
daemon lives on.
"""

from typing import Any

from pydantic import BaseModel, ValidationError

from osago_core.wire.codec import (
    Request,
    decode_request,
    encode_error,
    encode_result,
    request_id_of,
)
from osago_core.wire.errors import ErrorKind, ProblemData, RpcError
from osago_core.wire.methods import Method
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods import HANDLERS, Handler
from osago_daemon.server.wording import param_text
from osago_daemon.telemetry.bugs import report_bug


class UnreadableError(Exception):
    """The line was no JSON: `answer` is the last thing to say before closing."""

    def __init__(self, answer: bytes) -> None:
        """`answer` is an encoded line."""
        super().__init__("not a line of JSON")
        self.answer = answer


async def dispatch(line: bytes, daemon: Daemon, client: ClientView) -> bytes | None:
    """The answer to a line, None where a notification wants none. Raises UnreadableError."""
    try:
        request = decode_request(line)
    except RpcError as error:
        if error.kind is ErrorKind.PARSE_ERROR:
            raise UnreadableError(encode_error(None, error)) from None
        return encode_error(request_id_of(line), error)
    try:
        result = await _handle(request, daemon, client)
    except RpcError as error:
        return encode_error(request.id, error) if request.wants_answer else None
    return encode_result(request.id, result) if request.wants_answer else None


async def _handle(request: Request, daemon: Daemon, client: ClientView) -> BaseModel:
    try:
        handler = _handler(request.method)
        return await handler.handle(daemon, client, _params(handler.method, request.params))
    except RpcError:
        raise
    except Exception as bug:  # noqa: BLE001  # the daemon lives on
        method = request.method if request.method in HANDLERS else "?"
        number = report_bug(bug, method=method)
        raise RpcError(
            ErrorKind.INTERNAL, f"our own mistake, {number} in the daemon's log"
        ) from None


def _handler(method: str) -> Handler:
    handler = HANDLERS.get(method)
    if handler is None:
        known = ", ".join(sorted(HANDLERS))
        raise RpcError(ErrorKind.UNKNOWN_METHOD, f"no such method; there are: {known}")
    return handler


def _params(method: Method[Any, Any], params: dict[str, Any]) -> Any:
    try:
        return method.params.model_validate(params)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [
            ProblemData(
                path=_path(item["loc"]),
                code=item["type"],
                text=param_text(item, unknown=params.keys() - method.params.model_fields.keys()),
            )
            for item in found
        ]
        text = "; ".join(f"{problem.path}: {problem.text}" for problem in problems)
        raise RpcError(
            ErrorKind.INVALID_PARAMS, f"{method.name}: {text}", problems=problems
        ) from None


def _path(loc: tuple[int | str, ...]) -> str:
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
