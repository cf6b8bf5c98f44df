"""Wall-clock time and ids, as things that come in from outside."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

WallClock = Callable[[], datetime]
"""The present moment, timezone-aware."""

NewId = Callable[[], str]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def random_quote_id() -> str:
    """Ten letters (50 bits) that a person can read out on the phone."""
    bits = secrets.randbits(50)
    return "".join(_ALPHABET[bits >> shift & 31] for shift in range(0, 50, 5))
