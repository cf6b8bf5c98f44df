"""A pretend insurer behind its limits, on a virtual clock."""

from functools import partial

import anyio
import pytest

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import Answered, Exchange, Rank
from osago_daemon.resilience.limits.limiter import Limiter
from osago_daemon.resilience.limits.policies import BulkheadPolicy, RateLimitPolicy
from osago_daemon.resilience.numbers import LimitNumbers
from osago_daemon.resilience.trouble import Trouble


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


class Insurer:
    """Answers after `latency_s`; remembers who came when, and how everybody's asking ended.

    Times are seconds since it was made.
    """

    def __init__(self, *, latency_s=0.0, store=None, **limits):
        self.start = anyio.current_time()
        self.latency_s = latency_s
        self.limiter = Limiter(LimitNumbers(**limits), store=store)
        self.bulkhead = BulkheadPolicy(self.limiter)
        self.rate_limit = RateLimitPolicy(self.limiter)
        self.troubles = []
        self.came = []
        self.ended = {}
        self.queued = {}
        self.inside = self.most_inside = 0

    def now(self):
        return anyio.current_time() - self.start

    async def _serve(self, name):
        self.came.append((name, self.now()))
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            await anyio.sleep(self.latency_s)
        finally:
            self.inside -= 1
        if self.troubles:
            raise self.troubles.pop(0)
        return name

    async def _attempt(self, exchange):
        try:
            return Answered(await exchange.send())
        except Trouble as trouble:
            return trouble

    async def _limited(self, exchange):
        return await self.rate_limit.run(exchange, self._attempt)

    def exchange(self, name, *, left_s=60.0, rank=Rank.INTERACTIVE, client=None, continuing=False):
        insurer = self

        class Observer:
            def queued(self, free_in_s):
                insurer.queued.setdefault(name, []).append(free_in_s)

        return Exchange(
            lambda: insurer._serve(name),
            Deadline.after(left_s),
            Observer(),
            rank=rank,
            client=client,
            continuing=continuing,
        )

    async def ask(self, name, **how):
        """One exchange through both policies; notes what became of it, and when."""
        result = await self.bulkhead.run(self.exchange(name, **how), self._limited)
        self.ended[name] = (result, self.now())
        return result

    async def ask_all(self, names, **how):
        """All of them at one moment, in this order."""
        async with anyio.create_task_group() as group:
            for name in names:
                group.start_soon(partial(self.ask, name, **how))
                await anyio.lowlevel.checkpoint()  # trio shuffles those that start together

    def refused(self):
        """Who was told that there is no room: name → (when, the trouble)."""
        return {
            name: (at, result)
            for name, (result, at) in self.ended.items()
            if isinstance(result, Trouble)
        }

    def idle(self):
        """Whether nothing is held and nobody waits."""
        states = self.limiter.status(anyio.current_time())
        return states[-1].left == states[-1].limit and not any(state.waiting for state in states)


@pytest.fixture(scope="session")
def make_insurer():
    """Call it within the running test: its clock is the test's."""
    return Insurer
