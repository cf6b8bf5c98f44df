"""What went wrong with one exchange, as the few kinds of trouble that policies know.

Messages never hold anything out of the request, and of an answer only the insurer's own message,
masked and cut.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from osago_daemon.insurers.transport import AnswerNotHttp
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MAX_WORDS_CHARS = 200
"""How much of an insurer's message is repeated."""

MAX_RETRY_AFTER_S = 86_400.0
"""No run lasts a day, so a longer wait says nothing more."""

_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _UNAVAILABLE = 401, 403, 429, 503
_NOT_FOUND, _GONE = 404, 410

# First match wins, so subclasses stand before their bases.
_BY_EXCEPTION: tuple[tuple[type[httpx.HTTPError], TroubleKind, str], ...] = (
    (httpx.ConnectTimeout, TroubleKind.CONNECT, "connecting took too long"),
    (httpx.PoolTimeout, TroubleKind.CONNECT, "no connection was free"),
    (httpx.ConnectError, TroubleKind.CONNECT, "no connection"),
    (httpx.ProxyError, TroubleKind.CONNECT, "the proxy let nothing through"),
    (httpx.TimeoutException, TroubleKind.TIMEOUT, "no answer in time"),
    (httpx.LocalProtocolError, TroubleKind.REJECTED, "the request can't be written as HTTP"),
    (httpx.UnsupportedProtocol, TroubleKind.REJECTED, "the request can't be written as HTTP"),
    (httpx.DecodingError, TroubleKind.BAD_ANSWER, "the answer is too large or can't be decoded"),
    (AnswerNotHttp, TroubleKind.BAD_ANSWER, "the answer is not HTTP"),
    (httpx.RemoteProtocolError, TroubleKind.RESET, "the connection was closed within the exchange"),
    # Whatever else happens to a connection: the request may have been acted on.
    (httpx.HTTPError, TroubleKind.RESET, "the connection broke"),
)


def of_exception(error: httpx.HTTPError) -> Trouble:
    """An exchange that ended without an answer."""
    kind, text = next((k, t) for type_, k, t in _BY_EXCEPTION if isinstance(error, type_))
    return Trouble(kind, text)


def of_status(status: int, retry_after_s: float | None, words: str) -> Trouble:
    """The trouble that an HTTP status other than 2xx means. `words`: their message, masked."""
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return Trouble(TroubleKind.AUTH, _said(status, words))
    if status == _TOO_MANY or (status == _UNAVAILABLE and retry_after_s is not None):
        return Trouble(TroubleKind.THROTTLED, _said(status, words), retry_after_s=retry_after_s)
    if 500 <= status < 600:  # noqa: PLR2004
        return Trouble(TroubleKind.SERVER_ERROR, _said(status, words))
    if status in {_NOT_FOUND, _GONE}:
        return Trouble(TroubleKind.GONE, _said(status, words))
    if 400 <= status < 500:  # noqa: PLR2004
        return Trouble(TroubleKind.REJECTED, _said(status, words))
    # Redirects among them: following one would send personal data where nobody decided to.
    return Trouble(TroubleKind.BAD_ANSWER, _said(status, words))


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """The seconds of a `Retry-After` header (RFC 9110: seconds or an HTTP date), None if none.

    Fractions are accepted as some send them. `now` is aware.
    """
    if value is None:
        return None
    text = value.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # "-0000": UTC by RFC 5322
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


def _said(status: int, words: str) -> str:
    return f"HTTP {status}: {words}" if words else f"HTTP {status}"
