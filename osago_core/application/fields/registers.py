"""Numbers of Russian registers: taxpayers, companies, places. With their check digits.

Lengths and check digits are those by which public registers and insurers' forms check them.
"""

import re
from collections.abc import Callable, Iterable
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from osago_core.application.fields.alphabet import is_placeholder, squeeze, to_latin
from osago_core.application.marks import PUBLIC, Personal
from osago_core.application.problems import invalid

_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_COMPANY_INN, _PERSON_INN = 10, 12
_KPP = re.compile(r"\d{4}[0-9A-Z]{2}\d{3}", re.ASCII)


def digits(*counts: int) -> Callable[[str], str]:
    """Accept as many digits as one of `counts` says; separators between them are dropped."""
    listed = " or ".join(map(str, counts))

    def check(text: str) -> str:
        number = squeeze(text)
        if not (number.isascii() and number.isdigit() and len(number) in counts):
            raise invalid("digit_count", count=listed)
        if is_placeholder(number):
            raise invalid("placeholder_number")
        return number

    return check


def inn_check_digit(number: str) -> str:
    """Calculate the digit that follows 9, 10 or 11 digits of an INN."""
    weights = _WEIGHTS[-len(number) :]
    total = sum(w * int(digit) for w, digit in zip(weights, number, strict=True))
    return str(total % 11 % 10)


def inn(length: int) -> Callable[[str], str]:
    """Check an INN of a company (10 digits) or of a person (12)."""
    first_check = {_COMPANY_INN: 9, _PERSON_INN: 10}[length]
    count = digits(length)

    def check(text: str) -> str:
        number = count(text)
        _match(number[i] == inn_check_digit(number[:i]) for i in range(first_check, length))
        return number

    return check


def ogrn(length: int) -> Callable[[str], str]:
    """Check an OGRN (13 digits, modulo 11) or an OGRNIP (15 digits, modulo 13)."""
    count = digits(length)

    def check(text: str) -> str:
        number = count(text)
        _match([int(number[:-1]) % (length - 2) % 10 == int(number[-1])])
        return number

    return check


def kpp(text: str) -> str:
    """Check the form of a KPP; it has no check digit."""
    number = to_latin(squeeze(text))
    if not _KPP.fullmatch(number):
        raise invalid("kpp_format")
    return number


def fias(text: str) -> str:
    """Normalise a FIAS (GAR) identifier: a UUID in lower case."""
    try:
        return str(UUID(text.strip()))
    except ValueError:
        raise invalid("fias_format") from None


def _match(check_digits: Iterable[bool]) -> None:
    if not all(check_digits):
        raise invalid("check_digit")


# The limits keep a megabyte of digits away from arithmetic and from difflib.
_Digits = Annotated[str, Field(max_length=50)]
PersonInn = Annotated[_Digits, AfterValidator(inn(_PERSON_INN)), Personal.CODE]
CompanyInn = Annotated[_Digits, AfterValidator(inn(_COMPANY_INN)), PUBLIC]
Ogrn = Annotated[_Digits, AfterValidator(ogrn(13)), PUBLIC]
Ogrnip = Annotated[_Digits, AfterValidator(ogrn(15)), Personal.CODE]
Kpp = Annotated[_Digits, AfterValidator(kpp), PUBLIC]
Kladr = Annotated[_Digits, AfterValidator(digits(13, 17, 19)), Personal.CODE]
Fias = Annotated[_Digits, AfterValidator(fias), Personal.CODE]
Oktmo = Annotated[_Digits, AfterValidator(digits(8, 11)), PUBLIC]
Postcode = Annotated[_Digits, AfterValidator(digits(6)), Personal.CODE]
