"""Instances on one `MemoryHub`, whose clocks stand still until they are moved."""

from contextlib import asynccontextmanager

from anyio.lowlevel import checkpoint

from osago_daemon.storage.memory import MemoryHub, MemoryStore


class MemoryWorld:
    """Implements `StoreWorld`."""

    unit_s = 64.0  # times are sums of binary fractions: exact
    grain = 0.0

    def __init__(self):
        self._wall, self._now = 1_800_000_000.0, 1000.0
        self.hub = MemoryHub(wall=self.wall, monotonic=self.now)

    def wall(self):
        return self._wall

    def now(self):
        return self._now

    async def instance(self, name):
        store = MemoryStore(self.hub, name)
        await store.open()
        return store

    async def kill(self, store):
        self.hub.kill(store.name)

    async def advance(self, seconds):
        self._wall += seconds
        self._now += seconds
        await checkpoint()


@asynccontextmanager
async def world(_path):
    yield MemoryWorld()
