"""What a breaker can be, why it came to be so, and telling those who want to know.

Knows no rules: when a breaker changes is decided in `states.py`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog


class State(StrEnum):
    """Whom a breaker lets through. The values are circuitbreaker's, and one more."""

    CLOSED = "closed"
    """Everybody."""
    OPEN = "open"
    """Nobody, for a while."""
    HALF_OPEN = "half_open"
    """A few, to find out whether it is well again."""
    ISOLATED = "isolated"
    """Nobody, because somebody said so."""


class Reason(StrEnum):
    """Why a breaker is as it is: a code, for others to put into words."""

    NEW = "new"
    FAILURES = "failures"
    """Too many of the last attempts failed."""
    SLOW = "slow"
    """Too many of the last attempts failed or were slow."""
    PROBE_FAILED = "probe_failed"
    PROBE_SLOW = "probe_slow"
    """It had its time and did not answer. A slow answer is an answer."""
    TIME_UP = "time_up"
    """It was left alone long enough to be tried again."""
    PROBES_GOOD = "probes_good"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Change:
    """A breaker went from one state to another, or its isolation was given another end."""

    name: str
    old: State
    new: State
    reason: Reason
    free_in_s: float | None
    """Seconds until it lets somebody through; 0 now, None: nobody knows."""


Listener = Callable[[Change], None]


def log_bug(bug: Exception) -> None:
    """Log the type alone: whose text it is, nobody here knows."""
    structlog.get_logger(__name__).error("a listener failed", error=type(bug).__name__)


class Announcer:
    """Tells every listener of every change, in the order the changes happened.

    That order also holds where a listener, told of a change, causes the next one.
    """

    def __init__(self) -> None:
        """Nobody listens yet."""
        self.listeners: list[Listener] = []
        self.on_bug: Callable[[Exception], None] = log_bug
        """Hears what a listener raised; the other listeners are told all the same."""
        self._untold: deque[Change] = deque()
        self._telling = False

    def tell(self, change: Change) -> None:
        """Tell everybody, now or, from within a listener, right after this listener's change."""
        self._untold.append(change)
        if self._telling:
            return
        self._telling = True
        try:
            while self._untold:
                self._tell_all(self._untold.popleft())
        finally:
            self._telling = False

    def _tell_all(self, change: Change) -> None:
        for listener in tuple(self.listeners):
            try:
                listener(change)
            except Exception as bug:  # noqa: BLE001  # theirs; the breaker goes on
                self.on_bug(bug)
