"""What instances in one process share: answers, the journal, leases, words, notes, windows.

Everything happens within one step of the event loop, so nothing needs a lock.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple

import anyio

from osago_daemon.storage.expiring import Expiring
from osago_daemon.storage.memory_windows import Log
from osago_daemon.storage.port import (
    WORD_S,
    Answer,
    Claim,
    Ending,
    Held,
    Kept,
    Key,
    Lease,
    Taken,
    Word,
)

TOKEN_S = 48 * 3600.0
"""Longer than any key's day after its last call."""


class KeptAnswer(NamedTuple):
    """An answer and the call that brought it."""

    answer: Answer
    token: int


class Holder(NamedTuple):
    """Whose a lease is."""

    incarnation: int
    token: int


class MemoryHub:
    """One store in memory. Its instances are `MemoryStore`s."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = anyio.current_time,
    ) -> None:
        """`wall`: unix seconds, what is kept ends by it. `monotonic`: of the windows."""
        self.wall = wall
        self.monotonic = monotonic
        self.first_token = 1
        """Greater where tokens of another store are about as well."""
        self.answers: Expiring[Key, KeptAnswer] = Expiring(wall)
        self.entries: Expiring[Key, bytes] = Expiring(wall)
        self.notes: Expiring[str, bytes] = Expiring(wall)
        self.leases: dict[Key, Holder] = {}
        self.logs: defaultdict[str, Log] = defaultdict(Log)
        self.numbers = count(1)
        self._words: Expiring[tuple[Key, int], Word] = Expiring(wall)
        self._tokens: Expiring[Key, int] = Expiring(wall)
        self._instances: dict[str, int] = {}
        self._incarnations = count(1)
        self._over: dict[Key, anyio.Event] = {}

    @property
    def instances(self) -> int:
        """How many live."""
        return len(self._instances)

    def enter(self, name: str) -> int:
        """A new life under this name; what an earlier one held is free. Its incarnation."""
        self.kill(name)
        self._instances[name] = next(self._incarnations)
        return self._instances[name]

    def kill(self, name: str) -> None:
        """Its process is gone: what it held is free at once."""
        incarnation = self._instances.pop(name, None)
        if incarnation is not None:
            for key in [
                key for key, held in self.leases.items() if held.incarnation == incarnation
            ]:
                self._end(key)

    def lives(self, name: str, incarnation: int) -> bool:
        """Whether that is still its life."""
        return self._instances.get(name) == incarnation

    def claim(self, key: Key, incarnation: int, *, fresh: bool) -> Claim:
        """See `Calls.claim`."""
        kept = None if fresh else self.answers.get(key)
        if kept is not None:
            return kept.answer
        if held := self.leases.get(key):
            return Held(held.token)
        token = max(self._tokens.get(key) or 0, self.first_token - 1) + 1
        self.hold(key, Holder(incarnation, token))
        return Taken(token, self.entries.get(key))

    def hold(self, key: Key, holder: Holder) -> None:
        """It is theirs now; the next token is greater than this one."""
        self.leases[key] = holder
        latest = max(self._tokens.get(key) or 0, holder.token)
        self._tokens.put(key, latest, self.wall() + TOKEN_S)

    def note(self, lease: Lease, incarnation: int, entry: bytes) -> bool:
        """See `Calls.note`."""
        if self.leases.get(lease.key) != Holder(incarnation, lease.token):
            return False
        self.entries.put(lease.key, entry, lease.ends_at)
        return True

    def finish(self, lease: Lease, incarnation: int, ending: Ending) -> bool:
        """See `Calls.finish`."""
        key = lease.key
        if self.leases.get(key) != Holder(incarnation, lease.token):
            return False
        if ending.answer is not None:
            kept = KeptAnswer(Answer(ending.answer, self.wall()), lease.token)
            self.answers.put(key, kept, ending.answer_ends_at)
        if ending.entry is None:
            self.entries.pop(key)
        else:
            self.entries.put(key, ending.entry, lease.ends_at)
        if ending.word is not None:
            self._words.put((key, lease.token), Word(ending.word), self.wall() + WORD_S)
        self._end(key)
        return True

    def release(self, lease: Lease, incarnation: int) -> None:
        """See `Calls.release`."""
        if self.leases.get(lease.key) == Holder(incarnation, lease.token):
            self._end(lease.key)

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls.wait`."""
        while (held := self.leases.get(key)) and held.token == token:
            await self._over.setdefault(key, anyio.Event()).wait()
        kept = self.answers.get(key)
        if kept is not None and kept.token == token:
            return kept.answer
        return self._words.get((key, token))

    def clear(self, insurer: str | None) -> int:
        """See `Store.clear`."""
        keys = [key for key, _ in self.answers.items() if insurer in (None, key.insurer)]
        for key in keys:
            self.answers.pop(key)
        return len(keys)

    def kept(self) -> list[Kept]:
        """See `Store.kept`."""
        answers: defaultdict[str, list[Answer]] = defaultdict(list)
        for key, kept in self.answers.items():
            answers[key.insurer].append(kept.answer)
        entries = Counter(key.insurer for key, _ in self.entries.items())
        return [
            _kept(insurer, answers[insurer], entries[insurer])
            for insurer in sorted({*answers, *entries})
        ]

    def _end(self, key: Key) -> None:
        del self.leases[key]
        if over := self._over.pop(key, None):
            over.set()


def _kept(insurer: str, answers: Sequence[Answer], entries: int) -> Kept:
    times = [answer.kept_at for answer in answers]
    return Kept(
        insurer,
        answers=len(answers),
        bytes=sum(len(answer.value) for answer in answers),
        oldest_at=min(times, default=None),
        newest_at=max(times, default=None),
        entries=entries,
    )
