"""A store in memory: for tests, for the simulator, and what stands in for one that is away.

Several instances share a `MemoryHub` as daemons share a server. Nothing here waits but `wait`.
"""

from collections.abc import Mapping, Sequence

from anyio.lowlevel import checkpoint

from osago_daemon.storage.memory_hub import TOKEN_S, Holder, MemoryHub
from osago_daemon.storage.port import (
    Answer,
    Claim,
    Ending,
    Full,
    Kept,
    Key,
    Lease,
    Place,
    Rule,
    StoreError,
    StoreState,
    Usage,
    Word,
)

__all__ = ["MemoryHub", "MemoryStore"]


class MemoryStore:
    """One instance. Implements `Primary`."""

    def __init__(self, hub: MemoryHub, name: str = "this") -> None:
        """Two that are open under one `name`: the later one replaces the earlier one."""
        self.hub = hub
        self.name = name
        self._incarnation = 0

    async def open(self) -> None:
        """See `Primary`."""
        await checkpoint()
        self._incarnation = self.hub.enter(self.name)

    async def check(self) -> None:
        """See `Primary`. Raises StoreError after `MemoryHub.kill`."""
        await self._there()

    async def close(self) -> None:
        """See `Primary`."""
        if self.hub.lives(self.name, self._incarnation):
            self.hub.kill(self.name)
        await checkpoint()

    async def claim(self, keys: Sequence[Key], *, fresh: bool = False) -> list[Claim]:
        """See `Calls`."""
        await self._there()
        return [self.hub.claim(key, self._incarnation, fresh=fresh) for key in keys]

    async def peek(self, keys: Sequence[Key]) -> list[Answer | None]:
        """See `Calls`."""
        await self._there()
        kept = [self.hub.answers.get(key) for key in keys]
        return [None if one is None else one.answer for one in kept]

    async def note(self, lease: Lease, entry: bytes) -> bool:
        """See `Calls`."""
        noted = self.hub.note(lease, self._incarnation, entry)
        await checkpoint()  # once it is written: who is cancelled here has noted it
        return noted

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """See `Calls`."""
        finished = self.hub.finish(lease, self._incarnation, ending)
        await checkpoint()
        return finished

    def release(self, lease: Lease) -> None:
        """See `Calls`."""
        self.hub.release(lease, self._incarnation)

    def adopt(self, key: Key, token: int, entry: bytes | None) -> None:
        """Hold what was taken on another store, with what the journal there says of it."""
        self.hub.hold(key, Holder(self._incarnation, token))
        if entry is None:
            self.hub.entries.pop(key)
        else:
            self.hub.entries.put(key, entry, self.hub.wall() + TOKEN_S)

    def conclude(self, lease: Lease, ending: Ending) -> bool:
        """As `finish`, within this very step."""
        return self.hub.finish(lease, self._incarnation, ending)

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls`."""
        await self._there()
        return await self.hub.wait(key, token)

    async def take_place(
        self, insurer: str, rules: Sequence[Rule], arrival_s: float
    ) -> Place | Full:
        """See `Windows`."""
        await self._there()
        place = Place(insurer, next(self.hub.numbers))
        log, now = self.hub.logs[insurer], self.hub.monotonic()
        return log.take(place.number, rules, arrival_s, now) or place

    def end_place(self, place: Place) -> None:
        """See `Windows`."""
        self.hub.logs[place.insurer].end(place.number, self.hub.monotonic())

    def drop_place(self, place: Place) -> None:
        """See `Windows`."""
        self.hub.logs[place.insurer].drop(place.number, self.hub.monotonic())

    def pause(self, insurer: str, for_s: float) -> None:
        """See `Windows`."""
        self.hub.logs[insurer].pause(self.hub.monotonic() + for_s)

    def resume(self, insurer: str) -> None:
        """See `Windows`."""
        self.hub.logs[insurer].resume()

    async def usage(self, rules: Mapping[str, Sequence[Rule]]) -> dict[str, Usage]:
        """See `Windows`."""
        await self._there()
        now = self.hub.monotonic()
        return {insurer: self.hub.logs[insurer].usage(rules[insurer], now) for insurer in rules}

    async def add_places(self, insurer: str, ended_s_ago: Sequence[float]) -> None:
        """See `Windows`."""
        await self._there()
        log, now = self.hub.logs[insurer], self.hub.monotonic()
        for ago_s in ended_s_ago:
            log.add(next(self.hub.numbers), now - ago_s, now)

    async def put(self, name: str, value: bytes, keep_s: float) -> None:
        """See `Notes`."""
        await self._there()
        self.hub.notes.put(name, value, self.hub.wall() + keep_s)

    async def get(self, names: Sequence[str]) -> list[bytes | None]:
        """See `Notes`."""
        await self._there()
        return [self.hub.notes.get(name) for name in names]

    async def clear(self, insurer: str | None) -> int:
        """See `Store`."""
        await self._there()
        return self.hub.clear(insurer)

    async def kept(self) -> list[Kept]:
        """See `Store`."""
        await self._there()
        return self.hub.kept()

    def state(self) -> StoreState:
        """See `Store`."""
        return StoreState("memory", "this process", self.hub.instances)

    async def _there(self) -> None:
        await checkpoint()
        if not self.hub.lives(self.name, self._incarnation):
            raise StoreError("not open")
