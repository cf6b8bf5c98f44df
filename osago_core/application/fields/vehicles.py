"""How a vehicle is told from all others: VIN, body number, plate."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from osago_core.application.fields.alphabet import is_placeholder, squeeze, to_cyrillic, to_latin
from osago_core.application.fields.documents import free_number
from osago_core.application.marks import Personal
from osago_core.application.problems import invalid

_VIN_LENGTH = 17
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}", re.ASCII)

_LETTER = "[АВЕКМНОРСТУХ]"
_REGION = r"(?:0[1-9]|[1-9]\d{1,2})"


def _plate(form: str) -> re.Pattern[str]:
    return re.compile(form.replace("L", _LETTER) + _REGION, re.ASCII)


# Types of GOST R 50577-2018 with the example that stands for each in messages.
_STANDARD = ("А123ВС77", _plate(r"L\d{3}LL"))
_TAXI_OR_BUS = ("АВ12377", _plate(r"LL\d{3}"))
_POLICE = ("А123477", _plate(r"L\d{4}"))
_SMALL = ("1234АВ77", _plate(r"\d{4}LL"))  # motorcycles, tractors, and military vehicles
_POLICE_MOTORCYCLE = ("1234А77", _plate(r"\d{4}L"))
_TRANSIT = ("АВ123С77", _plate(r"LL\d{3}L"))
_EXPORT = ("ТАВ12377", _plate(r"ТLL\d{3}"))
_DIPLOMATIC = ("004D00177", _plate(r"\d{3}(?:СD\d|[DТ]\d{3})"))

_ROAD = (_STANDARD, _TAXI_OR_BUS, _POLICE, _SMALL, _DIPLOMATIC)
_MOTORCYCLE = (_SMALL, _POLICE_MOTORCYCLE)
_ON_THE_WAY = (_TRANSIT, _EXPORT)
_ANY = (*_ROAD, _POLICE_MOTORCYCLE, *_ON_THE_WAY)
_BY_CATEGORY = {
    "A": _MOTORCYCLE,
    "A1": _MOTORCYCLE,
    "M": _MOTORCYCLE,
    "B1": (*_MOTORCYCLE, _STANDARD),
    "tractor": (_SMALL,),
}
_FOREIGN = re.compile(r"[^\W_]{2,15}")
_WITHOUT_PLATES = ("Tb", "Tm")  # trolleybuses and trams carry fleet numbers of any form


def vin(text: str) -> str:
    """Normalise a VIN. No check digit: European and Russian VINs have none (ISO 3779)."""
    number = to_latin(squeeze(text))
    if len(number) != _VIN_LENGTH:
        raise invalid("vin_length", count=len(number))
    if not _VIN.fullmatch(number):
        raise invalid("vin_characters")
    if is_placeholder(number):
        raise invalid("placeholder_number")
    return number


def plate_characters(text: str) -> str:
    """Drop the spaces; all that can be said of a plate before its registration is known."""
    plate = squeeze(text).upper()
    if not _FOREIGN.fullmatch(plate):
        raise invalid("plate_characters")
    return plate


def plate_of(plate: str, *, category: str | None, registration: str | None) -> str:
    """Normalise a plate to Cyrillic and check that its type fits the vehicle.

    Diplomatic plates become Latin, which has the D; the RUS printed on a plate is dropped.
    None for category or registration means that they are not known (yet): any type will do.
    """
    if registration == "foreign" or category in _WITHOUT_PLATES:
        return plate
    types = _types(category, registration)
    cyrillic = to_cyrillic(plate).removesuffix("RUS")
    if not any(form.fullmatch(cyrillic) for _, form in types):
        raise invalid("plate_format", examples=", ".join(example for example, _ in types))
    return to_latin(cyrillic) if _DIPLOMATIC[1].fullmatch(cyrillic) else cyrillic


def _types(
    category: str | None, registration: str | None
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    if registration == "transit":
        return _ON_THE_WAY
    if registration is None or category is None:
        return _ANY
    return _BY_CATEGORY.get(category, _ROAD)


Vin = Annotated[str, Field(max_length=50), AfterValidator(vin), Personal.CODE]
BodyNumber = Annotated[str, Field(max_length=50), AfterValidator(free_number), Personal.CODE]
Plate = Annotated[str, Field(max_length=50), AfterValidator(plate_characters), Personal.CODE]
