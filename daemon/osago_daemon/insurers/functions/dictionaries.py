"""Dictionaries of what insurers call things, makes and models above all, and `look_up` in them.

Entries are found whatever the case, ё or е, look-alike letters of the other alphabet, spaces and
punctuation. Where a dictionary comes from is not known here.
"""

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from osago_core.application.fields.alphabet import fold
from osago_daemon.insurers.exact import for_json
from osago_daemon.insurers.functions.declaring import (
    ANY,
    SCALAR_OR_NULL,
    Declared,
    FunctionError,
    optional,
    part,
)

DICTIONARIES = Declared()

_MAX_NEAREST = 3
_MAX_SHOWN_CHARS = 60


def folded(text: str) -> str:
    """Letters and digits only, equal for what a reader takes for the same; empty if there is none.

    Composed first: й may be two characters, of which one is punctuation.
    """
    return "".join(char for char in fold(normalize("NFKC", text)) if char.isalnum())


class Dictionary:
    """Names, each with other names for the same thing, and what an insurer calls it."""

    def __init__(self, name: str, entries: Mapping[str, tuple[str, Any]]) -> None:
        """`entries`: folded name → the name as it is written, and the value."""
        self.name = name
        self._entries = entries
        self._nearest = lru_cache(maxsize=1024)(self._found_nearest)  # unknown ones come again

    def find(self, text: str) -> tuple[str, Any] | None:
        """The entry's name and value, None where there is none."""
        return self._entries.get(folded(text))

    def entries(self) -> tuple[tuple[str, Any], ...]:
        """Each name as it is written and its value, without the other names for it."""
        return tuple(dict(self._entries.values()).items())

    def nearest(self, text: str) -> tuple[str, ...]:
        """Names that look like it, the most alike first. Takes milliseconds in a large one."""
        return self._nearest(folded(text[:_MAX_SHOWN_CHARS]))

    def _found_nearest(self, wanted: str) -> tuple[str, ...]:
        close = difflib.get_close_matches(wanted, self._entries, n=_MAX_NEAREST)
        return tuple(dict.fromkeys(self._entries[each][0] for each in close))

    @property
    def fingerprint(self) -> str:
        """Changes with what any name leads to."""
        pairs = sorted((name, value) for name, (_, value) in self._entries.items())
        text = json.dumps([*pairs], ensure_ascii=False, sort_keys=True, default=for_json)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class LookUp:
    """A dictionary as one expression uses it."""

    dictionary: Dictionary
    shown: bool
    """Whether what is looked up may be shown to people: a vehicle's make or model, nothing else."""

    def missing(self, text: str) -> FunctionError:
        """Say what is not there, as far as it may be said."""
        name = self.dictionary.name
        if not self.shown:
            return FunctionError(f"look_up(): dictionary `{name}` has no such entry")
        nearest = self.dictionary.nearest(text)
        hint = f"; nearest: {', '.join(map(_quoted, nearest))}" if nearest else ""
        return FunctionError(f"look_up(): dictionary `{name}` has no {_quoted(text)}{hint}")


@DICTIONARIES.function("look_up", ANY, SCALAR_OR_NULL, optional(ANY))
def look_up(table: object, value: object, *default: object) -> object:
    """The value of a name or alias; without a default, one that is not there is an error.

    `table` is written as the dictionary's name, and bound to it when the expression is compiled.
    """
    if not isinstance(table, LookUp):
        raise FunctionError("look_up() expects the name of a dictionary in quotes")
    text = part("look_up", value)
    if text is None:
        return default[0] if default else None
    entry = table.dictionary.find(text)
    if entry is not None:
        return entry[1]
    if default:
        return default[0]
    raise table.missing(text)


def _quoted(text: str) -> str:
    short = text if len(text) <= _MAX_SHOWN_CHARS else f"{text[: _MAX_SHOWN_CHARS - 1]}…"
    return f'"{"".join(char if char.isprintable() else "?" for char in short)}"'
