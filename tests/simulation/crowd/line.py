"""The line between a daemon and the store: it can break, and over it the dead do nothing."""

from collections.abc import Callable
from typing import Any

import anyio
from anyio.lowlevel import checkpoint

from osago_daemon.storage.memory import MemoryStore
from osago_daemon.storage.port import Answer, Key, StoreError, StoreState, Word

WAITS = frozenset(
    ("open", "check", "claim", "peek", "note", "finish", "clear", "kept", "put", "get")
) | {"take_place", "usage", "add_places"}
AT_ONCE = frozenset(("release", "end_place", "drop_place", "pause", "resume"))


class Line:
    """Implements `Primary` over one in memory."""

    def __init__(self, store: MemoryStore, lives: Callable[[], bool]) -> None:
        self.broken = False
        self._store = store
        self._lives = lives
        self._under_way: set[anyio.CancelScope] = set()
        self._last = True  # what is under way as it breaks is done, and nobody hears of it

    def break_(self) -> None:
        """Nothing gets through."""
        self.broken = self._last = True
        for scope in self._under_way:
            scope.cancel()

    def mend(self) -> None:
        """As it was."""
        self.broken = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name in AT_ONCE:
            return lambda *args: method(*args) if self._there() else None
        assert name in WAITS, name

        async def later(*args: Any, **more: Any) -> Any:
            if self._there():
                return await method(*args, **more)
            if self._lives() and self._last and name not in {"open", "check"}:
                self._last = False
                await method(*args, **more)
            await checkpoint()
            raise StoreError("the line is broken")

        return later

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls`."""
        if self._there():
            with anyio.CancelScope() as scope:
                self._under_way.add(scope)
                try:
                    return await self._store.wait(key, token)
                finally:
                    self._under_way.discard(scope)
        await checkpoint()
        raise StoreError("the line is broken")

    async def close(self) -> None:
        """See `Primary`."""
        if self._there():
            await self._store.close()

    def state(self) -> StoreState:
        """See `Store`."""
        return self._store.state()

    def _there(self) -> bool:
        return self._lives() and not self.broken
