"""What a login gives: the headers to send, and until when. Reads them from what the login answers.

Times are by the wall clock that is handed in: an end that they name is one of it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from osago_daemon.insurers import values
from osago_daemon.insurers.decoding import UnreadableError, decode
from osago_daemon.insurers.expressions import Expression
from osago_daemon.insurers.responses import headers_of
from osago_daemon.insurers.tables import is_header_text
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MARGIN_S = 30.0
"""A token is renewed so long before its end: two clocks' difference and a request's way."""
MARGIN_SHARE = 0.1
"""Or a tenth of its life, where that is less."""
MAX_LIFE_S = 30 * 86_400.0
"""A longer life is taken for this one: nothing of ours runs on one token for a month."""
MAX_TOKEN_CHARS = 16_000
_MIN_MILLISECONDS = 100_000_000_000
"""As seconds the year 5138, as milliseconds 1973."""


@dataclass(frozen=True, slots=True)
class Token:
    """What to send as long as it lasts."""

    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    ends_at: datetime | None = None
    """None: nobody said; it is renewed when it is refused."""
    renew_at: datetime | None = None

    @property
    def text(self) -> str:
        """The token itself."""
        return self.secrets[0] if self.secrets else ""


def token(
    headers: Mapping[str, str], secrets: tuple[str, ...], now: datetime, life_s: float | None
) -> Token:
    """One that lasts `life_s` from now. Raises `Trouble` for one that is over.

    It is the first of the secrets.
    """
    if life_s is None:
        return Token(headers, secrets)
    if life_s <= 0:
        raise junk("a token that has run out already")
    life_s = min(life_s, MAX_LIFE_S)
    ends_at = now + timedelta(seconds=life_s)
    margin_s = min(MARGIN_S, life_s * MARGIN_SHARE)
    return Token(headers, secrets, ends_at, ends_at - timedelta(seconds=margin_s))


def scope_of(response: httpx.Response, *, xml: bool = False) -> Mapping[str, Any]:
    """What expressions see of an answer; a body that can't be read is null."""
    try:
        content_type = response.headers.get("content-type", "")
        xml = xml or "xml" in content_type.lower()
        body = decode(response.content, xml=xml, content_type=content_type)
    except UnreadableError:
        body = None
    return {"status": response.status_code, "headers": headers_of(response), "body": body}


def token_text(value: object) -> str:
    """A token that fits into a header. Raises `Trouble`."""
    if value is None:
        raise junk("no token in the answer")
    if not isinstance(value, str) or not value or not is_header_text(value):
        raise junk("what should be the token is none")
    if len(value) > MAX_TOKEN_CHARS:
        raise junk("a token too long for a header")
    return value


def seconds(value: object) -> float | None:
    """A number, or text that is one; None where it is none. Never beyond `MAX_LIFE_S`."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(number) else min(number, MAX_LIFE_S)


def left_s(value: object, now: datetime) -> float | None:
    """How long until a moment that they name, see `values.moment`; None where it is none."""
    if isinstance(value, int | Decimal) and value > _MIN_MILLISECONDS:
        value = Decimal(value) / 1000
    try:
        return (values.moment(value) - now).total_seconds()
    except ValueError:
        return None


def evaluated(expression: Expression, scope: Mapping[str, Any]) -> object:
    """The value over an answer; None where the expression fails on it."""
    try:
        return expression.evaluate(scope)
    except ValueError:
        return None


def junk(text: str) -> Trouble:
    """An answer to a login that is of no use; `text` repeats nothing of it."""
    return Trouble(TroubleKind.BAD_ANSWER, text)
