"""Sealed values in memory: sealing changes nothing that a store promises."""

from contextlib import asynccontextmanager

from osago_daemon.storage.seal import Seal
from osago_daemon.storage.sealed import SealedStore
from tests.daemon.storage.conformance.world_memory import MemoryWorld


class SealedWorld(MemoryWorld):
    """Implements `StoreWorld`."""

    async def instance(self, name):
        return SealedStore(await super().instance(name), Seal(b"secret"))

    async def kill(self, store):
        await super().kill(store._primary)


@asynccontextmanager
async def world(_path):
    yield SealedWorld()
