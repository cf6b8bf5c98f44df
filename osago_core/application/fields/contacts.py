"""Phone numbers and e-mail addresses."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from osago_core.application.fields.alphabet import squeeze
from osago_core.application.marks import UNRATED, Personal
from osago_core.application.problems import invalid

# 3, 4 and 8 open geographic codes, 9 mobile ones, 5 is reserved. No code begins with 89: that is
# an 8 before a mobile number a digit short.
_PHONE = re.compile(r"(?:\+?7|8)?((?:[3459]\d|8[0-8])\d{8})", re.ASCII)
# Kazakhstan's share +7. Elsewhere with the country code; fewer digits are a Russian number's.
_FOREIGN_PHONE = re.compile(r"\+(?:7[67]\d{9}|(?!7|89)[1-9]\d{10,14})", re.ASCII)
_EMAIL = re.compile(
    r"[A-Za-z0-9_%+'\-]+(?:\.[A-Za-z0-9_%+'\-]+)*@([\w\-]+(?:\.[\w\-]+)*\.[^\W\d_][\w\-]+)"
)


def phone(text: str) -> str:
    """Normalise a phone number to + and digits; without a country code it is Russian."""
    number = squeeze(text)
    if _FOREIGN_PHONE.fullmatch(number):
        return number
    match = _PHONE.fullmatch(number)
    if match is None:
        raise invalid("phone_format")
    return f"+7{match[1]}"


def email(text: str) -> str:
    """Check roughly (only a letter sent proves an address); the domain goes to lower case."""
    address = text.strip()
    match = _EMAIL.fullmatch(address)
    if match is None:
        raise invalid("email_format")
    return address[: match.start(1)] + match[1].lower()


Phone = Annotated[str, Field(max_length=30), AfterValidator(phone), Personal.CODE, UNRATED]
Email = Annotated[str, Field(max_length=254), AfterValidator(email), Personal.CODE, UNRATED]
