"""One window: how many requests count in it, in grains of a thousandth of its length.

A grain counts until a whole window after its end, so what is in it counts up to a grain too long
and never too short. Knows nothing of tables.
"""

import math

from osago_daemon.storage.disk.schema import GRAINS


class Window:
    """Moments are seconds on the store's clock."""

    def __init__(self, period_s: float, counts: dict[int, int]) -> None:
        """`counts`: how many requests ended, or are thought to end, in which grain."""
        self.period_s = period_s
        self.counts = counts
        self.changed: set[int] = set()
        """Grains whose count is another one than at first."""
        self._width_s = period_s / GRAINS
        self._first = min(counts, default=0)

    def grain(self, moment: float) -> int:
        """The one it lies in."""
        return math.floor(moment / self._width_s)

    def add(self, grain: int, count: int = 1) -> None:
        """Never below none."""
        self.counts[grain] = max(0, self.counts.get(grain, 0) + count)
        self.changed.add(grain)
        self._first = min(self._first, grain)

    def counting(self, grain: int, now: float) -> bool:
        """Whether it is in the window."""
        return self._ends(grain) > now

    def held(self, now: float) -> int:
        """How many count."""
        self._forget(now)
        return sum(self.counts.values())

    def free_at(self, most: int, now: float) -> float:
        """When there is room for one more; in the past where there is now.

        At the earliest: what is thought to be under way yet may have ended now.
        """
        too_many = self.held(now) - most + 1
        if too_many <= 0:
            return 0.0
        present = self.grain(now)
        for grain in sorted(self.counts):
            too_many -= self.counts[grain]
            if too_many <= 0:
                return self._ends(min(grain, present))
        return self._ends(present)

    def _ends(self, grain: int) -> float:
        return (grain + 1) * self._width_s + self.period_s

    def _forget(self, now: float) -> None:
        first = self.grain(now - self.period_s) - 1
        while not self.counting(first, now):
            first += 1
        if first > self._first:
            for grain in [grain for grain in self.counts if grain < first]:
                del self.counts[grain]
                self.changed.add(grain)
            self._first = first
