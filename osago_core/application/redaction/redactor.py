"""The redactor of one application."""

import re
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Self

from osago_core.application.fields.alphabet import fold, is_separator
from osago_core.application.model import Application
from osago_core.application.redaction.gathering import needles_of
from osago_core.application.redaction.names import SOFT_SIGNS, plain
from osago_core.application.redaction.needles import Needles
from osago_core.application.redaction.patterns import MASK, mask_patterns

_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN_WITH_SOFT_SIGNS = re.compile(rf"(?<!\w)[A-Za-z]++(?:[{SOFT_SIGNS}][A-Za-z]++)+")
_Span = tuple[int, int]


class Redactor:
    """Masks the personal values of one application, and whatever else looks personal."""

    def __init__(self, source: object, sparing: Collection[str] = ()) -> None:
        self._source = source
        self._sparing = frozenset(map(str.casefold, sparing))

    @classmethod
    def of(cls, source: object, *, sparing: Collection[str] = ()) -> Self:
        """Build the redactor of an `Application`, or of raw data however broken.

        Cheap: the values are gathered when the first text comes in. `sparing`: what is said openly
        anyway, and stays even where it is a part of a personal value.
        """
        return cls(source, sparing)

    @cached_property
    def _needles(self) -> Needles:
        if isinstance(self._source, Application):
            return needles_of(self._source.model_dump(mode="json"))
        return needles_of(self._source)

    def mask(self, text: str) -> str:
        """Return the text with `***` for every personal value, and for what looks like one."""
        return mask_patterns(self.mask_known(text))

    def mask_known(self, text: str) -> str:
        """Return the text with `***` for the values of this application only.

        Found are names in their grammatical cases and in Latin letters, days in all usual forms,
        numbers, phones, VINs and plates with any spacing and in either alphabet, whole addresses
        and their rarer words. Single letters and digits are not.
        """
        text = plain(text)
        spans = [*self._names_in(text), *self._codes_in(text)]
        if self._sparing:
            spans = [(a, b) for a, b in spans if text[a:b].casefold() not in self._sparing]
        return _cover(text, spans)

    def _names_in(self, text: str) -> Iterator[_Span]:
        for start, end in _words_in(text):
            if text[start:end] in self._needles.names:
                yield start, end

    def _codes_in(self, text: str) -> Iterator[_Span]:
        haystack, origins = _squeeze(text)
        for code in self._needles.codes:
            start = haystack.find(code.text)
            while start >= 0:
                first, last = origins[start], origins[start + len(code.text) - 1]
                if not code.bounded or _stands_alone(text, first, last):
                    yield first, last + 1
                start = haystack.find(code.text, start + 1)


def _words_in(text: str) -> Iterator[_Span]:
    """Yield whole words and, of a word such as `ИвановИван`, the parts as well."""
    for soft in _LATIN_WITH_SOFT_SIGNS.finditer(text):
        yield soft.span()
    for word in _LETTERS.finditer(text):
        start, end = word.span()
        yield start, end
        inner = [at for at in range(start + 1, end) if _opens_a_word(text, at)]
        if inner:
            yield from pairwise([start, *inner, end])


def _opens_a_word(text: str, at: int) -> bool:
    return text[at].isupper() and text[at - 1].islower()


def _squeeze(text: str) -> tuple[str, list[int]]:
    """Fold and drop separators, with the place in `text` that each came from."""
    folded = [(char, place) for place, whole in enumerate(text) for char in fold(whole)]
    kept = [(char, place) for char, place in folded if not is_separator(char)]
    return "".join(char for char, _ in kept), [place for _, place in kept]


def _stands_alone(text: str, first: int, last: int) -> bool:
    """Whether no letter joins a letter, and no digit a digit, at the edges of a find."""
    return not (
        (first > 0 and _same_run(text[first - 1], text[first]))
        or (last + 1 < len(text) and _same_run(text[last], text[last + 1]))
    )


def _same_run(left: str, right: str) -> bool:
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())


def _cover(text: str, spans: list[_Span]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        if start > done or not parts:
            parts += [text[done:start], MASK]
        done = end
    return "".join([*parts, text[done:]])
