"""Values as TOML text that fits a width: tomllib reads the same values out of it again."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WORD = re.compile(r"[^ ]+ *")  # TOML trims what stands in front of a word on its line
_REMARKS_AT = 48


@dataclass(frozen=True, slots=True)
class Entry:
    """A value below a table; None is not set. The remark goes behind it."""

    key: Key
    value: Any
    remark: str | None = None


def lines(table: str, entries: Iterable[Entry], not_set: str, width: int) -> Iterator[str]:
    """An empty line, a head and a line or more for each entry, table by table."""
    groups: dict[Key, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.key[:-1], []).append(entry)
    for below, group in sorted(groups.items(), key=lambda item: item[0] != ()):
        yield ""
        yield f"[{'.'.join((table, *map(_key, below)))}]"
        for entry in group:
            if entry.value is None:
                yield f"# {_key(entry.key[-1])}: {not_set}"
            else:
                yield from _entry(entry, width)


def dotted(key: Sequence[str]) -> str:
    """A key as it is written; names that TOML wants quoted are quoted."""
    return ".".join(map(_key, key))


def _entry(entry: Entry, width: int) -> list[str]:
    found = f"{_key(entry.key[-1])} = {_inline(entry.value)}".split("\n")
    if len(found) == 1 and len(found[0]) > width:
        found = f"{_key(entry.key[-1])} = {_folded(entry.value, width)}".split("\n")
    if entry.remark is None:
        return found
    *before, last = found
    remarked = f"{last:<{_REMARKS_AT}}  # {entry.remark}"
    return [*before, remarked] if len(remarked) <= width else [f"# {entry.remark}:", *found]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _basic(name)


def _inline(value: Any) -> str:
    """On one line, but for a text that has several."""
    match value:
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(_one_line, value))}]"
        case Mapping():
            return _one_line(value)
        case _:
            return _one_line(value)


def _one_line(value: Any) -> str:
    match value:
        case str():
            return _text(value) if "\n" not in value else _basic(value)
        case list():
            return f"[{', '.join(map(_one_line, value))}]"
        case Mapping():
            pairs = ((k, v) for k, v in value.items() if v is not None)
            inner = ", ".join(f"{_key(k)} = {_one_line(v)}" for k, v in pairs)
            return f"{{ {inner} }}" if inner else "{}"
        case _:
            return json.dumps(value)


def _folded(value: Any, width: int) -> str:
    """The same over several lines, as far as it can be broken."""
    if isinstance(value, list):
        return "\n".join(("[", *(f"  {_one_line(item)}," for item in value), "]"))
    if isinstance(value, str) and not value.startswith(" "):
        return "\n".join(('"""\\', *_words(value, width - 6), '"""'))
    return _one_line(value)


def _words(value: str, width: int) -> Iterator[str]:
    """Its words, filled into lines that TOML joins again: each ends in a backslash."""
    line = ""
    for word in _WORD.findall(_unquoted(value)):
        if line and len(line) + len(word) > width:
            yield f"  {line}\\"
            line = ""
        line += word
    yield f"  {line}\\"


def _unquoted(value: str) -> str:
    """Escaped for between three quotes, where one needs no escape."""
    escaped = _basic(value)[1:-1]
    return escaped.replace('\\"', '"') if '""' not in value else escaped


def _text(value: str) -> str:
    """In the quotes that need no escapes, if there are any."""
    if "\n" in value and _is_literal(value.replace("\n", ""), "'''"):
        return f"'''{chr(10) if value.startswith(chr(10)) else ''}{value}'''"
    if ('"' in value or "\\" in value) and _is_literal(value, "'"):
        return f"'{value}'"
    return _basic(value)


def _is_literal(value: str, quotes: str) -> bool:
    return value.isprintable() and quotes not in value and not value.endswith("'")


def _basic(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
