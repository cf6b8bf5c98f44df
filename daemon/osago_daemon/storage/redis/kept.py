"""What is kept, counted and removed by an index, since looking through a shared Redis is slow.

The index is written by the scripts that keep and forget; on a Cluster it is in another slot, and
written right after them, so that it may be slightly behind there.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from osago_daemon.storage.port import Kept, Key, Lease
from osago_daemon.storage.redis import names, scripts
from osago_daemon.storage.redis.link import Link
from osago_daemon.storage.redis.moments import Clock, at, given, seconds
from osago_daemon.storage.redis.requests import Call, Command

PAGE = 1000
"""Rows at a time."""
MAX_DIGITS = 16
"""Of a moment; what has more is none of ours."""


@dataclass(slots=True)
class _Count:
    answers: int = 0
    size: int = 0
    entries: int = 0
    oldest_at: float | None = None
    newest_at: float | None = None

    def add(self, row: str, text: bytes, now_us: int) -> bool:
        """Whether it still counts; what makes no sense does not."""
        words = text.split()
        if not all(word.isdigit() and len(word) <= MAX_DIGITS for word in words):
            return False
        match row[:2], [int(word) for word in words]:
            case "e:", [ends] if ends > now_us:
                self.entries += 1
            case "a:", [size, kept_us, ends] if ends > now_us:
                self._add_answer(size, kept_us)
            case _:
                return False
        return True

    def _add_answer(self, size: int, kept_us: int) -> None:
        self.answers += 1
        self.size += size
        at_s = seconds(kept_us)
        self.oldest_at = min(at_s, at_s if self.oldest_at is None else self.oldest_at)
        self.newest_at = max(at_s, at_s if self.newest_at is None else self.newest_at)


class RedisKept:
    """Counts and clears."""

    def __init__(self, link: Link, clock: Clock | None, *, cluster: bool) -> None:
        self._link = link
        self._clock = clock
        self._cluster = cluster

    def keys(self, key: Key) -> tuple[str, ...]:
        """What a script is given so that it writes the index itself."""
        return () if self._cluster else (names.index(names.day(key)), names.DAYS)

    def mark(self, lease: Lease, ends_at: float, *rows: str) -> None:
        """Write the index where a script could not; `rows`: fields and their text in turn."""
        if not self._cluster:
            return
        day = names.day(lease.key)
        when = (given(self._clock), at(ends_at))
        self._link.tell(
            Call(scripts.MARK, (names.index(day),), (*when, *rows)),
            Call(scripts.MARK, (names.DAYS,), (*when, day)),
        )

    async def clear(self, insurer: str | None) -> int:
        """See `Store`."""
        now = given(self._clock)
        cleared = 0
        _, days = await self._days(insurer)
        for day in days:
            async for page in self._pages(day):
                rows = [row for row in page if row.startswith("a:")]
                drops = [
                    Call(scripts.DROP, (names.answer(_key(day, row)),), (now,)) for row in rows
                ]
                cleared += sum(await self._link.ask(drops))
                await self._forget(day, rows)
        return cleared

    async def kept(self) -> list[Kept]:
        """See `Store`."""
        counts: dict[str, _Count] = {}
        now_us, days = await self._days(None)
        for day in days:
            count = counts.setdefault(day.rpartition("/")[0], _Count())
            seen = set[str]()  # a page may repeat what an earlier one had
            async for page in self._pages(day):
                new = {row: text for row, text in page.items() if row not in seen}
                seen |= new.keys()
                gone = [row for row, text in new.items() if not count.add(row, text, now_us)]
                await self._forget(day, gone)
        return [
            Kept(
                insurer,
                count.answers,
                count.size,
                count.oldest_at,
                count.newest_at,
                count.entries,
            )
            for insurer, count in sorted(counts.items())
            if count.answers or count.entries
        ]

    async def _days(self, insurer: str | None) -> tuple[int, list[str]]:
        """Now, and the days that have an index."""
        calls = [Call(scripts.DAYS, (names.DAYS,), (given(self._clock),))]
        ((now, *days),) = await self._link.ask(calls)
        return int(now), [
            day for day in map(_text, days) if insurer in {None, day.rpartition("/")[0]}
        ]

    async def _pages(self, day: str) -> AsyncIterator[dict[str, bytes]]:
        cursor = 0
        while True:
            command = Command("HSCAN", names.index(day), (cursor, "COUNT", PAGE))
            ((cursor, rows),) = await self._link.ask([command])
            yield {_text(row): text for row, text in rows.items()}
            if int(cursor) == 0:
                return

    async def _forget(self, day: str, rows: list[str]) -> None:
        if rows:
            await self._link.ask([Command("HDEL", names.index(day), rows)])


def _key(day: str, row: str) -> Key:
    insurer, _, date = day.rpartition("/")
    return Key(insurer, date, row.partition(":")[2])


def _text(name: bytes) -> str:
    return name.decode(errors="replace")
