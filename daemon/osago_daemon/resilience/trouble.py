"""What can go wrong with one attempt, in the few kinds that decide what happens next."""

from enum import StrEnum


class TroubleKind(StrEnum):
    """What an attempt died of. Each kind has one line in the retry table (`retry.py`)."""

    CONNECT = "connect"
    """Nothing was sent: refused, no route, no such host, TLS failed, connecting timed out."""
    RESET = "reset"
    """The connection broke after the request was (partly) sent: it may have been acted on."""
    TIMEOUT = "timeout"
    """The attempt took longer than an attempt may."""
    THROTTLED = "throttled"
    """They ask us to slow down (429, or 503 with Retry-After)."""
    SERVER_ERROR = "server_error"
    """Their side failed (5xx)."""
    AUTH = "auth"
    """They do not accept who we are (401, 403)."""
    REJECTED = "rejected"
    """They say that our request is wrong (other 4xx)."""
    GONE = "gone"
    """They know nothing of what we ask about (404, 410)."""
    FAILED = "failed"
    """They could not work it out, and asking the same again won't change that."""
    BAD_ANSWER = "bad_answer"
    """An answer nobody can make sense of: broken HTTP, not JSON, too large, fields missing."""
    MISCONFIGURED = "misconfigured"
    """Not sent at all: our configuration can't say this request."""
    BROKEN_OFF = "broken_off"
    """Not tried at all: the breaker is open, or the insurer is isolated by hand."""
    OVER_LIMIT = "over_limit"
    """Not tried at all: our own limits have no room for it before the deadline."""
    DOUBTFUL = "doubtful"
    """Not tried at all: an earlier one may have been acted upon, and can't be repeated."""


SICKNESS = frozenset(
    {TroubleKind.CONNECT, TroubleKind.RESET, TroubleKind.TIMEOUT, TroubleKind.SERVER_ERROR}
)
"""Troubles that say the other side is unwell. A wrong request or a full limit says nothing."""


class Trouble(Exception):  # noqa: N818  # a normal part of life, not a bug in the program
    """One attempt failed. Carries what the policies need to decide; never personal data.

    `retry_after_s` says when trying again may help (seconds from now): what the other side asked
    for, when the breaker lets a probe through, when our limits have room. None: nobody knows.
    """

    def __init__(
        self, kind: TroubleKind, message: str, *, retry_after_s: float | None = None
    ) -> None:
        """Describe what happened in one line, without anything out of the request."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retry_after_s = retry_after_s

    def bare(self) -> "Trouble":
        """Itself without frames and causes: they hold the request, and it outlives them."""
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)
