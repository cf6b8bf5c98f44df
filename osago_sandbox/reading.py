"""Takes typed values out of a body and collects everything that is wrong with it."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")

LARGEST = Decimal(1_000_000_000)
MISSING = "is required"
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_NO_DAY = datetime.min.replace(tzinfo=UTC).date()


class Reader:
    """Reads by dotted path. Mistakes go into `problems` (path → text), never into exceptions.

    After a mistake the methods return a harmless stand-in, so that one pass finds all of them;
    what was read counts only while `problems` is empty. `texts`: the body comes from a form or
    from XML, where numbers are texts and what is empty is nothing.
    """

    def __init__(
        self,
        body: object,
        prefix: str = "",
        problems: dict[str, str] | None = None,
        *,
        texts: bool = False,
    ) -> None:
        self.problems: dict[str, str] = {} if problems is None else problems
        self._body = body
        self._prefix = prefix
        self._texts = texts

    def text(self, path: str) -> str:
        """A non-empty string."""
        return self.text_or_none(path) or self._bad(path, MISSING, "")

    def text_or_none(self, path: str) -> str | None:
        """A string; null, absent and empty are all None."""
        value = self._value(path)
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else self._bad(path, "must be a string", None)

    def number_or_none(self, path: str) -> Decimal | None:
        """A number."""
        value = self._value(path)
        if value is None:
            return None
        if self._texts and isinstance(value, str) and _NUMBER.fullmatch(value):
            value = Decimal(value)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            number = Decimal(value)
            if abs(number) <= LARGEST:
                return number
        return self._bad(path, "must be a number", None)

    def whole_or_none(self, path: str) -> int | None:
        """A number without a fraction."""
        value = self.number_or_none(path)
        if value is None:
            return None
        return int(value) if value == int(value) else self._bad(path, "must be whole", None)

    def whole(self, path: str) -> int:
        """A number without a fraction that has to be there."""
        value = self.whole_or_none(path)
        return self._bad(path, MISSING, 0) if value is None else value

    def plain(self, path: str) -> Any:
        """Any value but null."""
        value = self._value(path)
        return self._bad(path, MISSING, None) if value is None else value

    def day(self, path: str, form: str) -> date:
        """A date in the given strptime format."""
        text = self.text(path)
        try:
            return datetime.strptime(f"{text} +0000", f"{form} %z").date()
        except ValueError:
            return self._bad(path, f"must be a date like {form}", _NO_DAY)

    def choice(self, path: str, words: Mapping[Any, str]) -> str:
        """One of the insurer's words, translated into ours."""
        return self.choice_or_none(path, words) or self._bad(path, MISSING, "")

    def choice_or_none(self, path: str, words: Mapping[Any, str]) -> str | None:
        """One of the insurer's words, or None where it is null or absent."""
        value = self._value(path)
        if value is None:
            return None
        if isinstance(value, str | int) and value in words:
            return words[value]
        return self._bad(path, f"must be one of {', '.join(map(str, words))}", None)

    def need_one(self, paths: tuple[str, ...]) -> None:
        """Require at least one of several strings."""
        if not any(self.text_or_none(path) for path in paths):
            self._bad(paths[0], f"one of {', '.join(paths)} is required", None)

    def each(self, path: str) -> list["Reader"]:
        """The objects of a list that must not be empty."""
        items = self._value(path)
        if not isinstance(items, list) or not items:
            return self._bad(path, "must be a list with at least one item", [])
        return [
            Reader(item, f"{self._prefix}{path}[{index}].", self.problems, texts=self._texts)
            for index, item in enumerate(items)
        ]

    def _value(self, path: str) -> Any:
        value = self._body
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return None if self._texts and value == "" else value

    def _bad(self, path: str, text: str, instead: T) -> T:
        self.problems.setdefault(self._prefix + path, text)
        return instead
