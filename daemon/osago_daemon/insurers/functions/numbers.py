"""Numbers: rounding, power in both units, money in both units and as text. Exact throughout."""

from decimal import ROUND_HALF_UP, Context, Decimal

from osago_daemon.insurers.functions.declaring import (
    NUMBER,
    NUMBER_OR_NULL,
    TEXT,
    Declared,
    FunctionError,
    Parameter,
    checked,
    optional,
    whole,
)

NUMBERS = Declared()

HP_PER_KW = Decimal("1.35962")
"""As the tariff converts (docs/tariff.md): 1 kW = 1.35962 hp."""

MAX_DIGITS = 10
_WIDE = Context(prec=700)
"""Holds every digit of whatever a double can say, before and after the point."""

_DECIMAL_MARKS = (".", ",")


def _digits(value: float | Decimal) -> int:
    if 0 <= value <= MAX_DIGITS and value == int(value):
        return int(value)
    raise FunctionError(f"the digits after the point are a whole number from 0 to {MAX_DIGITS}")


def _mark(value: str) -> str:
    if value not in _DECIMAL_MARKS:
        raise FunctionError("decimal_text() expects '.' or ',' before the fraction")
    return value


DIGITS: Parameter = checked(NUMBER, _digits)


@NUMBERS.function("round", NUMBER_OR_NULL, optional(DIGITS))
def round_half_up(
    value: float | Decimal | None, digits: float | Decimal = 0
) -> int | Decimal | None:
    """To so many digits after the point, half up."""
    return None if value is None else _narrowed(_rounded("round", _exact("round", value), digits))


@NUMBERS.function("hp_to_kw", NUMBER_OR_NULL, optional(DIGITS))
def hp_to_kw(value: float | Decimal | None, digits: float | Decimal = 2) -> int | Decimal | None:
    """Horsepower as kilowatts, rounded to so many digits."""
    if value is None:
        return None
    kw = _WIDE.divide(_exact("hp_to_kw", value), HP_PER_KW)
    return _narrowed(_rounded("hp_to_kw", kw, digits))


@NUMBERS.function("kw_to_hp", NUMBER_OR_NULL, optional(DIGITS))
def kw_to_hp(value: float | Decimal | None, digits: float | Decimal = 2) -> int | Decimal | None:
    """Kilowatts as horsepower, rounded to so many digits."""
    if value is None:
        return None
    hp = _WIDE.multiply(_exact("kw_to_hp", value), HP_PER_KW)
    return _narrowed(_rounded("kw_to_hp", hp, digits))


@NUMBERS.function("kopecks", NUMBER_OR_NULL)
def kopecks(value: float | Decimal | None) -> int | None:
    """Roubles as whole kopecks; a fraction of a kopeck is refused, not rounded away."""
    if value is None:
        return None
    amount = _WIDE.multiply(_exact("kopecks", value), Decimal(100))
    if amount != _rounded("kopecks", amount, 0):
        raise FunctionError("kopecks() got a fraction of a kopeck: round(x, `2`) comes first")
    return int(amount)


@NUMBERS.function("roubles", NUMBER_OR_NULL)
def roubles(value: float | Decimal | None) -> int | Decimal | None:
    """Kopecks as roubles."""
    if value is None:
        return None
    return _narrowed(_WIDE.divide(_exact("roubles", value), Decimal(100)))


@NUMBERS.function("decimal_text", NUMBER_OR_NULL, DIGITS, optional(checked(TEXT, _mark)))
def decimal_text(
    value: float | Decimal | None, digits: float | Decimal, mark: str = "."
) -> str | None:
    """As text with exactly so many digits after the point, or after a comma."""
    mark = _mark(mark)
    if value is None:
        return None
    number = _rounded("decimal_text", _exact("decimal_text", value), digits)
    return format(number, "f").replace(".", mark)


def _exact(function: str, value: float | Decimal) -> Decimal:
    """A number as a person would write it, so that 0.1 is a tenth."""
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _WIDE.prec // 2:
        raise FunctionError(f"{function}() got a number beyond all bounds")
    return number


def _rounded(function: str, number: Decimal, digits: float | Decimal) -> Decimal:
    places = whole(function, digits, least=0, most=MAX_DIGITS)
    step = Decimal(1).scaleb(-places)
    found = number.quantize(step, rounding=ROUND_HALF_UP, context=_WIDE)
    return found or abs(found)  # no -0.00


def _narrowed(number: Decimal) -> int | Decimal:
    """A whole number as an int, as everywhere in expressions; no zeros at the end of a fraction."""
    if number == number.to_integral_value(context=_WIDE):
        return int(number)
    return number.normalize(_WIDE)
