"""On which line of a TOML file each key stands, which tomllib does not tell.

Reads text that tomllib has accepted, so it only has to find its way, not to judge.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator

from osago_daemon.insurers.keys import Key

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\r\n]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")'  # up to two quotes may stand before the closing three
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


class TomlLines:
    """Lines of the keys of one file."""

    def __init__(self, text: str) -> None:
        """Find every key; `text` is valid TOML."""
        self._lines = _Scanner(text).scan()

    def at(self, key: Key) -> int | None:
        """The line (from 1) of a key; None where the file does not say it."""
        return self._lines.get(key)

    def of(self, key: Key) -> int | None:
        """The line (from 1) of a key, or of the nearest table around a key that is missing."""
        for length in range(len(key), 0, -1):
            line = self._lines.get(key[:length])
            if line is not None:
                return line
        return None


class _Scanner:
    """Walks over the text once, noting where keys stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [m.start() for m in re.finditer("\n", text)]
        self._lines: dict[Key, int] = {}
        self._implied: dict[Key, int] = {}  # a of [a.b]: there is no better line for it
        self._arrays: dict[Key, int] = {}  # [[name]] → how many so far

    def scan(self) -> dict[Key, int]:
        table: Key = ()
        while self._skip(_BLANK) < len(self._text):
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
        return {**self._implied, **self._lines}

    def _header(self) -> Key:
        """`[a.b]` or `[[a.b]]`; gives the key of the table that begins."""
        start, array = self._at, self._peek("[[")
        self._at += 2 if array else 1
        *around, last = self._key()
        table: Key = ()
        for part in around:
            table = (*table, part)
            self._implied.setdefault(table, self._line(start))
            table = self._newest(table)
        table = (*table, last)
        if array:
            self._arrays[table] = self._arrays.get(table, 0) + 1
            self._note(table, start)
        table = self._newest(table)
        self._note(table, start)
        self._at += 2 if array else 1
        return table

    def _newest(self, key: Key) -> Key:
        """`a` is the newest of `[[a]]` where `a` is an array of tables."""
        return (*key, self._arrays[key] - 1) if key in self._arrays else key

    def _pair(self, table: Key) -> None:
        start = self._at
        key = table
        for part in self._key():
            key = (*key, part)
            self._note(key, start)
        self._at += 1  # =
        self._value(key)

    def _key(self) -> Iterator[str]:
        """The parts of a dotted key, up to what follows it."""
        while True:
            self._skip(_SPACE)
            quoted = self._text[self._at] in "\"'"
            raw = self._take(_STRING if quoted else _BARE_KEY)
            yield tomllib.loads(f"key = {raw}")["key"] if quoted else raw
            self._skip(_SPACE)
            if not self._peek("."):
                return
            self._at += 1

    def _value(self, key: Key) -> None:
        self._skip(_SPACE)
        match self._text[self._at]:
            case "[":
                self._items(key)
            case "{":
                self._pairs(key)
            case '"' | "'":
                self._take(_STRING)
            case _:
                self._take(_BARE_VALUE)

    def _items(self, key: Key) -> None:
        self._at += 1
        index = 0
        while not self._closed("]"):
            self._note((*key, index), self._at)
            self._value((*key, index))
            index += 1

    def _pairs(self, table: Key) -> None:
        self._at += 1
        while not self._closed("}"):
            self._pair(table)

    def _closed(self, bracket: str) -> bool:
        """Skip to the next item; whether there is none."""
        self._skip(_BLANK)
        if self._peek(","):
            self._at += 1
            self._skip(_BLANK)
        if self._peek(bracket):
            self._at += 1
            return True
        return False

    def _note(self, key: Key, at: int) -> None:
        self._lines.setdefault(key, self._line(at))

    def _line(self, at: int) -> int:
        return bisect_left(self._newlines, at) + 1

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._take(pattern)
        return self._at

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"not TOML at character {self._at}")
        self._at = match.end()
        return match[0]
