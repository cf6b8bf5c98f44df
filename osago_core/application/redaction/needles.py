"""What to look for in a text: the personal values of one application, in comparable form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from pydantic_core import PydanticCustomError

from osago_core.application.fields.alphabet import fold, squeeze
from osago_core.application.fields.numbers import parse_day
from osago_core.application.marks import Personal

MIN_STEM = 4
"""A stem of so many letters may be followed by any case ending."""

_SHORT_STEM = 3
_LONGEST_ENDING = 4
_LONG_CODE = 6
_MIN_CODE = 2
_PHONE = re.compile(r"\+?[78](\d{10})")

_ENDING_LETTERS = fold("аяоеёиыйьуюэ")
_ENDINGS = frozenset(map(fold, ("а", "я", "ы", "и", "е", "у", "ю", "ой", "ей", "ою", "ею")))
_FLEETING = re.compile(rf"(.*[^{_ENDING_LETTERS}])[eo]([^{_ENDING_LETTERS}])")
_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_LETTERS = re.compile(r"[^\W\d_]+")


def squeezed(text: str) -> str:
    """Fold a text and drop the separators that vary; commas and the like stay."""
    return squeeze(fold(text))


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _LETTERS.findall(fold(text))


# Words of addresses and offices that say nothing about whose they are.
_COMMON = frozenset(
    words_of(
        "улица проспект переулок бульвар шоссе площадь набережная проезд тупик аллея микрорайон "
        "область край район республика округ город посёлок деревня село станица корпус строение "
        "квартира офис помещение дом россия россии российская российской федерация федерации "
        "управление управлением отдел отделом отделение отделением уфмс мвд внутренних дел "
        "паспортный городской районный выдан московская московской"
    )
)


@dataclass(frozen=True, slots=True)
class Code:
    """A value without what stands between them. `bounded`: only as a run of its own."""

    text: str
    bounded: bool


@dataclass
class Needles:
    """Collects values by kind. `common` holds words that must stay readable in an address."""

    codes: set[Code] = field(default_factory=set)
    stems: set[str] = field(default_factory=set)
    short_stems: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    common: set[str] = field(default_factory=lambda: set(_COMMON))
    texts: list[str] = field(default_factory=list)

    def add(self, kind: Personal, value: str) -> None:
        """Take one personal value of a known kind, in whatever form it was written."""
        if kind is Personal.NAME:
            self.add_name(value)
        elif kind is Personal.DATE:
            self._add_day(value)
        elif kind is Personal.TEXT:
            self.add_code(value)
            self.texts.append(value)
        else:
            self.add_code(value)

    def add_code(self, value: str) -> None:
        """Take a value to be found with any spacing; a phone also without its country code."""
        text = squeezed(value)
        if phone := _PHONE.fullmatch(text):
            text = phone[1]
        if sum(map(str.isalnum, text)) >= _MIN_CODE:
            self.codes.add(Code(text, bounded=len(text) < _LONG_CODE))

    def add_name(self, value: str) -> None:
        """Take a name to be found in its grammatical cases; a double name by its parts."""
        for part in words_of(value):
            stem = part.rstrip(_ENDING_LETTERS)
            if len(part) < _MIN_CODE:
                continue
            self.words.add(part)
            if len(stem) >= MIN_STEM:
                self.stems.add(stem)
            elif part[-1] in _ENDING_LETTERS and len(part) > _SHORT_STEM:
                self.short_stems.add(part[:-1])
            fleeting = _FLEETING.fullmatch(part)
            if fleeting and len(part) > MIN_STEM:
                self.stems.add(fleeting[1] + fleeting[2])

    def settle(self) -> None:
        """Turn texts into words, now that all the common words are known."""
        for text in self.texts:
            for word in words_of(text):
                if len(word) >= MIN_STEM and word not in self.common:
                    self.add_name(word)

    def is_name(self, word: str) -> bool:
        """Whether a folded word is one of the names in any case."""
        if word in self.words:
            return True
        for stem in self.stems:
            if word.startswith(stem) and len(word) - len(stem) <= _LONGEST_ENDING:
                return True
        return any(
            word.startswith(stem) and word[len(stem) :] in _ENDINGS for stem in self.short_stems
        )

    def _add_day(self, value: str) -> None:
        try:
            day = parse_day(value)
        except PydanticCustomError:
            self.add_code(value)
            return
        for form, bounded in _forms(day):
            self.codes.add(Code(squeezed(form), bounded))


def _forms(day: date) -> Iterator[tuple[str, bool]]:
    yield f"{day:%Y%m%d}", False
    yield f"{day:%d%m%Y}", False
    yield f"{day.day}{day.month}{day.year}", True
    yield f"{day:%d%m%y}", True
    yield f"{day.day}{_MONTHS[day.month - 1]}{day.year}", True
    yield f"{day:%d}{_MONTHS[day.month - 1]}{day.year}", True
