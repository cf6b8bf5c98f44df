"""What an answer says, read with other means than the code under test: the standard library's.

An offer may only be told where these find its price; whoever tests says where to look.
"""

import json
import re
from fractions import Fraction
from functools import partial
from xml.etree import ElementTree as ET

_CURRENCY = re.compile(r"(?:₽|руб\w*\.?|р\.?|rub|коп\w*\.?)\s*$", re.IGNORECASE)
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")


class Lexeme(str):
    """A number as it stands in the text."""

    __slots__ = ()


class TwiceError(ValueError):
    """An object with a key twice says two things."""


def of_json(raw):
    """The document, its numbers as they are written; None for what is none."""

    def pairs(found):
        if len({name for name, _ in found}) < len(found):
            raise TwiceError
        return dict(found)

    read = partial(
        json.loads,
        parse_int=Lexeme,
        parse_float=Lexeme,
        parse_constant=lambda _: None,
        object_pairs_hook=pairs,
    )
    try:
        return read(raw)
    except UnicodeDecodeError:  # said to be in another charset, where digits are digits as well
        raw = raw.decode("koi8-r")
    except (ValueError, RecursionError):
        return None
    try:
        return read(raw)
    except (ValueError, RecursionError):
        return None


def of_xml(raw, charset=None):
    """Every element `Response` of the document, in each way that its bytes may be read."""
    for name in ("utf-8", charset or "utf-8", "utf-16"):
        try:
            text = raw.decode(name)
        except (UnicodeError, LookupError):
            continue
        text = re.sub(r"^\s*<\?xml[^>]*>", "", text.removeprefix("\ufeff")).strip()
        # Whether prefixes are declared is nobody's business here.
        text = re.sub(r"""\sxmlns(?::[^\s=]*)?\s*=\s*("[^"]*"|'[^']*')""", " ", text)
        text = re.sub(r"(</?|\s)[\w.-]+:(?=[\w.-]+[\s=>/])", r"\1", text)
        try:
            root = ET.fromstring(text)
        except (ET.ParseError, ValueError):
            continue
        yield from (each for each in root.iter() if local(each) == "Response")


def local(element):
    """Its name without the namespace."""
    return element.tag.rpartition("}")[2].rpartition(":")[2]


def at(value, *keys):
    """What stands under these keys and indices; None where nothing does."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def amount(value):
    """The number that a value says, None where it says none."""
    if isinstance(value, Lexeme):
        return Fraction(value)
    if not isinstance(value, str):
        return None
    text = re.sub(r"\s", "", _CURRENCY.sub("", value.strip()), flags=re.UNICODE)
    return Fraction(text.replace(",", ".")) if _PLAIN.fullmatch(text) else None


def says(value, premium, *, unit=1):
    """Whether a value is this premium, give or take the rounding to kopecks."""
    found = amount(value)
    return found is not None and abs(found / unit - Fraction(premium)) <= Fraction(1, 200)


def word(value):
    """A scalar as a word for a state, None for all else."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Lexeme):
        number = Fraction(value)
        return str(number.numerator) if number.denominator == 1 else value
    return value.strip().casefold() if isinstance(value, str) else None
