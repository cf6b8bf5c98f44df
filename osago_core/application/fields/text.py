"""Running text, names and closed lists of words."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated
from unicodedata import normalize

from pydantic import AfterValidator, BeforeValidator, Field

from osago_core.application.fields.alphabet import fold
from osago_core.application.marks import PUBLIC, Personal
from osago_core.application.problems import invalid

_LETTERS = r"[^\W\d_]+"  # of any script
_DASH = "[-‐‑–—]"
_SPACED_DASH = re.compile(rf" ?{_DASH} ?")
_NO_NAME = re.compile(rf"\s*{_DASH}+\s*")
_NAME = re.compile(rf"{_LETTERS}(?:(?:[ '’ʼ-]|\. ?){_LETTERS})*\.?")


def tidy(text: str) -> str:
    """One line, single spaces, printable characters only, accents composed (NFC)."""
    line = " ".join(normalize("NFC", text).split())
    if not line.isprintable():
        raise invalid("bad_characters")
    return line


def person_name(text: str) -> str:
    """Check one part of a person's name; the spelling is kept, but for what joins a double one."""
    name = _SPACED_DASH.sub("-", tidy(text))
    if not _NAME.fullmatch(name):
        raise invalid("name_characters")
    return name


def no_dash(value: object) -> object:
    """Read a dash as forms and passports mean it: there is no such name."""
    return None if isinstance(value, str) and _NO_NAME.fullmatch(value) else value


def one_of(*choices: str) -> BeforeValidator:
    """Accept the listed words in any case, also with look-alikes: category "в" is "B"."""
    by_folded: Mapping[str, str] = {fold(choice): choice for choice in choices}
    listed = ", ".join(choices)

    def choose(value: object) -> str:
        if not isinstance(value, str):
            raise invalid("expected_text")
        choice = by_folded.get(fold(value.strip()))
        if choice is None:
            raise invalid("unknown_choice", choices=listed)
        return choice

    return BeforeValidator(choose)


def kind_of(
    kinds: tuple[str, ...], guess: Callable[[Mapping[str, object]], str]
) -> Callable[[object], str | None]:
    """Build a discriminator by `kind`.

    A missing or misspelt kind is guessed from the other fields, so that it does not hide what is
    wrong with them; the chosen model then reports the kind itself.
    """

    def discriminate(value: object) -> str | None:
        if not isinstance(value, Mapping):
            return getattr(value, "kind", None)
        kind = value.get("kind")
        tidied = fold(kind.strip()) if isinstance(kind, str) else None
        return next((known for known in kinds if fold(known) == tidied), None) or guess(value)

    return discriminate


Name = Annotated[str, Field(max_length=100), AfterValidator(person_name), Personal.NAME]
MiddleName = Annotated[Name | None, BeforeValidator(no_dash)]
ShortText = Annotated[str, Field(max_length=100), AfterValidator(tidy), PUBLIC]
CompanyName = Annotated[str, Field(max_length=300), AfterValidator(tidy), PUBLIC]
AddressText = Annotated[str, Field(max_length=500), AfterValidator(tidy), Personal.TEXT]
IssuedBy = Annotated[str, Field(max_length=300), AfterValidator(tidy), Personal.TEXT]
