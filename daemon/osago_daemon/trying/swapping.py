"""Puts made-up values in the place of real ones, in whatever an insurer has answered.

What can't be told to be one value, but shows something real all the same, becomes `***`.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from osago_core.application.fields.alphabet import to_latin
from osago_daemon.trying.madeup import Pair, forms
from osago_daemon.trying.masking import Masker, codes_of

_LONG = 6
"""Characters; shorter values count as such only where no letter or digit stands beside them."""


class Swap:
    """From real values to made-up ones."""

    def __init__(self, pairs: Iterable[Pair], others: Mapping[str, str], masker: Masker) -> None:
        """`others` are no person's: tokens, links."""
        self._masker = masker
        self._by_form: dict[str, str] = {}
        for pair in pairs:
            for real, made in forms(pair):
                self._by_form.setdefault(real, made)
                self._by_form.setdefault(to_latin(real), to_latin(made))
        self._by_form |= others
        self._by_form |= {_in_json(real): _in_json(made) for real, made in self._by_form.items()}
        longest = sorted(filter(None, self._by_form), key=len, reverse=True)
        found = "|".join(map(_bounded, longest))
        self._pattern = re.compile(found) if found else None

    def text(self, text: str) -> str:
        """The text with nothing real in it."""
        if self._pattern is not None:
            text = self._pattern.sub(lambda found: self._by_form[found[0]], text)
        return self._masker.personal(text)

    def value(self, value: Any) -> Any:
        """The same of a JSON value."""
        match value:
            case Mapping():
                return {self.text(str(key)): self.value(item) for key, item in value.items()}
            case list():
                return [self.value(item) for item in value]
            case str():
                return self.text(value)
            case bool() | None:
                return value
            case int() | Decimal() | float():
                return self._number(value)
            case _:
                return value

    def _number(self, value: float | Decimal) -> Any:
        for code in codes_of(str(value)):
            made = self._by_form.get(code)
            if made is not None and made.isdecimal():
                return int(made)
        return self._masker.number(value)


def _in_json(text: str) -> str:
    """With the slashes as some write them in a JSON text."""
    return text.replace("/", r"\/")


def _bounded(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= _LONG else rf"(?<!\w){escaped}(?!\w)"
