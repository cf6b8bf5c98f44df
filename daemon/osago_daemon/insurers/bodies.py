"""The content of a step's request: JSON, a form, a multipart form, XML or SOAP.

Each kind is made of the scope of one call and comes with the headers that say what it is.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode

import httpx

from osago_daemon.insurers.exact import for_json
from osago_daemon.insurers.expressions import Expression, ExpressionError, Template
from osago_daemon.insurers.functions import as_text
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.step_spec import PartSpec, StepSpec
from osago_daemon.insurers.xml import render_xml, xml_headers

Scope: TypeAlias = Mapping[str, Any]
Writer: TypeAlias = Callable[[Scope], "Content"]

FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent, and the headers that belong to it. Full of personal data: not for logs."""

    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


NOTHING = Content()


def writer_of(step: StepSpec) -> Writer:
    """What writes the content of a step. It raises `ExpressionError` with the key at fault."""
    if step.body is not None:
        document = step.body
        return lambda scope: Content(json_of(document, scope, ("body",)), {"Content-Type": _JSON})
    if step.form is not None:
        return _form_writer(step.form, step.charset)
    if step.multipart is not None:
        parts = step.multipart
        return lambda scope: _multipart(parts, scope)
    if step.xml is not None:
        return _xml_writer(step)
    return lambda _: NOTHING


def evaluated(expression: Expression, key: Key, scope: Scope) -> Any:
    """The value; `ExpressionError` says at which key there is none."""
    try:
        return expression.evaluate(scope)
    except ExpressionError as error:
        raise error.under(*key) from None


def text_of(value: object, key: Key) -> str | None:
    """As text, null as None; `ExpressionError` for what is none."""
    try:
        return as_text(value)
    except ValueError as error:
        raise ExpressionError(str(error), key) from None


def pairs_of(table: Mapping[str, Expression], key: Key, scope: Scope) -> Iterator[tuple[str, str]]:
    """Names and texts; null is left out, a list repeats its name."""
    for name, expression in table.items():
        value = evaluated(expression, (*key, name), scope)
        for item in value if isinstance(value, list) else [value]:
            text = text_of(item, (*key, name))
            if text is not None:
                yield name, text


def _form_writer(fields: Mapping[str, Expression], charset: str) -> Writer:
    plain = charset == "utf-8"  # which is what a form is in if nobody says so
    headers = {"Content-Type": FORM if plain else f"{FORM}; charset={charset}"}

    def write(scope: Scope) -> Content:
        pairs = list(pairs_of(fields, ("form",), scope))
        try:
            return Content(urlencode(pairs, encoding=charset).encode(), headers)
        except UnicodeEncodeError:  # half a character, or one that it has not
            raise ExpressionError(f"can't be written as {charset}", ("form",)) from None

    return write


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=for_json
)


def json_of(document: Template, scope: Scope, key: Key) -> bytes:
    """Compact UTF-8; `ExpressionError` says at which key it can't be written."""
    try:
        return _ENCODER.encode(document.render(scope)).encode()
    except ExpressionError as error:
        raise error.under(*key) from None
    except (ValueError, TypeError):  # half a character in a constant, a function for a value
        raise ExpressionError("can't be written as JSON", key) from None


def _multipart(parts: Mapping[str, PartSpec], scope: Scope) -> Content:
    fields: list[tuple[str, Any]] = []
    for name, part in parts.items():
        fields += _fields(name, part, scope)
    # Of what is sent, so that the same request is the same bytes: it can't stand in them.
    try:
        boundary = hashlib.sha256(repr(fields).encode()).hexdigest()[:32]
    except UnicodeEncodeError:
        raise ExpressionError("can't be written as UTF-8", ("multipart",)) from None
    kind = f"multipart/form-data; boundary={boundary}"
    request = httpx.Request("POST", "http://x", headers={"Content-Type": kind}, files=fields)
    return Content(request.read(), {"Content-Type": kind})


def _fields(name: str, part: PartSpec, scope: Scope) -> Iterator[tuple[str, Any]]:
    """One for each value of the part; null is left out."""
    key = ("multipart", name)
    filename = None
    if part.filename is not None:
        filename = text_of(evaluated(part.filename, (*key, "filename"), scope), (*key, "filename"))
    if part.body is not None:
        content = json_of(part.body, scope, (*key, "body"))
        yield name, (filename, content, part.type or _JSON)
        return
    value = None if part.value is None else evaluated(part.value, (*key, "value"), scope)
    for item in value if isinstance(value, list) else [value]:
        text = text_of(item, (*key, "value"))
        if text is None:
            continue
        try:
            content = text.encode()
        except UnicodeEncodeError:
            raise ExpressionError("can't be written as UTF-8", (*key, "value")) from None
        yield name, (filename, content, part.type) if part.type else (filename, content)


def _xml_writer(step: StepSpec) -> Writer:
    templates = {"xml": step.xml, "soap_header": step.soap_header}
    # An action that no header can carry was a problem of the file.
    headers = xml_headers(step.soap, step.action)

    def write(scope: Scope) -> Content:
        body = render_xml(templates, scope, namespaces=step.namespaces, soap=step.soap)
        return Content(body, headers)

    return write
