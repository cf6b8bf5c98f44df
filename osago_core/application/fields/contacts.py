"""Phone numbers and e-mail addresses."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from osago_core.application.fields.alphabet import squeeze
from osago_core.application.marks import UNRATED, Personal
from osago_core.application.problems import invalid

# 3, 4 and 8 open geographic codes, 9 mobile ones, 5 is reserved; 6 and 7 are Kazakhstan's.
_PHONE = re.compile(r"(?:\+?7|8)?([34589]\d{9})", re.ASCII)
_EMAIL = re.compile(
    r"[A-Za-z0-9_%+'\-]+(?:\.[A-Za-z0-9_%+'\-]+)*@([\w\-]+(?:\.[\w\-]+)*\.[^\W\d_][\w\-]+)"
)


def phone(text: str) -> str:
    """Normalise a Russian phone number, however dressed, to +7XXXXXXXXXX."""
    match = _PHONE.fullmatch(squeeze(text))
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
