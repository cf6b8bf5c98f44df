"""Text: case, parts of it, padding, characters laid out in a pattern, phone numbers."""

import re
from collections.abc import Sequence
from decimal import Decimal

from osago_core.application.fields.alphabet import squeeze
from osago_daemon.insurers.functions.declaring import (
    ARRAY,
    NUMBER,
    SCALAR_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    Declared,
    FunctionError,
    Parameter,
    checked,
    optional,
    part,
    whole,
)

TEXTS = Declared()

MAX_WIDTH = 1000
"""No field of an API is wider."""

PLACE = "#"
_NATIONAL_DIGITS = 10
_PHONE = re.compile(r"(?:\+?7|8)?([0-9]{10})")


@TEXTS.function("upper", TEXT_OR_NULL)
def upper(value: str | None) -> str | None:
    """In capitals."""
    return None if value is None else value.upper()


@TEXTS.function("lower", TEXT_OR_NULL)
def lower(value: str | None) -> str | None:
    """In small letters."""
    return None if value is None else value.lower()


@TEXTS.function("digits", SCALAR_OR_NULL)
def digits(value: str | float | Decimal | None) -> str | None:
    """Only the digits: `+7 (999) 000-00-01` becomes `79990000001`."""
    text = part("digits", value)
    return None if text is None else re.sub(r"[^0-9]", "", text)


@TEXTS.function("concat", ARRAY)
def concat(parts: Sequence[object]) -> str:
    """All parts but nulls, one after the other."""
    return "".join(part("concat", each) or "" for each in parts)


def _width(value: float | Decimal) -> int:
    if 0 <= value <= MAX_WIDTH and value == int(value):
        return int(value)
    raise FunctionError(f"a length is a whole number from 0 to {MAX_WIDTH}")


def _filler(value: str) -> str:
    if len(value) != 1:
        raise FunctionError("padding is by one character")
    return value


WIDTH: Parameter = checked(NUMBER, _width)
FILLER: Parameter = optional(checked(TEXT, _filler))


@TEXTS.function("cut", SCALAR_OR_NULL, WIDTH)
def cut(value: str | float | Decimal | None, length: float | Decimal) -> str | None:
    """The first so many characters."""
    text, end = part("cut", value), whole("cut", length, least=0, most=MAX_WIDTH)
    return None if text is None else text[:end]


@TEXTS.function("pad_left", SCALAR_OR_NULL, WIDTH, FILLER)
def pad_left(
    value: str | float | Decimal | None, length: float | Decimal, filler: str = "0"
) -> str | None:
    """Filled on the left to so many characters; what is longer stays."""
    text, width = part("pad_left", value), whole("pad_left", length, least=0, most=MAX_WIDTH)
    return None if text is None else text.rjust(width, _filler(filler))


@TEXTS.function("pad_right", SCALAR_OR_NULL, WIDTH, FILLER)
def pad_right(
    value: str | float | Decimal | None, length: float | Decimal, filler: str = "0"
) -> str | None:
    """Filled on the right to so many characters; what is longer stays."""
    text, width = part("pad_right", value), whole("pad_right", length, least=0, most=MAX_WIDTH)
    return None if text is None else text.ljust(width, _filler(filler))


def _has_places(pattern: str) -> None:
    if PLACE not in pattern:
        raise FunctionError(f"layout() expects a pattern with {PLACE} for each character")


@TEXTS.function("layout", SCALAR_OR_NULL, checked(TEXT, _has_places))
def layout(value: str | float | Decimal | None, pattern: str) -> str | None:
    """The characters without spaces and dashes, one for each # of the pattern."""
    _has_places(pattern)
    text = part("layout", value)
    if text is None:
        return None
    characters = squeeze(text)
    if len(characters) != pattern.count(PLACE):
        places, given = pattern.count(PLACE), len(characters)
        raise FunctionError(f"layout() has {places} places in its pattern and got {given}")
    return _laid_out(characters, pattern)


def _is_phone(pattern: str) -> None:
    if pattern.count(PLACE) not in {_NATIONAL_DIGITS, _NATIONAL_DIGITS + 1}:
        raise FunctionError(
            f"phone() expects a pattern with {PLACE} for each of 10 digits, or 11 with the 7"
        )


@TEXTS.function("phone", SCALAR_OR_NULL, checked(TEXT, _is_phone))
def phone(value: str | float | Decimal | None, pattern: str) -> str | None:
    """A number with the code +7 in whatever dress, one digit for each # of the pattern."""
    _is_phone(pattern)
    text = part("phone", value)
    if text is None:
        return None
    match = _PHONE.fullmatch(squeeze(text))
    if match is None:
        raise FunctionError("phone() expects a phone number of +7 and 10 digits")
    national = pattern.count(PLACE) == _NATIONAL_DIGITS
    return _laid_out(match[1] if national else f"7{match[1]}", pattern)


def _laid_out(characters: str, pattern: str) -> str:
    left = iter(characters)
    return "".join(next(left) if each == PLACE else each for each in pattern)
