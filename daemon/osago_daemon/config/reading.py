"""The tables of an insurers.toml as far as they can be understood, switched off or not.

`settings.load` judges a file and keeps what a daemon runs on; this keeps what people look at. Asks
nothing outside the file.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from osago_daemon.insurers import dictionary_tables, look_ups
from osago_daemon.insurers.functions.dictionaries import Dictionary
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.nesting import deeper_than
from osago_daemon.insurers.registry import DEFAULT_KIND, KindError, found
from osago_daemon.insurers.spec import InsurerSpec
from osago_daemon.settings import DICTIONARIES, INSURERS, MAX_DEPTH, TARIFF
from osago_daemon.toml_lines import TomlLines


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file that is TOML, whatever mistakes its tables have."""

    raw: Mapping[str, Any]
    lines: TomlLines
    specs: Mapping[str, InsurerSpec]
    """By id, in the order of the file: the tables without a mistake of their own."""
    dictionaries: Mapping[str, Dictionary]
    """By name, as far as they can be read."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all insurers that have a table, also of those with mistakes."""
        return tuple(_table(self.raw, INSURERS))

    @property
    def tariff_directory(self) -> str | None:
        """The folder of tariff tables that the file names."""
        directory = _table(self.raw, TARIFF).get("directory")
        return directory if isinstance(directory, str) else None

    def said(self, key: Key) -> Any:
        """What the file itself says at a key, None where it says nothing."""
        value: Any = self.raw
        for part in key:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def read(path: Path) -> ConfigFile | None:
    """Read a file; None where it is not there or no TOML, which `settings.load` has words for."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        raw = tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return None
    if deeper_than(raw, MAX_DEPTH):
        return None
    words = dictionary_tables.read(raw.get(DICTIONARIES, {}), path.parent)
    with look_ups.using(words.dictionaries):
        specs = {spec.id: spec for spec in _specs(_table(raw, INSURERS))}
    return ConfigFile(raw, TomlLines(text), specs, words.dictionaries)


def _specs(tables: Mapping[str, Any]) -> Iterator[InsurerSpec]:
    for name, table in tables.items():
        adapter = table.get("adapter", DEFAULT_KIND) if isinstance(table, dict) else None
        if not isinstance(adapter, str) or "id" in table:
            continue
        try:
            kind = found(adapter)
            if kind is None:
                continue
            with kind.blamed("reading its table"):
                spec: InsurerSpec = kind.kind.spec.model_validate({**table, "id": name})
        except (ValidationError, KindError):
            continue  # told by `settings.load`
        yield spec


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = raw.get(name)
    return table if isinstance(table, dict) else {}
