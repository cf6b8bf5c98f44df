"""Documents as XML: elements in the order of their keys, every character escaped or refused.

Owns the notation. Where a document comes from, and who gets it, is known elsewhere. Whole tables
may come out of expressions, so names are checked here, when they are written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from osago_daemon.insurers.exact import exact, fraction
from osago_daemon.insurers.expressions import ExpressionError, Leaves, Template
from osago_daemon.insurers.functions import as_text
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.tables import RequestTemplate
from osago_daemon.insurers.xml.names import (
    ATTRIBUTE,
    SOAP,
    SOAP_NAMESPACES,
    TEXT,
    is_writable,
    name_problem,
)

MAX_DEPTH = 64
"""Of tables and lists. Nobody writes more by hand, but a kept answer may hold as much."""

DOCUMENT, HEADER = "xml", "soap_header"
"""The keys of a step that hold what is written."""

ONE_ROOT = "without `soap`, a document is exactly one element"
ONLY_ELEMENTS = "only elements stand here: a table whose keys are their names"

XmlRequestTemplate: TypeAlias = RequestTemplate
"""A document with expressions as leaves, as for JSON; `write_xml` makes XML of what it renders."""

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})

_Item: TypeAlias = tuple[str, Any, Key]
"""An element's name, what it holds, and where that stands."""


def render_xml(
    templates: Mapping[str, Template | None],
    scope: Mapping[str, Any],
    *,
    namespaces: Mapping[str, str],
    soap: str | None = None,
) -> bytes:
    """What `write_xml` makes of a step's `xml` and `soap_header` (None: there is none), rendered.

    Raises `ExpressionError` with the key below the step, as far as it is that of the file: names
    that come out of expressions may be those of people.
    """
    documents: dict[str, Any] = dict.fromkeys((DOCUMENT, HEADER))
    for name, template in templates.items():
        if template is not None:
            try:
                documents[name] = template.render(scope)
            except ExpressionError as error:
                raise error.under(name) from None
    try:
        return write_xml(
            documents[DOCUMENT], namespaces=namespaces, soap=soap, header=documents[HEADER]
        )
    except ExpressionError as error:
        roots = {name: template.root for name, template in templates.items() if template}
        raise ExpressionError(error.text, _of_file(error.key, roots)) from None


def _of_file(key: Key, tables: Leaves) -> Key:
    """The part of a key that stands in these tables."""
    known: Key = ()
    for part in key:
        if isinstance(tables, dict) and part in tables:
            tables = tables[str(part)]
        elif isinstance(tables, list) and isinstance(part, int) and part < len(tables):
            tables = tables[part]
        else:
            break
        known = (*known, part)
    return known


def write_xml(
    document: Any,
    *,
    namespaces: Mapping[str, str],
    soap: str | None = None,
    header: Any = None,
) -> bytes:
    """A document as XML in UTF-8.

    Keys are elements in their order, `@name` attributes, `#text` what an element says; a list
    repeats its element, null leaves out what it stands for, `{}` and "" are empty elements.
    `namespaces` is prefix → URI, the prefix "" the default one; `namespace_problems` has found
    nothing in it. With `soap` ("1.1", "1.2") the document is what Body holds, and `header`, unless
    it is None, what Header holds; without there is one root and no header.

    Raises `ExpressionError` with the key below the step: `xml…` or `soap_header…`. The key holds
    names of the document, which may be data; see `render_xml`.
    """
    writer = _Writer(frozenset(namespaces), soap=soap is not None)
    items = list(_top(document, (DOCUMENT,)))
    if soap is None:
        return _root(writer, items, namespaces, (DOCUMENT,))
    body = writer.elements(items)
    head = "" if header is None else writer.elements(_top(header, (HEADER,)))
    head = f"<{SOAP}:Header>{head}</{SOAP}:Header>" if head else ""
    body = f"<{SOAP}:Body>{body}</{SOAP}:Body>"
    declared = _declared({SOAP: SOAP_NAMESPACES[soap], **namespaces})
    envelope = f"<{SOAP}:Envelope{declared}>{head}{body}</{SOAP}:Envelope>"
    return f"{_DECLARATION}{envelope}".encode()


