"""The fingerprint: equal for applications that every insurer prices alike.

Rated are all fields that are not marked `UNRATED` where they are defined: the vehicle with its
identity, documents and use; who owns it, who insures it and where they live; each driver with
licence and experience; the term. Unrated are phone, e-mail, sex, and who issued a passport.
"""

import hashlib
import hmac
import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic_core import to_json

from osago_core.application.base import Model
from osago_core.application.fields.alphabet import fold, squeeze
from osago_core.application.marks import Personal
from osago_core.application.model import Application
from osago_core.application.shape import places_of

MIN_KEY_BYTES = 16

# Changes whenever the canonical form does, so that old fingerprints never match by chance.
_VERSION = b"osago-application-3"
_AS_THEY_ARE = frozenset({int, bool, date, type(None)})
_WORD = re.compile(r"\w+|\+")  # a Golf + is no Golf


def fingerprint(application: Application, key: bytes) -> str:
    """Return 64 hex digits that reveal nothing to whoever lacks `key` (HMAC-SHA256).

    Independent of key order, letter case, spacing, punctuation, look-alike letters and the order
    of drivers. Raises ValueError if the key is too short to hide anything.
    """
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"a fingerprint needs a key of at least {MIN_KEY_BYTES} bytes")
    message = b"%b\n%b" % (_VERSION, to_json(_canonical(application)))
    return hmac.digest(key, message, hashlib.sha256).hex()


def _canonical(application: Application) -> dict[str, Any]:
    form = _rated(application)
    insures = application.policyholder_party
    form["policyholder"] = form["owner"] if insures is application.owner else _rated(insures)
    if application.drivers != "unlimited":
        form["drivers"].sort(key=to_json)
    return form


@cache
def _rated_places(model: type[Model]) -> tuple[tuple[str, bool], ...]:
    """The keys that can change a price, sorted, and whether each holds a code."""
    places = sorted(places_of(model).items())
    return tuple((key, place.personal is Personal.CODE) for key, place in places if place.rated)


def _rated(model: Model) -> dict[str, Any]:
    form = {
        # Most of them are as they are, and need no look at what they are.
        key: value if type(value) in _AS_THEY_ARE else _value(value, is_code=is_code)
        for key, is_code in _rated_places(type(model))
        for value in (getattr(model, key),)
    }
    if "series" in form and "number" in form:
        # One document may be written as a series with a number, or as both in one field.
        form["number"] = f"{form.pop('series') or ''}{form['number']}"
    return form


def _value(value: object, *, is_code: bool) -> Any:
    match value:
        case str() if value.isalnum() and value.isascii():  # most codes; the same, faster
            return value.lower()
        case str():
            folded = fold(value)
            return squeeze(folded) if is_code else " ".join(_WORD.findall(folded))
        case Model():
            return _rated(value)
        case tuple():
            return [_value(item, is_code=is_code) for item in value]
        case Decimal():
            return format(value.normalize(), "f")
        case _:
            return value
