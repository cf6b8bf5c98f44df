"""The requests that count and that the store doesn't know of.

They were sent while it was away, or answered later than it was told.
"""

import math
from collections.abc import Callable, Sequence

from osago_daemon.resilience.limits.log import Flight, Window, WindowLog
from osago_daemon.storage.port import Rule, Windows


class Untold:
    """Of one insurer. Moments are seconds on the limiter's clock."""

    def __init__(self, rules: Sequence[Rule], arrival_s: float) -> None:
        """Nothing yet."""
        self._rules = rules
        self._arrival_s = arrival_s
        self._logs = [self._new_log()]
        self._late: list[float] = []

    def follow(self, rules: Sequence[Rule], arrival_s: float) -> None:
        """Go by these rules from now on; what is to be told of the time before stays to be told."""
        self._rules = rules
        self._arrival_s = arrival_s
        self._logs = [log for log in self._logs if log.known_ends(-math.inf)]
        self._logs.append(self._new_log())

    def take(self) -> Flight:
        """A request that is to be sent; if it ends before it is told, then with its end."""
        return self._logs[-1].take()

    def late(self, end: float) -> None:
        """A request has this end, later than was told."""
        self._late.append(end)

    def ends(self, now: float) -> list[float]:
        """What there is to tell; those under way as if never answered, so in the future."""
        return [*self._late, *(end for log in self._logs for end in log.known_ends(now))]

    async def tell(self, store: Windows, insurer: str, clock: Callable[[], float]) -> None:
        """Tell all there is now. Raises StoreError: nothing counts as told then."""
        logs, late, now = self._logs, self._late, clock()
        ends = self.ends(now)
        self._logs, self._late = [self._new_log()], []
        try:
            await store.add_places(insurer, [now - end for end in ends])
        except BaseException:
            older = [log for log in logs if log.known_ends(clock())]
            self._logs, self._late = older + self._logs, late + self._late
            raise

    def _new_log(self) -> WindowLog:
        windows = [Window(rule.limit, rule.most, rule.period_s) for rule in self._rules]
        return WindowLog(windows, self._arrival_s, _nobody)


def _nobody() -> None:
    """Who waits hears it of the whole log."""
