"""What time it is, from outside: tests and runs own it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Monotonic seconds and the time of day, which is aware."""

    monotonic_s: Callable[[], float]
    now: Callable[[], datetime]
