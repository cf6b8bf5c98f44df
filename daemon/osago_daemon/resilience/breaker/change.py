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
    ELSEWHERE = "elsewhere"
    """Another instance found it so, or was told so by hand."""


TEXTS = {
    Reason.FAILURES: "left alone: too many attempts failed",
    Reason.SLOW: "left alone: too many attempts failed or were slow",
    Reason.PROBE_FAILED: "left alone: it still fails",
    Reason.PROBE_SLOW: "left alone: it is still slow",
    Reason.ELSEWHERE: "left alone: another instance found it so",
}
ISOLATED_TEXT = "isolated by hand"
"""Wherever that was. Clients know these words: docs/protocol.md."""


@dataclass(frozen=True, slots=True)
class Change:
    """A breaker went from one state to another, or what it is was given another end."""

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
        self.by_hand: list[Listener] = []
        """Who hears of all that is said by hand, also where it changes nothing here: elsewhere it
        may."""
        self.on_bug: Callable[[Exception], None] = log_bug
        """Hears what a listener raised; the other listeners are told all the same."""
        self._untold: deque[tuple[Change, bool]] = deque()
        self._telling = False

    def tell(self, change: Change, *, moved: bool = True) -> None:
        """Tell everybody, now or, from within a listener, right after this listener's change.

        Not `moved`: nothing has changed here, it was only said.
        """
        self._untold.append((change, moved))
        if self._telling:
            return
        self._telling = True
        try:
            while self._untold:
                change, moved = self._untold.popleft()
                self._tell_all(change, moved=moved)
        finally:
            self._telling = False

    def _tell_all(self, change: Change, *, moved: bool) -> None:
        audience = list(self.listeners) if moved else []
        if change.reason is Reason.BY_HAND:
            audience += self.by_hand
        for listener in audience:
            try:
                listener(change)
            except Exception as bug:  # noqa: BLE001  # theirs; the breaker goes on
                self.on_bug(bug)
