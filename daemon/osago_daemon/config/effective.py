"""Every value that holds for an insurer, defaults included, and where it comes from.

Walks the tables' models, so a new key shows by itself. Secrets come out as their references, and
a constant under a name that sounds like a secret as `'…'`.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from osago_daemon.config.reading import ConfigFile
from osago_daemon.insurers.expressions import Expression, Template
from osago_daemon.insurers.functions.dictionaries import Dictionary
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.secrets import SecretRef
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.insurers.tables import is_secret_header
from osago_daemon.settings import DICTIONARIES, INSURERS, TARIFF

_HIDDEN = "…"
_UNKNOWN = object()


def document(path: Path, file: ConfigFile, ids: tuple[str, ...]) -> dict[str, Any]:
    """Of these insurers, whose tables have no mistakes.

    `{"file", "tariff": [value], "dictionaries": [dictionary], "insurers": [{"id", "values":
    [value]}]}`; a value is `{"key": [part, …], "value", "line"}`, its line null where the default
    holds; a dictionary `{"name", "line", "source", "count", "entries": {name: value}}`, its source
    the file that it names, null where its entries stand in insurers.toml itself.
    """
    return {
        "file": str(path),
        "tariff": [_shown(file, (TARIFF,), ("directory",), file.tariff_directory)],
        "dictionaries": [_dictionary(file, each) for each in file.dictionaries.values()],
        "insurers": [
            {"id": name, "values": [*_values(file, file.specs[name], (INSURERS, name))]}
            for name in ids
        ],
    }


def _dictionary(file: ConfigFile, dictionary: Dictionary) -> dict[str, Any]:
    source = file.said((DICTIONARIES, dictionary.name, "file"))
    entries = {name: _listed(value) for name, value in dictionary.entries()}
    return {
        "name": dictionary.name,
        "line": file.lines.of((DICTIONARIES, dictionary.name)),
        "source": source if isinstance(source, str) else None,
        "count": len(entries),
        "entries": entries,
    }


def _listed(value: Any) -> Any:
    """An entry's value as JSON has it; numbers with a fraction were made exact."""
    match value:
        case Mapping():
            return {name: _listed(child) for name, child in value.items()}
        case list() | tuple():
            return [_listed(child) for child in value]
        case Decimal():
            return float(value)
        case _:
            return value


def leaves(value: Any, key: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Key and value of everything in a table that is no table itself; lists are whole."""
    match value:
        case BaseModel() | Mapping():
            for name, child in _entries(value):
                yield from leaves(child, (*key, name))
        case Template():
            yield from leaves(value.root, key)
        case _:
            yield key, value


def references(value: Any) -> Iterator[SecretRef]:
    """The references to secrets in a leaf."""
    match value:
        case SecretRef():
            yield value
        case list() | tuple():
            for item in value:
                for _, leaf in leaves(item):
                    yield from references(leaf)


def _values(file: ConfigFile, spec: InsurerSpec, table: Key) -> Iterator[dict[str, Any]]:
    for key, value in leaves(spec):
        yield _shown(file, table, key, value)


def _shown(file: ConfigFile, table: Key, key: Key, value: Any) -> dict[str, Any]:
    plain = _plain(value, str(key[-1]) if key else "")
    if plain is _UNKNOWN:
        plain = _plain(file.said((*table, *key)), "")
    return {
        "key": list(key),
        "value": _HIDDEN if plain is _UNKNOWN else plain,
        "line": file.lines.at((*table, *key)),
    }


def _entries(table: BaseModel | Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Key in the file and value. An insurer's `id` is the name of its table."""
    if not isinstance(table, BaseModel):
        for key, value in table.items():
            yield key.pattern if isinstance(key, re.Pattern) else str(key), value
        return
    for name, field in type(table).model_fields.items():
        if not (name == "id" and isinstance(table, InsurerSpec)):
            yield field.alias or name, getattr(table, name)


def _plain(value: Any, name: str) -> Any:
    """As JSON has it; `_UNKNOWN` for a type of which it is not known whether it holds a secret."""
    match value:
        case Template():
            return _plain(value.root, name)
        case BaseModel() | Mapping():
            return {key: _known(child, key) for key, child in _entries(value)}
        case list() | tuple() | set() | frozenset():
            return [_known(each, name) for each in value]
        case _:
            return _plain_one(value, name)


def _known(value: Any, name: str) -> Any:
    plain = _plain(value, name)
    return _HIDDEN if plain is _UNKNOWN else plain


def _plain_one(value: Any, name: str) -> Any:
    match value:
        case Expression():
            return f"'{_HIDDEN}'" if value.constant and is_secret_header(name) else value.text
        case re.Pattern():
            return value.pattern
        case Enum():
            return value.value
        case SecretRef():
            return str(value)
        case str():
            return _text(value)
        case _:
            return value if isinstance(value, (int, float, type(None))) else _UNKNOWN


def _text(value: str) -> str:
    """What is a reference to a secret, wherever it stands, as references are shown."""
    try:
        return str(SecretRef.parse(value))
    except ValueError:
        return value
