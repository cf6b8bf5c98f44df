"""Daemons on one store: each a desk with its keeper of health, its own clock, and its death."""

from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

import anyio

from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.health import HealthKeeper
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from tests.support.desk import START, another_application, ended, insurer_of


class Clock:
    """Wall clocks over the virtual time."""

    def __init__(self):
        self.began = anyio.current_time()

    def wall(self, skew_s=0.0):
        return START + timedelta(seconds=anyio.current_time() - self.began + skew_s)


class CountingStore(MemoryStore):
    """Knows what was put, and may be away."""

    def __init__(self, hub, name):
        super().__init__(hub, name)
        self.puts = []

    async def put(self, name, value, keep_s):
        await super().put(name, value, keep_s)
        self.puts.append(name)

    async def away(self):
        """Every operation raises StoreError until it is opened again."""
        await self.close()


class Instance:
    """One daemon."""

    def __init__(self, store, desk, keeper):
        self.store = store
        self.desk = desk
        self.keeper = keeper
        self.scope = anyio.CancelScope()

    def breaker(self, id_="a"):
        return self.desk.insurers[id_].pipeline.breaker

    async def ask(self, times=1):
        for _ in range(times):
            run = self.desk.start(
                another_application(),
                insurers=list(self.desk.insurers),
                deadline_s=60.0,
                cache="use",
            )
            await ended(run)

    def kill(self):
        """Nothing of it happens any more; what it noted stays."""
        self.scope.cancel()
        self.store.hub.kill(self.store.name)


class Instances:
    """Several daemons on one hub."""

    def __init__(self, tasks):
        self.clock = Clock()
        self.hub = MemoryHub(wall=lambda: self.clock.wall().timestamp())
        self._tasks = tasks
        self._ids = count(1)

    async def start(self, name="one", *, skew_s=0.0, keep=True, **adapters):
        """One more, restored; `keep`: it also saves and exchanges hints."""
        store = CountingStore(self.hub, name)
        await store.open()

        def wall_clock():
            return self.clock.wall(skew_s)

        desk = QuoteDesk(
            self._tasks,
            [insurer_of(id_, adapter) for id_, adapter in adapters.items()],
            Surroundings(store, b"k" * 32, wall_clock, new_id=lambda: f"q{next(self._ids)}"),
        )
        keeper = HealthKeeper(store, desk.insurers.values(), wall_clock=wall_clock, instance=name)
        instance = Instance(store, desk, keeper)
        await keeper.restore()
        if keep:
            self._tasks.start_soon(self._keep, instance)
        return instance

    async def _keep(self, instance):
        with instance.scope:
            await instance.keeper.keep()


@asynccontextmanager
async def instances():
    """Daemons on trio's clock, ended at the end."""
    async with anyio.create_task_group() as tasks:
        yield Instances(tasks)
        tasks.cancel_scope.cancel()
