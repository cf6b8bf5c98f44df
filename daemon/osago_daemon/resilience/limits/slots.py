"""A sorted collection in which adding, removing and counting stay cheap among tens of thousands.

Short sorted lists in a row: each operation touches one of them and the list of their ends.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import TypeAlias

BUCKET = 512
"""Lists are halved at twice this. Moving 1,000 pointers costs less than one call in Python."""

Slot: TypeAlias = tuple[int, int, int]


class SortedSlots:
    """Distinct slots in order."""

    def __init__(self) -> None:
        self._buckets: list[list[Slot]] = []
        self._lasts: list[Slot] = []

    def __iter__(self) -> Iterator[Slot]:
        for bucket in self._buckets:
            yield from bucket

    def first(self) -> Slot | None:
        """The least of them."""
        return self._buckets[0][0] if self._buckets else None

    def before(self, slot: Slot) -> int:
        """How many of them come before this one, which may be among them or not."""
        place = bisect_left(self._lasts, slot)
        count = sum(map(len, self._buckets[:place]))
        if place < len(self._buckets):
            count += bisect_left(self._buckets[place], slot)
        return count

    def add(self, slot: Slot) -> None:
        """Put it where it belongs."""
        if not self._buckets:
            self._buckets.append([slot])
            self._lasts.append(slot)
            return
        place = min(bisect_left(self._lasts, slot), len(self._buckets) - 1)
        bucket = self._buckets[place]
        insort(bucket, slot)
        if len(bucket) >= 2 * BUCKET:
            self._buckets.insert(place + 1, bucket[BUCKET:])
            self._lasts.insert(place, bucket[BUCKET - 1])
            del bucket[BUCKET:]
            place += 1
        self._lasts[place] = self._buckets[place][-1]

    def remove(self, slot: Slot) -> None:
        """Take out one that is among them."""
        place = bisect_left(self._lasts, slot)
        bucket = self._buckets[place]
        del bucket[bisect_left(bucket, slot)]
        if bucket:
            self._lasts[place] = bucket[-1]
        else:
            del self._buckets[place], self._lasts[place]
