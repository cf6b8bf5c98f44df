"""JSON-RPC 2.0 over lines: a line's bytes in, a request out; a message in, a line's bytes out."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic_core import from_json, to_json

from osago_core.wire.errors import ErrorKind, RpcError
from osago_core.wire.events import Event, OutcomeEvent
from osago_core.wire.protocol import EVENT_METHOD

_OUTCOME: TypeAdapter[OutcomeEvent] = TypeAdapter(OutcomeEvent)
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_EVENT_LINE = b'{"jsonrpc":"2.0","method":"%b","params":' % EVENT_METHOD.encode()

RequestId = str | int | None


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `id` is None for a notification, which gets no answer."""

    method: str
    params: dict[str, Any]
    id: RequestId = None
    wants_answer: bool = True


def decode_request(line: bytes) -> Request:
    """Read one line.

    Raises RpcError: `parse_error` for what is no JSON (the connection is closed after it),
    `invalid_request` for JSON that is no request.
    """
    try:
        message = from_json(line, allow_inf_nan=False)
    except ValueError as error:
        raise RpcError(ErrorKind.PARSE_ERROR, f"not a line of JSON: {error}") from None
    if isinstance(message, list):
        raise RpcError(ErrorKind.INVALID_REQUEST, "batches are not supported: send one a line")
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise RpcError(ErrorKind.INVALID_REQUEST, 'a request is an object with "jsonrpc": "2.0"')
    method, params, id_ = message.get("method"), message.get("params", {}), message.get("id")
    if not isinstance(method, str):
        raise RpcError(ErrorKind.INVALID_REQUEST, '"method" must be a string')
    if not isinstance(params, dict):
        raise RpcError(ErrorKind.INVALID_REQUEST, '"params" must be an object')
    if isinstance(id_, bool) or not isinstance(id_, str | int | None):
        raise RpcError(ErrorKind.INVALID_REQUEST, '"id" must be a string, an integer or null')
    return Request(method, params, id_, wants_answer="id" in message)


def request_id_of(line: bytes) -> RequestId:
    """The id of a line that is JSON but no request, so that its error can be matched."""
    message = from_json(line)
    id_ = message.get("id") if isinstance(message, dict) else None
    return id_ if isinstance(id_, str | int) and not isinstance(id_, bool) else None


def encode_result(id_: RequestId, result: BaseModel) -> bytes:
    """A line that answers a request."""
    return b'{"jsonrpc":"2.0","id":%b,"result":%b}\n' % (to_json(id_), _body(result))


def encode_error(id_: RequestId, error: RpcError) -> bytes:
    """A line that refuses a request."""
    return b'{"jsonrpc":"2.0","id":%b,"error":{"code":%d,"message":%b,"data":%b}}\n' % (
        to_json(id_),
        error.code,
        to_json(error.message),
        _body(error.data),
    )


def encode_event(event: BaseModel) -> bytes:
    """A line that carries one event of a run."""
    return b"%b%b}\n" % (_EVENT_LINE, _body(event))


def splice_event(*parts: bytes) -> bytes:
    """An event's line of several JSON objects with its fields, one after the other.

    The same bytes as `encode_event` makes, where the fields come in the model's order.
    """
    inner = b",".join([part[1:-1] for part in parts if part != b"{}"])
    return b"%b{%b}}\n" % (_EVENT_LINE, inner)


def decode_outcome(line: bytes) -> OutcomeEvent:
    """The outcome in a line that `encode_event` made."""
    return _OUTCOME.validate_python(from_json(line)["params"])


def decode_event(line: bytes) -> Event:
    """The event in a line that `encode_event` made."""
    return _EVENT.validate_python(from_json(line)["params"])


def _body(model: BaseModel) -> bytes:
    return model.model_dump_json(exclude_none=True).encode()
