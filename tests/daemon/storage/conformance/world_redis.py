"""Instances on one Valkey, on a clock of the test's that stands until it is moved.

Only who lives goes by the server's own time: an instance renews itself as long as it is not
killed. One server serves all tests of the session, emptied before each.
"""

import atexit
import tempfile
from contextlib import ExitStack, asynccontextmanager
from functools import cache
from pathlib import Path

import anyio
from anyio.lowlevel import checkpoint

from osago_daemon.storage.port import StoreError
from osago_daemon.storage.redis import RedisStore, RedisTiming, parse_address
from tests.support.valkey import valkey

ALIVE_S = 1.0
RENEW_S = 0.1


@cache
def _server():
    stack = ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="valkey"))
    server = stack.enter_context(valkey(Path(folder)))
    atexit.register(stack.close)
    return server


class RedisWorld:
    """Implements `StoreWorld`."""

    unit_s = 64.0  # times are sums of binary fractions: exact
    grain = 0.0

    def __init__(self, tasks):
        self._tasks = tasks
        self._wall = 1_800_000_000.0
        self._lives = {}
        self._stores = []

    def wall(self):
        return self._wall

    now = wall

    async def instance(self, name):
        store = RedisStore(
            parse_address(_server().url),
            name,
            seal_check="check",
            tasks=self._tasks,
            timing=RedisTiming(alive_s=ALIVE_S, recheck_s=RENEW_S),
            clock=self.wall,
            wall=self.wall,
        )
        await store.open()
        life = self._lives[id(store)] = anyio.CancelScope()
        self._stores.append(store)
        self._tasks.start_soon(self._live, store, life)
        return store

    async def kill(self, store):
        self._lives[id(store)].cancel()

    async def advance(self, seconds):
        self._wall += seconds
        await checkpoint()

    async def _live(self, store, life):
        with life:
            while True:
                await anyio.sleep(RENEW_S)
                try:
                    await store.check()
                except StoreError:
                    continue  # closed by the test, perhaps to be opened again

    async def stop(self):
        for store in self._stores:
            await store.close()


@asynccontextmanager
async def world(_path):
    _server().do("FLUSHALL")
    async with anyio.create_task_group() as tasks:
        there = RedisWorld(tasks)
        try:
            yield there
        finally:
            await there.stop()
            tasks.cancel_scope.cancel()
