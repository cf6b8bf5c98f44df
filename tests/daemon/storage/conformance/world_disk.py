"""Instances on one folder, whose clocks stand still until they are moved."""

from contextlib import asynccontextmanager

import anyio

from osago_daemon.storage.disk.store import DiskStore


class _Store(DiskStore):
    """What it was told without an answer is done before anybody asks anything."""

    told: set  # of the world

    def _tell(self, op):
        self.told.add(self)
        super()._tell(op)

    async def _do(self, op):
        while self.told:
            await self.told.pop()._pump.flushed()
        return await super()._do(op)


class DiskWorld:
    """Implements `StoreWorld`."""

    unit_s = 64.0
    grain = 0.001

    def __init__(self, folder, tasks):
        self._wall, self._now = 1_800_000_000.0, 1000.0
        self._folder = folder
        self._tasks = tasks
        self.stores = []
        self._told = set()

    def wall(self):
        return self._wall

    def now(self):
        return self._now

    async def instance(self, name):
        for older in self.stores:
            if older._name == name and older._session is not None:
                await self.kill(older)  # no two processes have one name
        store = _Store(
            self._folder,
            name,
            clock=self.now,
            wall_clock=self.wall,
            boot=lambda: "boot",
            poll_s=0.005,
            holders_s=0.01,
        )
        store.told = self._told
        self.stores.append(store)
        self._tasks.start_soon(store.run)
        await store.open()
        return store

    async def kill(self, store):
        store._session.life.leave()  # all that the operating system does; the rest goes on

    async def advance(self, seconds):
        for store in self.stores:
            await store._pump.flushed()  # what was told before is done before
        self._wall += seconds
        self._now += seconds


@asynccontextmanager
async def world(path):
    async with anyio.create_task_group() as tasks:
        there = DiskWorld(path / "store", tasks)
        try:
            yield there
        finally:
            with anyio.CancelScope(shield=True):
                for store in there.stores:
                    await store.close()
            tasks.cancel_scope.cancel()
