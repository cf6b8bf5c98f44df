"""Stores on one folder in one process, on clocks that the test moves."""

from contextlib import asynccontextmanager

import anyio
import pytest

from osago_daemon.storage.disk.store import DiskStore
from osago_daemon.storage.port import Key, Lease


class Machine:
    """Its folder, its clocks, the stores that run on it."""

    def __init__(self, folder, tasks):
        self.folder = folder
        self.wall, self.now, self.boot = 1_800_000_000.0, 1000.0, "first"
        self.tasks = tasks
        self.stores = []

    def store(self, name="one", folder=None, **more):
        store = DiskStore(
            folder or self.folder,
            name,
            clock=lambda: self.now,
            wall_clock=lambda: self.wall,
            boot=lambda: self.boot,
            poll_s=0.005,
            holders_s=0.01,
            **more,
        )
        self.stores.append(store)
        self.tasks.start_soon(store.run)
        return store

    async def opened(self, name="one", **more):
        store = self.store(name, **more)
        await store.open()
        return store

    async def taken(self, store, key, *, fresh=False):
        (claimed,) = await store.claim([key], fresh=fresh)
        return Lease(key, claimed.token, self.wall + 3600)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def machine(tmp_path):
    async with running(tmp_path / "store") as there:
        yield there


@asynccontextmanager
async def running(folder):
    async with anyio.create_task_group() as tasks:
        there = Machine(folder, tasks)
        try:
            yield there
        finally:
            with anyio.CancelScope(shield=True):
                for store in there.stores:
                    await store.close()
            tasks.cancel_scope.cancel()


@pytest.fixture
def key():
    return Key("insurer", "2027-01-15", "f" * 64)
