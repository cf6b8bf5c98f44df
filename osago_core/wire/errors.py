"""Errors on the wire: a number for JSON-RPC, a stable word for programs, a sentence for people."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict

from osago_core.application import Problem


class ErrorKind(StrEnum):
    """The stable word of an error."""

    PARSE_ERROR = "parse_error"
    INVALID_REQUEST = "invalid_request"
    UNKNOWN_METHOD = "unknown_method"
    INVALID_PARAMS = "invalid_params"
    INTERNAL = "internal"
    INVALID_APPLICATION = "invalid_application"
    UNKNOWN_QUOTE = "unknown_quote"
    UNKNOWN_INSURER = "unknown_insurer"
    DRAINING = "draining"
    OVERLOADED = "overloaded"
    NOT_ALLOWED = "not_allowed"
    CONFIG_INVALID = "config_invalid"
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    STORE_AWAY = "store_away"


CODES: Mapping[ErrorKind, int] = MappingProxyType(
    {
        ErrorKind.PARSE_ERROR: -32700,
        ErrorKind.INVALID_REQUEST: -32600,
        ErrorKind.UNKNOWN_METHOD: -32601,
        ErrorKind.INVALID_PARAMS: -32602,
        ErrorKind.INTERNAL: -32603,
        ErrorKind.INVALID_APPLICATION: -32001,
        ErrorKind.UNKNOWN_QUOTE: -32002,
        ErrorKind.UNKNOWN_INSURER: -32003,
        ErrorKind.DRAINING: -32004,
        ErrorKind.OVERLOADED: -32005,
        ErrorKind.NOT_ALLOWED: -32006,
        ErrorKind.CONFIG_INVALID: -32007,
        ErrorKind.UNSUPPORTED_PROTOCOL: -32008,
        ErrorKind.STORE_AWAY: -32009,
    }
)


class ProblemData(BaseModel):
    """One thing wrong with the input: where, which, and what to do, in English."""

    model_config = ConfigDict(frozen=True)

    path: str
    code: str
    text: str
    params: dict[str, Any] = {}

    @classmethod
    def of(cls, problem: Problem) -> "ProblemData":
        """The wire form of a problem of the core."""
        return cls(
            path=problem.path, code=problem.code, text=problem.text, params=dict(problem.params)
        )


class ErrorData(BaseModel):
    """`error.data`."""

    model_config = ConfigDict(frozen=True)

    kind: ErrorKind
    retryable: bool = False
    retry_after_ms: int | None = None
    problems: tuple[ProblemData, ...] | None = None


class RpcError(Exception):
    """A request that is answered with an error instead of a result."""

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        retry_after_ms: int | None = None,
        problems: Iterable[ProblemData] = (),
    ) -> None:
        """`message` is for people and never carries personal data."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.data = ErrorData(
            kind=kind,
            retryable=kind in {ErrorKind.DRAINING, ErrorKind.OVERLOADED, ErrorKind.STORE_AWAY},
            retry_after_ms=retry_after_ms,
            problems=tuple(problems) or None,
        )

    @property
    def code(self) -> int:
        """The JSON-RPC error code."""
        return CODES[self.kind]
