"""A primary store with a switch, for tests of what stands in for it."""

from functools import partial

import anyio

from osago_daemon.storage.port import StoreError


class Flaky:
    """A primary store with a switch."""

    def __init__(self, store):
        self._store = store
        self.down = None
        """What is raised by everything."""
        self.fails = {}
        """By operation, once: before it is done or after."""
        self.bugs = set()
        """Operations that raise what no store should."""
        self.gate = None
        """Until when operations that were done are kept from saying so."""
        self.opened_at = []

    def __getattr__(self, name):
        attribute = getattr(self._store, name)
        if name in ("release", "end_place", "drop_place", "pause", "resume", "state"):
            return attribute
        return partial(self._do, name, attribute)

    async def _do(self, name, call, *args, **options):
        if name == "open":
            self.opened_at.append(anyio.current_time())
        if self.down and name != "close":
            raise self.down
        if name in self.bugs:
            raise KeyError(name)
        when = self.fails.pop(name, None)
        if when == "before":
            raise StoreError(f"{name} failed")
        result = await call(*args, **options)
        if self.gate is not None and name in ("claim", "finish"):
            await self.gate.wait()
        if when == "after":
            raise StoreError(f"{name} failed")
        return result
