"""From one line to one answer: decode, find the handler, check the parameters, say what went wrong.

Problems and refusals become errors on the wire; bugs become `internal` with a number, and the
daemon lives on.
"""

from typing import Any

from pydantic import ValidationError

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
    answer = await _answer(request, daemon, client)
    return answer if request.wants_answer else None


async def _answer(request: Request, daemon: Daemon, client: ClientView) -> bytes:
    try:
        handler = _handler(request.method)
        params = _params(handler.method, request.params)
        return encode_result(request.id, await handler.handle(daemon, client, params))
    except RpcError as error:
        return encode_error(request.id, error)
    except Exception as bug:  # noqa: BLE001  # the daemon lives on
        number = report_bug(bug, method=_known(request.method))
        mistake = RpcError(ErrorKind.INTERNAL, f"our own mistake, {number} in the daemon's log")
        return encode_error(request.id, mistake)


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
        problems = [
            ProblemData(path=_path(item["loc"]), code=item["type"], text=item["msg"])
            for item in error.errors(include_url=False, include_input=False, include_context=False)
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


def _known(method: str) -> str:
    return method if method in HANDLERS else "?"