def soap_header_block(document: Any, namespaces: Mapping[str, str]) -> bytes:
    """One element for `add_soap_header`, with namespaces of its own.

    Its attributes may have the prefix `soap`. Raises as `write_xml`.
    """
    writer = _Writer(frozenset(namespaces), soap=True)
    name, value, key = _one(list(_top(document, (HEADER,))), (HEADER,))
    return writer.element(name, value, key, _declared(namespaces)).encode()


def _root(writer: "_Writer", items: list[_Item], namespaces: Mapping[str, str], key: Key) -> bytes:
    name, value, key = _one(items, key)
    return f"{_DECLARATION}{writer.element(name, value, key, _declared(namespaces))}".encode()


def _one(items: list[_Item], key: Key) -> _Item:
    if len(items) != 1:
        raise ExpressionError(ONE_ROOT, key)
    return items[0]


def _declared(namespaces: Mapping[str, str]) -> str:
    return "".join(
        f' {f"xmlns:{prefix}" if prefix else "xmlns"}="{uri.translate(_IN_ATTRIBUTE)}"'
        for prefix, uri in namespaces.items()
    )


def _top(document: Any, key: Key) -> Iterator[_Item]:
    """The elements of a document, around which there is none."""
    if not isinstance(document, Mapping):
        raise ExpressionError(ONLY_ELEMENTS, key)
    for name, value, where in _items(document, key):
        if name == TEXT or name.startswith(ATTRIBUTE):
            raise ExpressionError(ONLY_ELEMENTS, where)
        yield name, value, where


def _items(table: Mapping[str, Any], key: Key) -> Iterator[_Item]:
    """What a table holds: a list is several, null nothing."""
    for name, value in table.items():
        if isinstance(value, list):
            several = ((name, item, (*key, name, i)) for i, item in enumerate(value))
            yield from (item for item in several if item[1] is not None)
        elif value is not None:
            yield name, value, (*key, name)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes elements; `soap` says whether there is an envelope around."""

    prefixes: frozenset[str]
    soap: bool

    def elements(self, items: Iterator[_Item] | list[_Item]) -> str:
        """One after another."""
        return "".join(self.element(name, value, key) for name, value, key in items)

    def element(self, name: str, value: Any, key: Key, declared: str = "") -> str:
        """One with all it holds; `declared` are attributes that are written already."""
        self._check_name(name, key)
        if len(key) > MAX_DEPTH:
            raise ExpressionError("nested too deeply", key)
        attributes, content = [declared], []
        if isinstance(value, Mapping):
            for inner, child, where in _items(value, key):
                if inner == TEXT:
                    content.append(_text(child, where).translate(_IN_TEXT))
                elif inner.startswith(ATTRIBUTE):
                    attributes.append(self._attribute(inner, child, where))
                else:
                    content.append(self.element(inner, child, where))
        else:
            content.append(_text(value, key).translate(_IN_TEXT))
        start, inside = f"<{name}{''.join(attributes)}", "".join(content)
        return f"{start}>{inside}</{name}>" if inside else f"{start}/>"

    def _attribute(self, name: str, value: Any, key: Key) -> str:
        self._check_name(name, key)
        if isinstance(key[-1], int):
            raise ExpressionError("an attribute can't be a list", key[:-1])
        text = _text(value, key).translate(_IN_ATTRIBUTE)
        return f' {name.removeprefix(ATTRIBUTE)}="{text}"'

    def _check_name(self, name: str, key: Key) -> None:
        problem = name_problem(name, self.prefixes, soap=self.soap)
        if problem is not None:
            raise ExpressionError(problem, key)


def _text(value: Any, key: Key) -> str:
    """A scalar as XML Schema writes it, not yet escaped."""
    try:
        text = as_text(_plain(value)) or ""
    except ValueError as error:
        raise ExpressionError(str(error), key) from None
    if not is_writable(text):
        raise ExpressionError("has a character that XML can't carry", key)
    return text


def _plain(value: Any) -> Any:
    """Numbers within bounds, so that plain decimal notation is never a million zeros."""
    if isinstance(value, float):
        return exact(value)
    return fraction(str(value)) if isinstance(value, Decimal) else value
