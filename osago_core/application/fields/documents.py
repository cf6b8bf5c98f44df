"""Series and numbers of documents, Russian ones by their forms, foreign ones free.

The forms are those printed on the documents, which insurers' own forms ask for.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from osago_core.application.fields.alphabet import is_placeholder, squeeze, to_cyrillic
from osago_core.application.fields.registers import digits
from osago_core.application.marks import UNRATED, Personal
from osago_core.application.problems import invalid

_SERIES = re.compile(r"\d{2}(?:\d{2}|[А-Я]{2})|[А-Я]{2}", re.ASCII)
_FREE = re.compile(r"[^\W_]+(?:[ \-/.]?[^\W_]+)*")
_FREE_NUMBER_LENGTHS = range(3, 31)
_FREE_SERIES_LENGTHS = range(1, 11)


def is_tractor_series(series: str) -> bool:
    """Two letters alone: papers of self-propelled machines and of those who drive them."""
    return len(series) == len("ВЕ") and series.isalpha()


def vehicle_series(text: str) -> str:
    """Series of a СТС or ПТС: `7700`, `77УХ`; a tractor's may be two letters."""
    series = to_cyrillic(squeeze(text))
    if not _SERIES.fullmatch(series):
        raise invalid("vehicle_document_series")
    return series


def license_series(text: str) -> str:
    """Series of a Russian driving licence: `9900`, `77АВ`; a tractor driver's may be `АВ`."""
    series = to_cyrillic(squeeze(text))
    if not _SERIES.fullmatch(series):
        raise invalid("license_series")
    return series


def free_number(text: str) -> str:
    """Keep the number of a document whose form we do not know, upper case, single spaces."""
    number = " ".join(text.upper().split())
    if len(number) not in _FREE_NUMBER_LENGTHS or not _FREE.fullmatch(number):
        raise invalid("document_number")
    if is_placeholder(squeeze(number)):
        raise invalid("placeholder_number")
    return number


def free_series(text: str) -> str:
    """Keep the series of a document whose form we do not know, upper case, single spaces."""
    series = " ".join(text.upper().split())
    if len(series) not in _FREE_SERIES_LENGTHS or not _FREE.fullmatch(series):
        raise invalid("document_series")
    return series


def division_code(text: str) -> str:
    """Code of the office that issued a passport, as printed: `770-001`."""
    code = squeeze(text)
    if not (code.isascii() and code.isdigit() and len(code) == len("770001")):
        raise invalid("division_code")
    return f"{code[:3]}-{code[3:]}"


_Code = Annotated[str, Field(max_length=50), Personal.CODE]
SixDigits = Annotated[_Code, AfterValidator(digits(6))]
VehicleSeries = Annotated[_Code, AfterValidator(vehicle_series)]
EptsNumber = Annotated[_Code, AfterValidator(digits(15))]
LicenseSeries = Annotated[_Code, AfterValidator(license_series)]
PassportSeries = Annotated[_Code, AfterValidator(digits(4))]
FreeSeries = Annotated[_Code, AfterValidator(free_series)]
FreeNumber = Annotated[_Code, AfterValidator(free_number)]
DiagnosticCardNumber = Annotated[_Code, AfterValidator(digits(15, 21))]
DivisionCode = Annotated[_Code, AfterValidator(division_code), UNRATED]
