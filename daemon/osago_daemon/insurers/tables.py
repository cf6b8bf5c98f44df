"""Building blocks of the tables in insurers.toml: their base and the types of their values.

A wrong value is a `ValueProblem` with a text for the person who writes the file; it never shows
the value itself, which may be a secret in the wrong place.
"""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from osago_daemon.insurers.expressions import (
    Expression,
    ExpressionError,
    Leaves,
    Template,
)
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.names import ANSWER, REQUEST, Known

Located: TypeAlias = tuple[Key, str]
"""A problem: the key below the table at hand, and the text."""


class Table(BaseModel):
    """A table of insurers.toml: unknown keys are problems, types are taken literally."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def value_problem(text: str) -> PydanticCustomError:
    """A problem whose text is complete as it stands."""
    # As context, so that braces in the text are not taken for placeholders.
    return PydanticCustomError("value_problem", "{text}", {"text": text})


def problems_error(title: str, problems: Iterable[Located]) -> ValidationError:
    """Several problems at once, as pydantic reports them; it merges them into the outer report."""
    return ValidationError.from_exception_data(
        title,
        [InitErrorDetails(type=value_problem(text), loc=key, input=None) for key, text in problems],
    )


def with_problems(error: ValidationError, problems: Iterable[Located]) -> ValidationError:
    """What pydantic found and more problems of the same table."""
    found = [
        InitErrorDetails(
            type=PydanticCustomError(line["type"], "{text}", {"text": line["msg"]}),
            loc=line["loc"],
            input=line["input"],
        )
        for line in error.errors(include_url=False)
    ]
    more = [InitErrorDetails(type=value_problem(t), loc=key, input=None) for key, t in problems]
    return ValidationError.from_exception_data(error.title, [*found, *more])


def type_name(value: object) -> str:
    """What a value of a TOML file is called when it is not what was expected."""
    match value:
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def expression_over(known: Known) -> Callable[[Any], Expression]:
    """Compiles an expression that sees these names. What it gives raises PydanticCustomError."""

    def compiled(raw: Any) -> Expression:
        if isinstance(raw, Expression):
            return raw
        if not isinstance(raw, str):
            raise value_problem(
                f"expected an expression in quotes, got {type_name(raw)}"
                ' (constants are written as "\'text\'" or "`1`")'
            )
        try:
            return Expression(raw, known)
        except ExpressionError as error:
            raise value_problem(error.text) from None

    return compiled


def template_over(known: Known) -> Callable[[Any], Template]:
    """Compiles a document of such expressions; all bad leaves are reported at once."""
    expression = expression_over(known)

    def filled(raw: Any) -> Template:
        if isinstance(raw, Template):
            return raw
        problems: list[Located] = []
        root = leaves(raw, (), problems)
        if problems:
            raise problems_error("template", problems)
        return Template(root)

    def leaves(raw: Any, key: Key, problems: list[Located]) -> Leaves:
        if isinstance(raw, Mapping):
            return {name: leaves(child, (*key, name), problems) for name, child in raw.items()}
        if isinstance(raw, list):
            return [leaves(child, (*key, i), problems) for i, child in enumerate(raw)]
        try:
            return expression(raw)
        except PydanticCustomError as error:
            problems.append((key, error.message()))
            return {}

    return filled


def texts_in(value: object, key: Key) -> Iterator[tuple[Key, str]]:
    """Every text in a document, with where it stands."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, child in value.items():
            yield from texts_in(child, (*key, name))
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from texts_in(child, (*key, i))


def _pattern(raw: Any) -> re.Pattern[str]:
    if isinstance(raw, re.Pattern):
        return raw
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "error", FutureWarning
            )  # of what a later Python reads in another way
            return re.compile(raw)
    except FutureWarning as warning:
        text = str(warning).lower()
        raise value_problem(f"not a plain regular expression: {text}; put \\ before it") from None
    except re.error as error:
        raise value_problem(f"not a regular expression: {error}") from None
    except (OverflowError, RecursionError):
        raise value_problem("too large a regular expression") from None


RequestExpression = Annotated[Expression, PlainValidator(expression_over(REQUEST))]
AnswerExpression = Annotated[Expression, PlainValidator(expression_over(ANSWER))]
RequestTemplate = Annotated[Template, PlainValidator(template_over(REQUEST))]
Pattern = Annotated[re.Pattern[str], PlainValidator(_pattern)]

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, token
_ALWAYS_SECRET = {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"}
_SOUNDS_SECRET = re.compile(r"auth|token|key|secret|passw|credential|cookie|session", re.IGNORECASE)
NOT_A_CONSTANT = (
    "a secret does not belong in this file: who we are is said by `auth`,"
    ' for example auth = { kind = "bearer", token = "env:NAME" }'
)
_FRAMING_HEADERS = {"host", "content-length", "transfer-encoding", "connection"}


def _header_name(raw: Any) -> str:
    if not isinstance(raw, str) or not is_header_name(raw):
        raise value_problem("not the name of a header")
    if is_framing_header(raw):
        raise value_problem("this header is written by the transport")
    return raw


def _constant_header_name(raw: Any) -> str:
    name = _header_name(raw)
    if is_secret_header(name):
        raise value_problem(NOT_A_CONSTANT)
    return name


def _header_value(raw: Any) -> str:
    if not isinstance(raw, str):
        raise value_problem(f"expected text, got {type_name(raw)}")
    if not is_header_text(raw):
        raise value_problem("a header holds printable ASCII only")
    return raw


def is_header_name(text: str) -> bool:
    """Whether a text is the name of a header."""
    return _HEADER_NAME.fullmatch(text) is not None


def is_secret_header(name: str) -> bool:
    """Whether a header sounds like one that opens something. An idempotency key does not."""
    if name.lower() in _ALWAYS_SECRET:
        return True
    return bool(_SOUNDS_SECRET.search(name)) and "idempotency" not in name.lower()


def is_framing_header(name: str) -> bool:
    """Whether a header says where a message goes and ends, which is the transport's business."""
    return name.lower() in _FRAMING_HEADERS


def is_header_text(text: str) -> bool:
    """Whether a text may stand in a header: printable ASCII, so no line can be smuggled in."""
    return text.isascii() and text.isprintable()


HeaderName = Annotated[str, PlainValidator(_header_name)]
ConstantHeaderName = Annotated[str, PlainValidator(_constant_header_name)]
HeaderValue = Annotated[str, PlainValidator(_header_value)]
