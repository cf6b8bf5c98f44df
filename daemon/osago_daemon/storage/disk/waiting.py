"""Those who wait for calls of others: looked after by one task, however many they are."""

from collections.abc import Awaitable, Callable, Sequence

import anyio

from osago_daemon.storage.disk.batch import GOING, Heard
from osago_daemon.storage.port import Answer, Key, StoreError, Word

POLL_S = 0.025
"""How late another process's ending is heard at most; costs one look at a counter."""

HOLDERS_S = 0.25
"""How late the death of another process is noticed at most."""

Calls = Sequence[tuple[Key, int]]


class _Waiter:
    __slots__ = ("call", "error", "heard", "over")

    def __init__(self, key: Key, token: int) -> None:
        self.call = (key, token)
        self.over = anyio.Event()
        self.heard: Answer | Word | None = None
        self.error: StoreError | None = None


class Waiting:
    """`run` it as long as anybody may wait."""

    def __init__(
        self,
        look: Callable[[Calls, bool], Awaitable[Sequence[Heard]]],
        look_again: Callable[[Calls], Awaitable[Sequence[Heard]]],
        *,
        poll_s: float = POLL_S,
        holders_s: float = HOLDERS_S,
    ) -> None:
        """`look`: with True, at the holders as well. `look_again`: cheap where nothing changed."""
        self._look = look
        self._look_again = look_again
        self._poll_s = poll_s
        self._holders_s = holders_s
        self._waiters: set[_Waiter] = set()
        self._news = anyio.Event()

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls.wait` of the port. Raises StoreError."""
        waiter = _Waiter(key, token)
        if not self._waiters:
            self._news.set()
        self._waiters.add(waiter)  # before the look: what ends during it is not missed
        try:
            (heard,) = await self._look([waiter.call], True)  # noqa: FBT003  # a callable has no names
            if heard is not GOING:
                return heard
            await waiter.over.wait()
        finally:
            self._waiters.discard(waiter)
        if waiter.error is not None:
            raise waiter.error
        return waiter.heard

    def nudge(self) -> None:
        """Something has ended in this process, or the store is away: look at once."""
        self._news.set()

    async def run(self) -> None:
        """Work for ever."""
        holders_at = anyio.current_time()
        while True:
            if not self._waiters:
                self._news = anyio.Event()
                await self._news.wait()
            nudged = False
            with anyio.move_on_after(self._poll_s):
                await self._news.wait()
                nudged = True
            self._news = anyio.Event()
            holders = anyio.current_time() >= holders_at
            if holders:
                holders_at = anyio.current_time() + self._holders_s
            await self._round(sure=nudged or holders, holders=holders)

    async def _round(self, *, sure: bool, holders: bool) -> None:
        waiters = list(self._waiters)
        calls = [waiter.call for waiter in waiters]
        try:
            heard = await (self._look(calls, holders) if sure else self._look_again(calls))
        except StoreError as error:
            for waiter in waiters:
                waiter.error = error
                waiter.over.set()
            return
        for waiter, one in zip(waiters, heard, strict=True):
            if one is not GOING:
                waiter.heard = one
                waiter.over.set()
