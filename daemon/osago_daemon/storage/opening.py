"""Builds the store that `--store` names: sealed, and with one in memory to stand in for it."""

import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from osago_daemon.storage.address import DiskAddress, MemoryAddress, StoreAddress
from osago_daemon.storage.disk.store import DiskStore
from osago_daemon.storage.errors import StoreRefusedError
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.port import Primary
from osago_daemon.storage.seal import Seal
from osago_daemon.storage.sealed import SealedStore
from osago_daemon.storage.standby import StandbyStore


def instance_name(daemon_socket: Path) -> str:
    """The same for each daemon that serves this socket of this machine, one after the other.

    So a restarted daemon is known to have taken the place of the one before.
    """
    text = f"{socket.gethostname()}\n{daemon_socket.absolute()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@asynccontextmanager
async def open_store(address: StoreAddress, name: str, seal: Seal) -> AsyncIterator[StandbyStore]:
    """The store, as long as it is used. One that can't be reached is away, and no error.

    Raises StoreRefusedError where somebody has to mend something first.
    """
    try:
        async with _opened(address, name, seal) as store:
            yield store
    except BaseExceptionGroup as group:
        refused, rest = group.split(StoreRefusedError)
        if refused is None or rest is not None:
            raise
        raise StoreRefusedError(str(_first(refused))) from None


def _first(group: BaseException) -> BaseException:
    return _first(group.exceptions[0]) if isinstance(group, BaseExceptionGroup) else group


@asynccontextmanager
async def _opened(address: StoreAddress, name: str, seal: Seal) -> AsyncIterator[StandbyStore]:
    async with anyio.create_task_group() as tasks:
        primary: Primary
        match address:
            case DiskAddress(folder):
                disk = DiskStore(folder, name)
                tasks.start_soon(disk.run)
                primary = disk
            case MemoryAddress():
                primary = MemoryStore(MemoryHub(), name)
            case _:
                # Only here: redis-py takes a tenth of a second to import.
                from osago_daemon.storage.redis.store import RedisStore

                primary = RedisStore(address, name, seal_check=seal.check, tasks=tasks)
        async with StandbyStore(SealedStore(primary, seal), MemoryStore(MemoryHub())) as store:
            yield store
        tasks.cancel_scope.cancel()
