"""The tables `[dictionaries.NAME]` of insurers.toml, and the CSV and JSON files they name.

Owns reading them and telling everything that is wrong with them. What a look-up does is the
business of `functions.dictionaries`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osago_daemon.insurers.dictionary_files import FileError, Row, rows_of_file
from osago_daemon.insurers.exact import exact
from osago_daemon.insurers.functions.dictionaries import Dictionary, folded
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.names import did_you_mean
from osago_daemon.insurers.tables import Located, type_name

MAX_PROBLEMS = 20
"""Of one dictionary: a file in the wrong shape has thousands, all of them the same."""

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_KEYS = ("file", "entries")
_ENTRY_KEYS = ("value", "aliases")


@dataclass(slots=True)
class DictionaryTables:
    """What a file's dictionaries are, and what is wrong with them."""

    dictionaries: dict[str, Dictionary] = field(default_factory=dict)
    """Also those with problems, as far as they can be read: who uses one is not at fault."""
    problems: list[Located] = field(default_factory=list)
    """Keys below `dictionaries`."""


def read(raw: object, folder: Path) -> DictionaryTables:
    """Read the table `[dictionaries]`; files are relative to `folder`."""
    found = DictionaryTables()
    if not isinstance(raw, Mapping):
        text = f"expected tables [dictionaries.NAME], got {type_name(raw)}"
        return DictionaryTables(problems=[((), text)])
    for name, table in raw.items():
        reader = _Reader()
        if not _NAME.fullmatch(name):
            reader.note((), "expected a name such as makes: small letters, digits, - and _")
        reader.read(table, folder)
        found.dictionaries[name] = Dictionary(name, reader.entries)
        found.problems += [((name, *key), text) for key, text in reader.told()]
    return found


class _Reader:
    """Collects the entries and problems of one dictionary."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[str, Any]] = {}
        self._problems: list[Located] = []
        self._owners: dict[str, object] = {}
        """Folded name → which entry it belongs to; two entries may be written alike."""

    def note(self, key: Key, text: str) -> None:
        self._problems.append((key, text))

    def told(self) -> Iterator[Located]:
        yield from self._problems[:MAX_PROBLEMS]
        more = len(self._problems) - MAX_PROBLEMS
        if more > 0:
            yield (), f"has {more} more problems"

    def read(self, table: object, folder: Path) -> None:
        if not isinstance(table, Mapping):
            self.note((), f"expected a table, got {type_name(table)}")
            return
        for key in table.keys() - set(_KEYS):
            self.note((key,), f"unknown key{did_you_mean(key, _KEYS) or _there_is(_KEYS)}")
        if ("file" in table) == ("entries" in table):
            self.note((), "takes either `file` or `entries`")
        elif "file" in table:
            self._read_file(table["file"], folder)
        else:
            self._read_entries(table["entries"], ("entries",))

    def _read_file(self, name: object, folder: Path) -> None:
        if not isinstance(name, str) or not name:
            self.note(("file",), f"expected a path in quotes, got {type_name(name)}")
            return
        try:
            content = rows_of_file(folder / name)
        except FileError as error:
            self.note(("file",), str(error))
            return
        if isinstance(content, list):
            for row in content:
                if isinstance(row, FileError):
                    self.note(("file",), str(row))
                else:
                    self._add(row)
        else:
            self._read_entries(content, ("file",), in_file=True)

    def _read_entries(self, entries: object, key: Key, *, in_file: bool = False) -> None:
        if not isinstance(entries, Mapping):
            self.note(key, f"expected a table of names, got {type_name(entries)}")
            return
        if not entries:
            self.note(key, "has no entry")
        for name, entry in entries.items():
            # A place within another file is said in words: the key leads to its name.
            place = f'"{name}": ' if in_file else ""
            row = self._row(name, entry, key if in_file else (*key, name), place)
            if row is not None:
                self._add(row)

    def _row(self, name: str, entry: object, key: Key, place: str) -> Row | None:
        if not isinstance(entry, Mapping):
            return self._valued(Row(key, name, entry, (), place))
        for unknown in entry.keys() - set(_ENTRY_KEYS):
            hint = did_you_mean(unknown, _ENTRY_KEYS) or _there_is(_ENTRY_KEYS)
            self.note((*key, unknown) if not place else key, f"{place}unknown key{hint}")
        if "value" not in entry:
            self.note(key, f"{place}`value` is missing")
            return None
        aliases = entry.get("aliases", [])
        if not isinstance(aliases, list) or not all(isinstance(each, str) for each in aliases):
            self.note(key, f"{place}`aliases` is a list of texts")
            aliases = []
        return self._valued(Row(key, name, entry["value"], tuple(aliases), place))

    def _valued(self, row: Row) -> Row | None:
        """The row with a value that JSON can say."""
        problem = _value_problem(row.value)
        if problem is not None:
            self.note(row.key, f"{row.place}{problem}")
            return None
        return Row(row.key, row.name, exact(row.value), row.aliases, row.place)

    def _add(self, row: Row) -> None:
        owner = object()
        for name in (row.name, *row.aliases):
            short = folded(name)
            if not short:
                self.note(row.key, f"{row.place}a name without a letter or a digit")
            elif self._owners.setdefault(short, owner) is not owner:
                other = self.entries[short][0]
                self.note(
                    row.key,
                    f'{row.place}"{name}" is the same as a name of "{other}"'
                    " (case, ё, spaces and punctuation do not matter)",
                )
            else:
                self.entries[short] = (row.name, row.value)


def _value_problem(value: object) -> str | None:
    """What makes a value of TOML unfit for JSON."""
    match value:
        case bool() | str() | int() | float():
            try:
                exact(value)
            except ValueError as error:
                return str(error)
            return None
        case list() | Mapping():
            children = value if isinstance(value, list) else value.values()
            return next(filter(None, map(_value_problem, children)), None)
        case None:
            return "null is no value"
        case _:
            return f"expected text, a number or a table, got {type_name(value)}"


def _there_is(keys: tuple[str, ...]) -> str:
    return f"; there is {', '.join(keys)}"
