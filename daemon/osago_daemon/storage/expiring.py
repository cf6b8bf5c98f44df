"""A dict whose values end at a moment of their own, and are gone then without anybody asking."""

import heapq
from collections.abc import Callable, Hashable, Iterator
from itertools import count
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Expiring(Generic[K, V]):
    """What is kept until its moment, by one clock.

    Whoever puts drops whatever has ended meanwhile, at the price of a heap's step each, so that it
    never holds much more than what still counts.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` may jump: what has ended once stays gone only where somebody put or looked."""
        self._clock = clock
        self._values: dict[K, tuple[V, float]] = {}
        self._due: list[tuple[float, int, K]] = []
        self._queued: set[K] = set()  # who is in `_due`, exactly once
        self._number = count()

    def __len__(self) -> int:
        self._drop()
        return len(self._values)

    def get(self, key: K) -> V | None:
        """What is kept there."""
        value, ends_at = self._values.get(key, (None, 0.0))
        return value if ends_at > self._clock() else None

    def ends_at(self, key: K) -> float:
        """When it ends; only for what is kept."""
        return self._values[key][1]

    def put(self, key: K, value: V, ends_at: float) -> None:
        """Keep it, in place of what was there."""
        self._drop()
        self._values[key] = (value, ends_at)
        if key not in self._queued:
            self._queue(key, ends_at)

    def pop(self, key: K) -> None:
        """Forget it, if it is there."""
        self._values.pop(key, None)

    def items(self) -> Iterator[tuple[K, V]]:
        """What is kept now."""
        now = self._clock()
        return ((key, value) for key, (value, at) in list(self._values.items()) if at > now)

    def _queue(self, key: K, at: float) -> None:
        self._queued.add(key)
        heapq.heappush(self._due, (at, next(self._number), key))

    def _drop(self) -> None:
        now = self._clock()
        while self._due and self._due[0][0] <= now:
            _, _, key = heapq.heappop(self._due)
            self._queued.discard(key)
            if key in self._values:
                _, ends_at = self._values[key]
                if ends_at > now:  # was put again since, for longer
                    self._queue(key, ends_at)
                else:
                    del self._values[key]
