"""A store that is always there: its own memory stands in while the shared one is away.

While it is away this process goes on by itself: nothing is asked twice within the process, and
what came of it is written to the store once that is back. How limits are kept meanwhile is not
decided here: their operations say that the store is away.
"""

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self, TypeVar

import anyio

from osago_daemon.storage.memory import MemoryStore
from osago_daemon.storage.port import (
    Answer,
    Claim,
    Ending,
    Full,
    Kept,
    Key,
    Lease,
    Place,
    Primary,
    Rule,
    Store,
    StoreError,
    StoreState,
    Usage,
    Word,
)
from osago_daemon.storage.standby_calls import OurCalls
from osago_daemon.storage.standby_link import CHECK_EVERY_S, Link, state_of

Result = TypeVar("Result")

CLOSE_S = 5.0
STAND_IN_TOKENS = 1 << 40
"""Tokens of the stand-in begin here, so that they are never taken for the store's."""


class StandbyStore:
    """Implements `Store`; calls and notes never raise StoreError. Use as a context manager."""

    def __init__(
        self,
        primary: Primary,
        stand_in: MemoryStore,
        *,
        wall: Callable[[], float] = time.time,
        random_: Callable[[], float] = random.random,
        check_every_s: float = CHECK_EVERY_S,
    ) -> None:
        """`stand_in` and its hub are ours alone. `random_` gives the jitter, in [0, 1)."""
        self.listeners: list[Callable[[StoreState], None]] = []
        """Told whenever the store goes away or comes back."""
        stand_in.hub.first_token = STAND_IN_TOKENS
        self._stand_in = stand_in
        self._check_every_s = check_every_s
        self._link = Link(primary, wall, random_)
        self._calls = OurCalls(self._link, stand_in, wall)
        self._link.lost = self._calls.lost
        self._link.hand_over = self._calls.hand_over
        self._link.changed = self._tell
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open it; one that is away is looked for until it comes. Raises StoreRefusedError."""
        await self._stand_in.open()
        await self._link.open()
        self._stack.push_async_callback(self._close)
        tasks = await self._stack.enter_async_context(anyio.create_task_group())
        self._stack.callback(tasks.cancel_scope.cancel)
        tasks.start_soon(self._link.keep, self._check_every_s)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        """Give back what is held."""
        return await self._stack.__aexit__(kind, error, trace)

    async def claim(self, keys: Sequence[Key], *, fresh: bool = False) -> list[Claim]:
        """See `Calls`."""
        return await self._calls.claim(keys, fresh=fresh)

    async def peek(self, keys: Sequence[Key]) -> list[Answer | None]:
        """See `Calls`."""
        return await self._either(lambda store: store.peek(keys))

    async def note(self, lease: Lease, entry: bytes) -> bool:
        """See `Calls`."""
        return await self._calls.note(lease, entry)

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """See `Calls`."""
        return await self._calls.finish(lease, ending)

    def release(self, lease: Lease) -> None:
        """See `Calls`."""
        self._calls.release(lease)

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls`. For another instance's call None as soon as the store is away."""
        heard = await self._stand_in.wait(key, token)
        if heard is not None:
            return heard
        return await self._link.ask_while_there(lambda primary: primary.wait(key, token))

    async def take_place(
        self, insurer: str, rules: Sequence[Rule], arrival_s: float
    ) -> Place | Full:
        """See `Windows`. Raises StoreError while the store is away."""
        return await self._link.ask(lambda store: store.take_place(insurer, rules, arrival_s))

    def end_place(self, place: Place) -> None:
        """See `Windows`. While it is away nothing is told: the place counts longer."""
        if self._link.away is None:
            self._link.primary.end_place(place)

    def drop_place(self, place: Place) -> None:
        """See `Windows`."""
        if self._link.away is None:
            self._link.primary.drop_place(place)

    def pause(self, insurer: str, for_s: float) -> None:
        """See `Windows`."""
        if self._link.away is None:
            self._link.primary.pause(insurer, for_s)

    def resume(self, insurer: str) -> None:
        """See `Windows`."""
        if self._link.away is None:
            self._link.primary.resume(insurer)

    async def usage(self, rules: Mapping[str, Sequence[Rule]]) -> dict[str, Usage]:
        """See `Windows`. Raises StoreError while the store is away."""
        return await self._link.ask(lambda store: store.usage(rules))

    async def add_places(self, insurer: str, ended_s_ago: Sequence[float]) -> None:
        """See `Windows`. Raises StoreError while the store is away."""
        await self._link.ask(lambda store: store.add_places(insurer, ended_s_ago))

    async def put(self, name: str, value: bytes, keep_s: float) -> None:
        """See `Notes`."""
        await self._either(lambda store: store.put(name, value, keep_s))

    async def get(self, names: Sequence[str]) -> list[bytes | None]:
        """See `Notes`."""
        return await self._either(lambda store: store.get(names))

    async def clear(self, insurer: str | None) -> int:
        """See `Store`. While it is away, of what this process has."""
        self._calls.clear(insurer)
        here = await self._stand_in.clear(insurer)
        try:
            return await self._link.ask(lambda store: store.clear(insurer))
        except StoreError:
            return here

    async def kept(self) -> list[Kept]:
        """See `Store`. While it is away, of what this process has."""
        return await self._either(lambda store: store.kept())

    def state(self) -> StoreState:
        """See `Store`."""
        return state_of(self._link)

    async def _either(self, call: Callable[[Store], Awaitable[Result]]) -> Result:
        try:
            return await self._link.ask(call)
        except StoreError:
            return await call(self._stand_in)

    async def _close(self) -> None:
        with anyio.move_on_after(CLOSE_S, shield=True):
            await self._link.primary.close()
            await self._stand_in.close()

    def _tell(self) -> None:
        for listener in self.listeners:
            listener(self.state())
