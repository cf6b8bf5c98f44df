"""Several instances on one store in memory, and what stands between them and it."""

import anyio

from osago_daemon.resilience.limits.port import Wait
from osago_daemon.resilience.numbers import LimitNumbers
from osago_daemon.storage.limits import SharedLimits, refresh
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.port import StoreError


class Link:
    """One instance's way to the hub: slow, or down for a time.

    What was asked for is done also where nobody waits for it any more, as behind a network.
    """

    def __init__(self, hub, name):
        self.store = MemoryStore(hub, name)
        self.down = False
        self.there_s = self.back_s = 0.0
        self.group = None
        self.asked = 0
        self.instances = 0

    async def take_place(self, *request):
        self.asked += 1
        if self.group is None:
            self.check()
            return await self.store.take_place(*request)
        answered, answer = anyio.Event(), []

        async def trip():
            await anyio.sleep(self.there_s)
            if not self.down:
                answer.append(await self.store.take_place(*request))
            await anyio.sleep(self.back_s)
            answered.set()

        self.group.start_soon(trip)
        await answered.wait()
        self.check()
        return answer[0]

    async def usage(self, rules):
        self.check()
        usage = await self.store.usage(rules)
        self.instances = self.store.state().instances
        return usage

    async def add_places(self, insurer, ended_s_ago):
        self.check()
        await self.store.add_places(insurer, ended_s_ago)

    def state(self):
        """As last heard: so it says nothing new while it is down."""
        return self.store.state()._replace(instances=self.instances)

    def end_place(self, place):
        if not self.down:
            self.store.end_place(place)

    def drop_place(self, place):
        if not self.down:
            self.store.drop_place(place)

    def pause(self, insurer, for_s):
        if not self.down:
            self.store.pause(insurer, for_s)

    def resume(self, insurer):
        if not self.down:
            self.store.resume(insurer)

    def check(self):
        if self.down:
            raise StoreError("away")


class Instance:
    """A daemon process, as far as one insurer's limits go."""

    def __init__(self, hub, name, limits, clock):
        self.link = Link(hub, name)
        self.limits = SharedLimits("a", LimitNumbers(**limits), self.link, clock=clock)

    async def refresh(self):
        await refresh([self.limits], self.link)


class Machines:
    """So many instances of one insurer's limits, on anyio's clock."""

    def __init__(self, count=2, clock=anyio.current_time, **limits):
        self.clock = clock
        self.hub = MemoryHub(monotonic=clock, wall=clock)
        self.all = [Instance(self.hub, str(n), limits, clock) for n in range(count)]

    async def open(self):
        for one in self.all:
            await one.link.store.open()
        await self.refresh()
        return self

    async def refresh(self):
        for one in self.all:
            await one.refresh()

    async def live(self, seconds):
        """Let time pass as it does in a daemon: with news each second."""
        for _ in range(seconds):
            await anyio.sleep(1.0)
            await self.refresh()

    def go_away(self, *, down=True):
        for one in self.all:
            one.link.down = down

    async def ask(self, number=0):
        """A request that is answered at once. Whether there was room."""
        limits = self.all[number].limits
        ticket = await limits.take(self.clock())
        if isinstance(ticket, Wait):
            assert ticket.free_at > self.clock(), "would ask over and over"
            return False
        ticket.sent(self.clock())
        ticket.answered(self.clock())
        return True

    async def ask_all(self, number=0):
        """How many are let through at once."""
        count = 0
        while await self.ask(number):
            count += 1
        return count
