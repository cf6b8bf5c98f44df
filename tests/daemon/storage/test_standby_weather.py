"""Two daemons on a store in all weathers, by seed: what must hold, holds."""

import random
from contextlib import AsyncExitStack
from functools import partial

import anyio
import pytest

from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.port import Answer, Ending, Key, Lease, StoreError, Taken
from osago_daemon.storage.standby import StandbyStore
from tests.daemon.storage.flaky import Flaky

pytestmark = pytest.mark.anyio

START = 1_800_000_000.0
KEYS = [Key("a", "2027-01-15", str(n)) for n in range(6)]
STEPS = 60
OPERATIONS = ("open", "check", "claim", "peek", "note", "finish", "wait")


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


def wall():
    return START + anyio.current_time()


class Daemon:
    """One process, asked by several people at once."""

    def __init__(self, world, name):
        self.chance, self.answered = world.chance, world.answered
        self.flaky = Flaky(MemoryStore(world.hub, name))
        self.store = StandbyStore(
            self.flaky,
            MemoryStore(MemoryHub(wall=wall)),
            wall=wall,
            random_=self.chance.random,
        )
        self.asking = set()

    async def person(self):
        for _ in range(STEPS):
            await anyio.sleep(self.chance.random())
            with anyio.move_on_after(self.chance.choice([0.3, 30.0])):
                key = self.chance.choice(KEYS)
                with anyio.CancelScope(shield=True):  # as every claim is made
                    (claim,) = await self.store.claim([key], fresh=self.chance.random() < 0.3)
                if isinstance(claim, Taken):
                    await self.ask(Lease(key, claim.token, START + 86_400.0))
                elif not isinstance(claim, Answer):
                    await self.store.wait(key, claim.token)

    async def ask(self, lease):
        assert lease.key not in self.asking, "asked twice by one process"
        self.asking.add(lease.key)
        ended = False
        try:
            if self.chance.random() < 0.7:
                await self.store.note(lease, b"intent")
            await anyio.sleep(3.0 * self.chance.random())
            self.asking.discard(lease.key)
            ended = True
            if self.chance.random() < 0.7:
                if await self.store.finish(lease, Ending(b"answer", START + 86_400.0)):
                    self.answered.add(lease.key)
            else:
                await self.store.finish(lease, Ending(entry=b"open", word=b"failed"))
        finally:
            if not ended:
                self.asking.discard(lease.key)
                self.store.release(lease)

    async def weather(self):
        while True:
            await anyio.sleep(4.0 * self.chance.random())
            if self.chance.random() < 0.5:
                operation = self.chance.choice(OPERATIONS)
                self.flaky.fails[operation] = self.chance.choice(["before", "after"])
            else:
                self.flaky.down = StoreError("storm")
                await anyio.sleep(5.0 * self.chance.random())
                self.flaky.down = None


class World:
    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.hub = MemoryHub(wall=wall)
        self.answered = set()
        self.daemons = [Daemon(self, name) for name in ("one", "two")]

    async def live(self):
        async with anyio.create_task_group() as weather:
            for daemon in self.daemons:
                weather.start_soon(daemon.weather)
            async with anyio.create_task_group() as people:
                for daemon in self.daemons * 4:
                    people.start_soon(daemon.person)
            weather.cancel_scope.cancel()
        for daemon in self.daemons:
            daemon.flaky.down, daemon.flaky.fails = None, {}
        await anyio.sleep(60.0)


async def played(seed):
    world = World(seed)
    async with AsyncExitStack() as stack:
        for daemon in world.daemons:
            await stack.enter_async_context(daemon.store)
        with anyio.fail_after(10_000):
            await world.live()
        for daemon in world.daemons:
            assert daemon.store.state().away_since is None
            assert daemon.store._calls._debts == {}
            assert daemon.store._calls._calls == {}
            assert daemon.store._stand_in.hub.leases == {}
            kept = await daemon.store.peek(sorted(world.answered))
            assert None not in kept, "an answer was lost"
        assert world.hub.leases == {}
        assert world.answered


@pytest.mark.parametrize("seeds", [range(n, n + 10) for n in (0, 10, 20)], ids=str)
def test_in_any_weather_nobody_asks_twice_no_answer_is_lost_and_nothing_stays_held(
    seeds, virtual_time
):
    backend, options = virtual_time
    for seed in seeds:
        anyio.run(partial(played, seed), backend=backend, backend_options=dict(options))
