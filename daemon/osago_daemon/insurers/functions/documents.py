"""Codes that are several in one: series and number of a document, levels of a KLADR code."""

import re
from decimal import Decimal

from osago_core.application.fields.alphabet import squeeze
from osago_daemon.insurers.functions.declaring import (
    ANY,
    NUMBER,
    SCALAR_OR_NULL,
    TEXT_OR_NULL,
    Declared,
    FunctionError,
    Parameter,
    checked,
    optional,
    part,
    whole,
)

DOCUMENTS = Declared()

_DOCUMENT = re.compile(r"(?P<series>[^\W_]{2}(?:[^\W_]{2})?)(?P<number>[0-9]{6})")

KLADR_LEVELS = (2, 5, 8, 11, 15, 19)
"""Digits down to a region, district, town, settlement, street and house."""

_SONS = ("ич", "оглы", "углы", "улы", "уулу")
_DAUGHTERS = ("на", "кызы", "гызы")
"""How patronymics end: Иванович, Ильич, Алиевна, Кузьминична, Мамед оглы, Мамед кызы."""

_KLADR = re.compile(r"[0-9]{13}|[0-9]{17}|[0-9]{19}")
_MAX_KLADR = 19
_LEVELS_TEXT = (
    "kladr() keeps 2 digits (region), 5 (district), 8 (town), 11 (settlement), 15 (street)"
    " or 19 (house); a width of 13 or 17 is the argument after it"
)


@DOCUMENTS.function("document_series", SCALAR_OR_NULL)
def document_series(value: str | float | Decimal | None) -> str | None:
    """The series of a Russian document: `7700` of `77 00 123456`."""
    return _of_document("document_series", value, "series")


@DOCUMENTS.function("document_number", SCALAR_OR_NULL)
def document_number(value: str | float | Decimal | None) -> str | None:
    """The number of a Russian document: `123456` of `77 00 123456`."""
    return _of_document("document_number", value, "number")


def _of_document(function: str, value: object, wanted: str) -> str | None:
    text = part(function, value)
    if text is None:
        return None
    match = _DOCUMENT.fullmatch(squeeze(text))
    if match is None:
        raise FunctionError(
            f"{function}() expects a series of 2 or 4 characters and a number of 6 digits"
        )
    return match[wanted]


def _level(value: float | Decimal) -> int:
    if value not in KLADR_LEVELS:
        raise FunctionError(_LEVELS_TEXT)
    return int(value)


def _kladr_width(value: float | Decimal) -> int:
    return whole("kladr", value, least=1, most=_MAX_KLADR)


KEEP: Parameter = checked(NUMBER, _level)
WIDTH: Parameter = optional(checked(NUMBER, _kladr_width))


@DOCUMENTS.function("kladr", SCALAR_OR_NULL, KEEP, WIDTH)
def kladr(
    value: str | float | Decimal | None, keep: float | Decimal, width: float | Decimal = 0
) -> str | None:
    """The code down to a level, with zeros on its right up to the width.

    A code of 13 digits ends in two that say whether it is in force, and so does one of 17: they
    are no part of the place, and 13 digits cut off a street's code are no code.
    """
    level = _level(keep)
    filled = _kladr_width(width) if width else level
    if filled < level:
        raise FunctionError("kladr() can't keep more digits than the width has")
    code = part("kladr", value)
    if code is None:
        return None
    if _KLADR.fullmatch(code) is None:
        raise FunctionError("kladr() expects a code of 13, 17 or 19 digits")
    place = code if len(code) == _MAX_KLADR else code[:-2]
    return place[:level].ljust(filled, "0")


@DOCUMENTS.function("gender", TEXT_OR_NULL, ANY, ANY)
def gender(middle_name: str | None, male: object, female: object) -> object:
    """What a patronymic says of somebody's sex, in their words; null where it says nothing."""
    if middle_name is None:
        return None
    last = middle_name.strip().lower().replace("ё", "е")
    if last.endswith(_SONS):
        return male
    return female if last.endswith(_DAUGHTERS) else None
