"""Those who wait for a call that another one makes.

Messages only make it quick: they get lost with a connection. Everything that is waited for is
looked at again after each subscription, and every `recheck_s`, and then also whether who holds it
still lives.
"""

from collections.abc import Collection, Sequence
from typing import Any

import anyio

from osago_daemon.storage.port import Answer, Key, StoreError, Word
from osago_daemon.storage.redis import names
from osago_daemon.storage.redis.instance import Instance
from osago_daemon.storage.redis.link import Link
from osago_daemon.storage.redis.moments import Clock, given, seconds
from osago_daemon.storage.redis.requests import Call
from osago_daemon.storage.redis.scripts import LOOK

LOOKS_AT_ONCE = 200
"""So that others get their turn in between."""


def message(key: Key, token: int) -> str:
    """What is published when a call is over."""
    return f"{token} {key.text}"


class _Watch:
    """A call that somebody waits for."""

    __slots__ = ("key", "outcome", "over", "token", "waiting")

    def __init__(self, key: Key, token: int) -> None:
        self.key = key
        self.token = token
        self.over = anyio.Event()
        self.outcome: Answer | Word | StoreError | None = None
        self.waiting = 0


class Waits:
    """All who wait in this process, each call looked at once for all of them."""

    def __init__(
        self, link: Link, instance: Instance, clock: Clock | None, *, recheck_s: float
    ) -> None:
        self._link = link
        self._instance = instance
        self._clock = clock
        self._recheck_s = recheck_s
        self._watches: dict[str, _Watch] = {}
        self._told = set[str]()
        self._news = anyio.Event()

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls`."""
        name = message(key, token)
        watch = self._watches.get(name)
        is_new = watch is None
        if watch is None:
            watch = self._watches[name] = _Watch(key, token)
        watch.waiting += 1
        try:
            if is_new:
                await self._look([watch])
            await watch.over.wait()
        finally:
            watch.waiting -= 1
            if not watch.waiting and self._watches.get(name) is watch:
                del self._watches[name]
        if isinstance(watch.outcome, StoreError):
            raise StoreError(str(watch.outcome))
        return watch.outcome

    def over(self, key: Key, token: int, outcome: Answer | Word | StoreError | None) -> None:
        """A call is over; those who wait in this process hear it at once."""
        watch = self._watches.pop(message(key, token), None)
        if watch is not None:
            watch.outcome = outcome
            watch.over.set()

    def failed(self, error: StoreError) -> None:
        """Nothing will be heard any more."""
        for watch in list(self._watches.values()):
            self.over(watch.key, watch.token, error)

    def told(self, name: str) -> None:
        """A message came."""
        if name in self._watches:
            self._told.add(name)
            self._news.set()

    def missed(self) -> None:
        """Messages may have been lost."""
        self._told.update(self._watches)
        self._news.set()

    async def run(self) -> None:
        """Look at what was told of, and at everything every so often; for ever."""
        all_at = anyio.current_time()
        while True:
            with anyio.CancelScope(deadline=all_at):
                await self._news.wait()
            self._news = anyio.Event()
            if anyio.current_time() >= all_at:
                all_at = anyio.current_time() + self._recheck_s
                self._told.update(self._watches)
            names_told, self._told = self._told, set()
            watches = [self._watches[name] for name in names_told if name in self._watches]
            try:
                for start in range(0, len(watches), LOOKS_AT_ONCE):
                    await self._look(watches[start : start + LOOKS_AT_ONCE])
            except StoreError:
                continue  # who waits was told by `failed`

    async def _look(self, watches: Collection[_Watch]) -> None:
        """End those that are over. Raises StoreError."""
        held = await self._still_held(watches)
        dead = await self._instance.dead(holder for _, holder in held)
        # It may have ended well and then gone away between the two; so once more.
        again = await self._still_held([watch for watch, holder in held if holder in dead])
        for watch, holder in again:
            if holder in dead:
                self.over(watch.key, watch.token, None)

    async def _still_held(self, watches: Collection[_Watch]) -> list[tuple[_Watch, bytes]]:
        """Those under way, and who holds them; the others are ended."""
        if not watches:
            return []
        now = given(self._clock)
        replies = await self._link.ask([_look(watch, now) for watch in watches])
        held = []
        for watch, reply in zip(watches, replies, strict=True):
            if reply[0] == b"held":
                held.append((watch, reply[1]))
            else:
                self.over(watch.key, watch.token, _outcome(reply))
        return held


def _look(watch: _Watch, now: str) -> Call:
    key = watch.key
    keys = (names.answer(key), names.call(key), names.word(key, watch.token))
    return Call(LOOK, keys, (now, watch.token))


def _outcome(reply: Sequence[Any]) -> Answer | Word | None:
    match reply:
        case [b"answer", value, kept_us]:
            return Answer(value, seconds(kept_us))
        case [b"word", value]:
            return Word(value)
        case _:
            return None
