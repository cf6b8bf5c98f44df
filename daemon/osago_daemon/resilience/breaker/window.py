"""The latest outcomes and what they add up to. Knows neither states nor the clock."""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum

from osago_daemon.resilience.breaker.change import Reason
from osago_daemon.resilience.numbers import BreakerNumbers

ROUNDING = 1e-9
"""Keeps 0.07 * 100 = 7.000000000000001 from asking for an eighth failure."""


class Mark(StrEnum):
    """What one attempt said of the other side; the values are what is stored."""

    GOOD = "g"
    SLOW = "s"
    """It came to an answer, whatever it was, but took too long."""
    CUT = "c"
    """It came to no answer before our own deadline, though it had its time. Counts as slow."""
    FAILED = "f"
    REFUSED = "r"
    """An answer, but not what it is there for. It shows that it works; judged as `OTHER` is."""
    OTHER = "o"
    """Not decided yet. No success, no failure; judged all the same, or whoever is polled would
    look sicker than who is not."""


SLOW = frozenset({Mark.SLOW, Mark.CUT})
BAD = SLOW | {Mark.FAILED}
TIMELESS = frozenset({Mark.FAILED, Mark.CUT})
"""What is judged as it is, however long it took."""
WORKING = frozenset({Mark.GOOD, Mark.REFUSED})
"""What a probe is there to find."""


class Window:
    """The last `numbers.window` outcomes, or all of the last `window_s` where those are more.

    Counts are kept, not made: an outcome costs the same however large the window is.
    """

    def __init__(self, numbers: BreakerNumbers) -> None:
        """Starts empty."""
        self.follow(numbers)
        self._outcomes: deque[tuple[float, Mark]] = deque()
        self.failures = 0
        self.slow = 0

    def __len__(self) -> int:
        return len(self._outcomes)

    def follow(self, numbers: BreakerNumbers) -> None:
        """Judge by these from the next outcome on."""
        self._least = numbers.window
        self._span_s = numbers.window_s
        self._failure_rate = numbers.failure_rate
        self._slow_rate = numbers.slow_rate

    def add(self, now: float, mark: Mark) -> None:
        """One more outcome, at `now`; never earlier than the one before."""
        self._outcomes.append((now, mark))
        if mark is Mark.FAILED:
            self.failures += 1
        elif mark in SLOW:
            self.slow += 1
        self.trim(now)

    def trim(self, now: float) -> None:
        """Forget what is not judged any more."""
        outcomes = self._outcomes
        edge = now - self._span_s
        while len(outcomes) > self._least and (
            len(outcomes) > BreakerNumbers.MAX_WINDOW or outcomes[0][0] <= edge
        ):
            mark = outcomes.popleft()[1]
            if mark is Mark.FAILED:
                self.failures -= 1
            elif mark in SLOW:
                self.slow -= 1

    def verdict(self) -> Reason | None:
        """Why it should be left alone; None: it should not. A window not yet full counts as full.

        To be asked after a bad outcome only: where time has taken the good ones away, the bad
        ones alone may be too many, but an answer that just came is no moment to break off.
        """
        judged = max(self._least, len(self._outcomes))
        if self.failures >= max(1.0, self._failure_rate * judged - ROUNDING):
            return Reason.FAILURES
        if self.failures + self.slow >= self._slow_rate * judged - ROUNDING:
            return Reason.SLOW
        return None

    def replace(self, outcomes: Iterable[tuple[float, Mark]]) -> None:
        """Forget everything and take these, oldest first."""
        self._outcomes.clear()
        self.failures = self.slow = 0
        for at, mark in outcomes:
            self.add(at, mark)

    def outcomes(self) -> tuple[tuple[float, Mark], ...]:
        """What is judged, with its times, oldest first."""
        return tuple(self._outcomes)
