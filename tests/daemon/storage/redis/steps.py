"""What the tests on a real Valkey do over and over."""

from contextlib import asynccontextmanager
from inspect import isawaitable

import anyio

from osago_daemon.storage.port import StoreError
from osago_daemon.storage.redis import RedisStore, RedisTiming, parse_address

SOON_S = 20.0
"""Real seconds; a test that needs nearly as many has failed."""

QUICK = RedisTiming(reply_s=0.4, patience_s=0.6, alive_s=0.6, recheck_s=0.2, resubscribe_s=0.05)


class Stores:
    """Stores that are closed at the end, each as in a process of its own."""

    def __init__(self, tasks):
        self.tasks = tasks
        self.made = []

    def make(self, url, name="one", *, timing=QUICK, seal_check="check"):
        store = RedisStore(
            parse_address(url), name, seal_check=seal_check, tasks=self.tasks, timing=timing
        )
        self.made.append(store)
        return store

    async def open(self, url, name="one", **more):
        store = self.make(url, name, **more)
        await store.open()
        return store


@asynccontextmanager
async def all_stores():
    async with anyio.create_task_group() as tasks:
        there = Stores(tasks)
        try:
            yield there
        finally:
            for store in there.made:
                await store.close()
            tasks.cancel_scope.cancel()


async def until(condition):
    """Until it holds, or the test fails."""
    with anyio.fail_after(SOON_S):
        while True:
            holds = condition()
            if await holds if isawaitable(holds) else holds:
                return
            await anyio.sleep(0.01)


async def opened_again(store):
    """As the daemon does it: by trying."""

    async def can_be_opened():
        try:
            await store.open()
        except StoreError:
            return False
        return True

    await until(can_be_opened)
