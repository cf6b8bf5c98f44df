"""What is wrong with the XML of a step as it stands in the file: names, prefixes, roots.

Sees raw tables, of which anything may be missing or of another type; what their leaves say is
checked elsewhere, and what expressions give only when they have given it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.tables import Located
from osago_daemon.insurers.xml.names import (
    ATTRIBUTE,
    RESERVED,
    TEXT,
    is_name,
    is_writable,
    name_problem,
)
from osago_daemon.insurers.xml.soap import is_action
from osago_daemon.insurers.xml.writing import DOCUMENT, HEADER, ONE_ROOT, ONLY_ELEMENTS

ACTION, NAMESPACES, VERSION = "action", "namespaces", "soap"
_NEEDS_SOAP = "there is none without `soap`"
_RESERVED_URIS = frozenset(
    {"http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace"}
)


def step_problems(step: Mapping[str, Any], key: Key = ()) -> Iterator[Located]:
    """Everything wrong with the XML of a raw step, whose keys stand below `key`.

    Looks at `xml`, `soap_header`, `soap`, `action` and `namespaces` and at nothing else.
    """
    namespaces, soap = step.get(NAMESPACES, {}), step.get(VERSION)
    if DOCUMENT in step:
        yield from document_problems(step[DOCUMENT], namespaces, soap, (*key, DOCUMENT))
    else:
        for name in (VERSION, NAMESPACES):
            if name in step:
                yield (*key, name), "belongs to a step with `xml`"
    if HEADER in step:
        yield from document_problems(step[HEADER], namespaces, VERSION, (*key, HEADER))
    yield from namespace_problems(namespaces, (*key, NAMESPACES))
    for name in (HEADER, ACTION):
        if name in step and soap is None:
            yield (*key, name), _NEEDS_SOAP
    action = step.get(ACTION)
    if isinstance(action, str) and not is_action(action):
        text = "an action is printable ASCII without quotation marks and backslashes"
        yield (*key, ACTION), text


def xml_problems(raw: Any, namespaces: Any, soap: Any, key: Key) -> Iterator[Located]:
    """Everything wrong with the document at `key`, and with the `namespaces` beside it."""
    yield from document_problems(raw, namespaces, soap, key)
    yield from namespace_problems(namespaces, (*key[:-1], NAMESPACES))


def namespace_problems(namespaces: Any, key: Key) -> Iterator[Located]:
    """Prefixes that can't be declared, and URIs that name no namespace. Types are not its business.

    A prefix with a bad URI counts as declared, so that one mistake is told once.
    """
    if not isinstance(namespaces, Mapping):
        return
    for prefix, uri in namespaces.items():
        if prefix in RESERVED:
            yield (*key, prefix), "this prefix is taken: it is never declared"
        elif prefix and not is_name(prefix):
            yield (*key, prefix), 'not a prefix (the default namespace is that of "")'
        if isinstance(uri, str) and not _is_uri(uri):
            yield (*key, prefix), "not the URI of a namespace, such as urn:osago"


def document_problems(raw: Any, namespaces: Any, soap: Any, key: Key) -> Iterator[Located]:
    """What is wrong with names and shape of one document."""
    declared = namespaces if isinstance(namespaces, Mapping) else {}
    names = _Names(frozenset(declared), soap=soap is not None)
    if not isinstance(raw, Mapping):
        yield key, ONLY_ELEMENTS
        return
    if soap is None and (len(raw) != 1 or any(_repeated(value) for value in raw.values())):
        yield key, ONE_ROOT
    for name, value in raw.items():
        if name == TEXT or name.startswith(ATTRIBUTE):
            yield (*key, name), ONLY_ELEMENTS
        else:
            yield from names.problems(name, value, (*key, name))


class _Names:
    """Walks a document."""

    def __init__(self, prefixes: frozenset[str], *, soap: bool) -> None:
        self._prefixes = prefixes
        self._soap = soap

    def problems(self, name: str, value: Any, key: Key) -> Iterator[Located]:
        """Of one key and what it holds."""
        if name == TEXT:
            if isinstance(value, Mapping):
                yield key, "text can't be a table"
            return
        problem = name_problem(name, self._prefixes, soap=self._soap)
        if problem is not None:
            yield key, problem
        if name.startswith(ATTRIBUTE):
            if isinstance(value, Mapping | list):
                yield key, "an attribute can't be a table or a list"
            return
        for where, item in _several(value, key):
            if isinstance(item, list):
                yield where, "a list can't stand in a list"
            elif isinstance(item, Mapping):
                for inner, child in item.items():
                    yield from self.problems(inner, child, (*where, inner))


def _several(value: Any, key: Key) -> Iterator[tuple[Key, Any]]:
    if not isinstance(value, list):
        yield key, value
        return
    for i, item in enumerate(value):
        yield (*key, i), item


def _repeated(value: Any) -> bool:
    return isinstance(value, list) and len(value) != 1


def _is_uri(text: str) -> bool:
    fits = text.isprintable() and is_writable(text) and not set(text) & set(' <>"{}|\\^`')
    return bool(text) and fits and text not in _RESERVED_URIS
