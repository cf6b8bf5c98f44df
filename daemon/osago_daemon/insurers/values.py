"""Single values of an insurer's answer, from whatever dress they come in.

Every reader raises `ValueError` with a text that does not repeat the value: an answer may hold
personal data. Nothing is guessed: what could mean two prices is no price.
"""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Literal

from osago_core.money import to_kopecks
from osago_core.moscow import MOSCOW
from osago_daemon.insurers import urls

MAX_ROUBLES = Decimal(100_000_000)
"""No OSAGO premium comes near it; a larger number is something else, or nonsense."""

MAX_COEFFICIENT = Decimal(1000)
"""The largest product of all coefficients is below 50."""

_COEFFICIENT_STEP = Decimal("0.000001")  # drops a binary float's noise, keeps every table's digits
_SPACES = re.compile("[\u0020\u00a0\u2009\u202f]")
_AMOUNT = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,](?P<fraction>[0-9]+))?")
_CURRENCY = {
    "roubles": re.compile(r"\s?(?:₽|руб(?:\.|л[а-я]{1,2})?|р\.?|rub)\s?$", re.IGNORECASE),
    "kopecks": re.compile(r"\s?коп(?:\.|е[а-я]{1,2})?\s?$", re.IGNORECASE),
}
_MAX_AMOUNT_CHARS = 40
_AMBIGUOUS_FRACTION = 3  # "12,345" may be twelve roubles or twelve thousand
_MAX_ID_CHARS = 200
_MAX_URL_CHARS = 2000
_MAX_WORDS_CHARS = 4000


def money(value: object, kind: Literal["roubles", "kopecks"]) -> Decimal:
    """An amount as roubles with 2 decimals: a number, or text such as `12 345,67`; 0 and up.

    Behind a text may stand the currency, if it is the one of `kind`.
    """
    amount = _amount(value, kind) if isinstance(value, str) else _number(value)
    if kind == "kopecks":
        if amount != amount.to_integral_value():
            raise ValueError("a fraction of a kopeck: is `money` really kopecks?")
        amount /= 100
    if amount > MAX_ROUBLES:
        raise ValueError("an absurdly large amount")
    return to_kopecks(amount)


def premium(value: object, kind: Literal["roubles", "kopecks"]) -> Decimal:
    """An amount above zero: nobody insures for nothing."""
    amount = money(value, kind)
    if not amount:
        raise ValueError("a premium of zero")
    return amount


def coefficient(value: object) -> Decimal:
    """A coefficient of the tariff, above 0. It has no thousands: `1,170` can only be 1.17."""
    number = _number(value)
    if number > MAX_COEFFICIENT:
        raise ValueError("an absurdly large coefficient")
    number = number.quantize(_COEFFICIENT_STEP).normalize()
    if not number:
        raise ValueError("a coefficient of zero")
    return number


def moment(value: object) -> datetime:
    """ISO date and time (Moscow's without an offset), a date (its end), or seconds since 1970."""
    try:
        found = _from_text(value) if isinstance(value, str) else _from_epoch(_number(value))
    except (ValueError, OverflowError, OSError):
        raise ValueError("not a date and time") from None
    if not 2000 <= found.year < 2100:  # noqa: PLR2004  # milliseconds, or nonsense
        raise ValueError("a date out of this century")
    return found


def payment_url(value: object, *, local: bool) -> str:
    """A link that a client may be sent to. `local`: their server is on this machine."""
    if not isinstance(value, str) or len(value) > _MAX_URL_CHARS:
        raise ValueError("not a link")
    if not urls.is_payment_link(value, local=local):
        raise ValueError("not an https link")
    return value


def identifier(value: object, max_chars: int = _MAX_ID_CHARS) -> str:
    """An id of theirs: short printable text or a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    # Lone surrogates, which JSON can smuggle in and UTF-8 can't carry out, are not printable.
    if isinstance(value, str) and 0 < len(value) <= max_chars and value.isprintable():
        return value
    raise ValueError("not an id")


def words(value: object) -> str:
    """Text for people on one line, no control characters; lists of texts are joined."""
    match value:
        case None:
            return ""
        case str():
            text = value
        case list():
            text = "; ".join(item for item in value if isinstance(item, str))
        case _:
            raise ValueError("expected text")
    printable = "".join(c if c.isprintable() else " " for c in text[:_MAX_WORDS_CHARS])
    return " ".join(printable.split())


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _number(value: object) -> Decimal:
    """A finite number of at least 0, exactly as it was written."""
    match value:
        case bool():
            raise ValueError("expected a number, got true or false")
        case int() | Decimal():
            number = Decimal(value)
        case float():  # the result of an expression; repr is what a person would have written
            number = Decimal(repr(value))
        case str():
            number = _decimal(*_parts(value))
        case None:
            raise ValueError("not in the answer")
        case _:
            raise ValueError("expected a number")
    if not number.is_finite() or number < 0:
        raise ValueError("not a number of at least 0")
    return number


def _amount(text: str, kind: Literal["roubles", "kopecks"]) -> Decimal:
    whole, fraction = _parts(_CURRENCY[kind].sub("", text))
    if len(fraction) == _AMBIGUOUS_FRACTION:
        raise ValueError("an amount with three digits after the separator can be read in two ways")
    return _decimal(whole, fraction)


def _parts(text: str) -> tuple[str, str]:
    """The digits before and after the separator."""
    if len(text) > _MAX_AMOUNT_CHARS:
        raise ValueError("not an amount")
    match = _AMOUNT.fullmatch(_SPACES.sub(" ", text).strip())
    if match is None:
        raise ValueError("not an amount")
    return match["whole"].replace(" ", ""), match["fraction"] or ""


def _decimal(whole: str, fraction: str) -> Decimal:
    return Decimal(f"{whole}.{fraction or '0'}")


def _from_epoch(seconds: Decimal) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _from_text(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)  # 20261201 as well
    except ValueError:
        found = datetime.fromisoformat(text)
    else:
        found = datetime.combine(day, time(23, 59, 59), MOSCOW)
    return found if found.tzinfo is not None else found.replace(tzinfo=MOSCOW)
