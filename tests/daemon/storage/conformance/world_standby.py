"""Stores with a stand-in whose own store is there: nobody notices the stand-in."""

from contextlib import AsyncExitStack, asynccontextmanager

from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.standby import StandbyStore
from tests.daemon.storage.conformance.world_memory import MemoryWorld


class StandbyWorld(MemoryWorld):
    """Implements `StoreWorld`, but that what it opens can't be closed or opened again."""

    def __init__(self, stack):
        super().__init__()
        self.stack = stack

    async def instance(self, name):
        stand_in = MemoryStore(MemoryHub(wall=self.wall, monotonic=self.now))
        store = StandbyStore(MemoryStore(self.hub, name), stand_in, wall=self.wall)
        return await self.stack.enter_async_context(store)

    async def kill(self, store):
        await super().kill(store._link.primary)


@asynccontextmanager
async def world(_path):
    async with AsyncExitStack() as stack:
        yield StandbyWorld(stack)
