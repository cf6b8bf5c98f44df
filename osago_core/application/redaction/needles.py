"""What to look for in a text: the personal values of one application, in comparable form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from pydantic_core import PydanticCustomError

from osago_core.application.fields.alphabet import fold, squeeze
from osago_core.application.fields.numbers import parse_day
from osago_core.application.marks import Personal
from osago_core.application.redaction.names import MIN_STEM, Names, plain, words_of
from osago_core.moscow import MOSCOW

_LONG_CODE = 6
_MIN_CODE = 2
_PHONE = re.compile(r"\+?[78](\d{10})|\+(\d+)")

# Folded forms of all types of plates, with the region and RUS left out of the group.
_L = "[abekmhopctyx]"
_PLATE = re.compile(
    rf"({_L}\d{{3}}{_L}{{2}}|t?{_L}{{2}}\d{{3}}|{_L}{{2}}\d{{3}}{_L}|{_L}\d{{4}}|\d{{4}}{_L}{{1,2}}"
    r"|\d{3}(?:cd\d|[dt]\d{3}))\d{2,3}(?:rus)?"
)
_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
# Moscow was at UTC+4 in the summers until 2010, and all year from 2011 to 2014.
_DAYS_BEGIN_IN = (UTC, MOSCOW, timezone(timedelta(hours=4)))


def squeezed(text: str) -> str:
    """Fold a text and drop the separators that vary; commas and the like stay."""
    return squeeze(fold(plain(text)))


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


@dataclass(frozen=True, slots=True, repr=False)
class Code:
    """A value without what stands between them. `bounded`: only as a run of its own."""

    text: str
    bounded: bool


@dataclass(repr=False)
class Needles:
    """Collects values by kind. `common` holds words that must stay readable in an address."""

    codes: set[Code] = field(default_factory=set)
    names: Names = field(default_factory=Names)
    common: set[str] = field(default_factory=lambda: set(_COMMON))
    texts: list[str] = field(default_factory=list)

    def add(self, kind: Personal, value: str) -> None:
        """Take one personal value of a known kind, in whatever form it was written."""
        if kind is Personal.NAME:
            self.names.add(value)
        elif kind is Personal.DATE:
            self._add_day(value)
        elif kind is Personal.TEXT:
            self.add_code(value)
            self.texts.append(value)
        else:
            self.add_code(value)

    def add_code(self, value: str) -> None:
        """Take a value to be found with any spacing.

        A phone is found without its country code, a plate without its region as well.
        """
        text = squeezed(value)
        if phone := _PHONE.fullmatch(text):
            text = phone[1] or phone[2]
        if plate := _PLATE.fullmatch(text):
            self.codes.add(_code(plate[1]))
        if sum(map(str.isalnum, text)) >= _MIN_CODE:
            self.codes.add(_code(text))

    def settle(self) -> None:
        """Turn texts into words, now that all the common words are known."""
        for text in self.texts:
            for word in words_of(text):
                if len(word) >= MIN_STEM and word not in self.common:
                    self.names.add(word)

    def _add_day(self, value: str) -> None:
        try:
            day = parse_day(value)
        except PydanticCustomError:
            self.add_code(value)
            return
        for form, bounded in _forms(day):
            self.codes.add(Code(squeezed(form), bounded))


def _code(text: str) -> Code:
    return Code(text, bounded=len(text) < _LONG_CODE)


def _forms(day: date) -> Iterator[tuple[str, bool]]:
    yield f"{day:%Y%m%d}", False
    yield f"{day:%d%m%Y}", False
    yield f"{day.day}{day.month}{day.year}", True
    yield f"{day:%d%m%y}", True
    yield f"{day.day}{_MONTHS[day.month - 1]}{day.year}", True
    yield f"{day:%d}{_MONTHS[day.month - 1]}{day.year}", True
    # Shorter ones with the month first would be prices: 2/1/1985 is 2119.85 without separators.
    yield f"{day:%m%d%Y}", True
    for zone in _DAYS_BEGIN_IN:
        # The minus of days before 1970 is a separator, and isn't looked for.
        seconds = abs(int(datetime.combine(day, time(), zone).timestamp()))
        if len(str(seconds)) >= _LONG_CODE:
            yield str(seconds), True
            yield f"{seconds}000", True
