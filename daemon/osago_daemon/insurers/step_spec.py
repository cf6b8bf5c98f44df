"""The tables of steps: `create`, `poll` and `[[steps]]`, what each sends and what it keeps."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, PlainValidator, field_validator

from osago_daemon.insurers import urls
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.tables import (
    NOT_A_CONSTANT,
    AnswerExpression,
    HeaderName,
    HeaderValue,
    RequestExpression,
    RequestTemplate,
    Table,
    is_secret_header,
    problems_error,
    value_problem,
)
from osago_daemon.insurers.xml import XmlRequestTemplate
from osago_daemon.resilience.numbers import PacingNumbers

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
BODIES = ("body", "form", "multipart", "xml")
"""The kinds of a request's content, of which a step has one at most."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _path(raw: Any) -> str:
    if not isinstance(raw, str):
        raise value_problem("expected text in quotes")
    if not urls.is_path(raw) and urls.link_in(raw) is None:
        raise value_problem(
            "expected a path that begins with one /, such as /applications,"
            " or a kept link such as {link}"
        )
    return raw


def _name(raw: Any) -> str:
    if not isinstance(raw, str) or not _NAME.fullmatch(raw):
        raise value_problem("expected a name such as vehicle: Latin letters, digits and _")
    return raw


def _part(raw: Any) -> Any:
    """A field that is no file is said by its expression alone."""
    return {"value": raw} if isinstance(raw, str) else raw


class PartSpec(Table):
    """One field of a multipart form; with `filename` it is sent as a file."""

    value: RequestExpression | None = None
    """What the field holds; null leaves it out, a list repeats it."""
    body: RequestTemplate | None = None
    """A JSON document in place of `value`."""
    filename: RequestExpression | None = None
    """The name under which it is sent as a file."""
    type: HeaderValue | None = None
    """Its content type."""

    def expressions(self) -> Iterator[Expression]:
        """Everything it is made of."""
        if self.value is not None:
            yield self.value
        if self.body is not None:
            yield from self.body.expressions()
        if self.filename is not None:
            yield self.filename


class StepSpec(Table):
    """One request, and what of its answer later steps need."""

    path: Annotated[str, PlainValidator(_path)]
    method: Method = "POST"
    """HTTP method."""
    path_params: Mapping[str, RequestExpression] = Field(default_factory=dict)
    """Name = expression, for {NAME} in the path."""
    headers: Mapping[HeaderName, RequestExpression] = Field(default_factory=dict)
    query: Mapping[str, RequestExpression] = Field(default_factory=dict)
    body: RequestTemplate | None = None
    form: Mapping[str, RequestExpression] | None = None
    """Name = expression, sent as a form. Null is left out, a list repeats its name."""
    charset: Literal["utf-8", "windows-1251"] = "utf-8"
    """Of a form."""
    multipart: Mapping[str, Annotated[PartSpec, BeforeValidator(_part)]] | None = None
    """Name = expression, or a table for a file, sent as multipart/form-data."""
    xml: XmlRequestTemplate | None = None
    """An XML document: elements with expressions as values; @name is an attribute."""
    soap: Literal["1.1", "1.2"] | None = None
    """The version of SOAP; the document is then the content of the envelope's body."""
    action: HeaderValue | None = None
    """The SOAP action."""
    namespaces: Mapping[str, str] = Field(default_factory=dict)
    """Prefix = URI; the prefix "" is the default namespace."""
    soap_header: XmlRequestTemplate | None = None
    """The content of the envelope's header."""
    keep: Mapping[str, AnswerExpression] = Field(default_factory=dict)
    """Values of its answer for later steps."""
    repeatable: bool | None = None
    """Whether twice is the same as once. Left out: it is for GET, and where the idempotency key is
    sent."""
    decides: bool | None = None
    """Whether the offer may stand in its answer."""

    @field_validator("headers")
    @classmethod
    def _no_secrets(cls, headers: Mapping[str, Expression]) -> Mapping[str, Expression]:
        """A constant says who we are to everybody who reads the file."""
        problems = [
            ((name,), NOT_A_CONSTANT)
            for name, expression in headers.items()
            if expression.constant and is_secret_header(name)
        ]
        if problems:
            raise problems_error("headers", problems)
        return headers

    def expressions(self) -> Iterator[Expression]:
        """Every expression of the request."""
        for table in (self.path_params, self.headers, self.query, self.form or {}):
            yield from table.values()
        for part in (self.multipart or {}).values():
            yield from part.expressions()
        for document in (self.body, self.xml, self.soap_header):
            if document is not None:
                yield from document.expressions()

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again when its answer was lost."""
        if self.repeatable is not None:
            return self.repeatable
        told = {"key", "uuid"}
        return self.method == "GET" or any(
            told & expression.names_under("call") for expression in self.expressions()
        )


class CreateSpec(StepSpec):
    """The request that starts an application, or asks for a price in one step."""

    @property
    def is_repeatable(self) -> bool:
        """As any; but a create is no mere question, whatever its method."""
        if self.repeatable is None and self.method == "GET":
            return any("key" in expression.names_under("call") for expression in self.expressions())
        return super().is_repeatable


class PollSpec(PacingNumbers, StepSpec):
    """The request that asks for the offer of an application made before, and when."""

    method: Method = "GET"


class NamedStepSpec(StepSpec):
    """One of `[[insurers.ID.steps]]`."""

    name: Annotated[str, PlainValidator(_name)]
    """Tells the step from the others."""
    each: RequestExpression | None = None
    """A list: one request for each of its items."""
    when: RequestExpression | None = None
    """The step is left out where this is false."""
    poll: PacingNumbers | None = None
    """Ask again while they say pending, at these times."""
