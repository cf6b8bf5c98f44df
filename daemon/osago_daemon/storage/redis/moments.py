"""Moments as the scripts want them: whole microseconds."""

import math
from collections.abc import Callable

MICRO = 1_000_000
DAY_US = 86_400 * MICRO

Clock = Callable[[], float]


def us(seconds: float) -> int:
    """Rounded up, so that nothing ends too early; a century for what never ends."""
    return math.ceil(min(seconds, 36_500 * 86_400.0) * MICRO)


def given(clock: Clock | None) -> str:
    """A test's clock, or empty for the server's."""
    return "" if clock is None else str(at(clock()))


def at(unix_s: float) -> int:
    """Unix seconds as Unix microseconds."""
    return round(unix_s * MICRO)


def seconds(microseconds: bytes | int) -> float:
    """Out of a reply."""
    return int(microseconds) / MICRO
