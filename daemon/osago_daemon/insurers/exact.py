"""Numbers without binary fractions: what JSON says, and what expressions compare and add.

A whole number is an int, any other a Decimal, so 1.7 of an answer equals 1.7 of an expression.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

_MAX_EXPONENT = 308  # of a double, which is all that JSON promises to carry
_PLAIN = frozenset({str, int, bool, type(None)})
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def fraction(text: str) -> Decimal:
    """A number as it is written; ValueError beyond the bounds of a double."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("a number beyond all bounds") from None
    if not number.is_finite() or abs(number.adjusted()) > _MAX_EXPONENT:
        raise ValueError("a number beyond all bounds")
    return number


def from_text(text: str) -> int | Decimal | None:
    """The number that a text is in JSON's notation, None if it is none."""
    if _JSON_NUMBER.fullmatch(text) is None:
        return None
    try:
        return _narrowed(fraction(text)) if text.lstrip("-").isdigit() else fraction(text)
    except ValueError:
        return None


def exact(value: Any) -> Any:
    """A JSON value with every float as what its shortest notation says; ValueError for infinity."""
    kind = type(value)
    if kind is dict:
        # Not calling this for what stays as it is more than halves its time.
        return {
            name: child if type(child) in _PLAIN else exact(child) for name, child in value.items()
        }
    if kind is float:
        return _narrowed(fraction(repr(value)))
    if kind is list:
        return [exact(child) for child in value]
    return value


def for_json(value: object) -> float:
    """The `default` of `json.dumps`: a Decimal has a float's digits at most once it is sent."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _narrowed(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number
