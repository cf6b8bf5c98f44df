"""The gate: few in a turn, in order, neither those that begin nor those that go on starving."""

from functools import partial

import anyio
import pytest
from anyio.lowlevel import checkpoint

from osago_daemon.quoting.gate import Gate
from osago_daemon.resilience.exchange import Rank

pytestmark = pytest.mark.anyio


class Line:
    """Who came through, in order."""

    def __init__(self, tasks, most):
        self.gate = Gate(tasks, most)
        self.through = []

    async def join(self, name, *, continuing=False, rank=Rank.INTERACTIVE, client=None):
        await self.gate.pass_(rank, client, continuing=continuing)
        self.through.append(name)

    async def go_on(self, name):
        await self.join(name, continuing=True)


async def test_as_many_as_fit_into_a_turn_do_not_wait():
    async with anyio.create_task_group() as tasks:
        line = Line(tasks, 3)
        with anyio.CancelScope() as scope:
            scope.cancel()  # ends whatever waits
            for name in range(4):
                await line.join(name)
    assert line.through == [0, 1, 2]


async def test_everybody_comes_through_first_come_first_served_and_nothing_runs_on():
    async with anyio.create_task_group() as tasks:
        line = Line(tasks, 2)
        for name in range(9):
            await line.join(name)
    assert line.through == list(range(9))


async def test_three_begin_for_each_that_goes_on():
    async with anyio.create_task_group() as tasks:
        line = Line(tasks, 1)
        async with anyio.create_task_group() as crowd:
            await line.join("fills the turn")
            for _ in range(20):
                crowd.start_soon(line.go_on, "goes on")
            for _ in range(20):
                crowd.start_soon(line.join, "begins")
    told = line.through[1:17]
    assert 10 <= told.count("begins") <= 14  # on trio the first of them come in any order


async def test_no_more_than_a_turns_worth_come_through_in_a_turn():
    seen = []
    async with anyio.create_task_group() as tasks:
        line = Line(tasks, 4)
        for name in range(40):
            tasks.start_soon(line.join, name)
        while len(line.through) < 40:
            before = len(line.through)
            await checkpoint()
            seen.append(len(line.through) - before)
    assert max(seen) <= 2 * 4  # on trio a turn's tasks run in any order


async def test_who_is_cancelled_while_waiting_leaves_the_line():
    async with anyio.create_task_group() as tasks:
        line = Line(tasks, 1)
        await line.join("first")
        with anyio.CancelScope() as scope:
            scope.cancel()
            await line.join("cancelled")
        await line.join("after")
    assert line.through == ["first", "after"]


async def test_an_agents_quote_passes_the_batch_that_waits():
    async with anyio.create_task_group() as tasks:
        line = Line(tasks, 1)
        await line.join("fills the turn")
        for number in range(50):
            tasks.start_soon(partial(line.join, f"batch {number}", rank=Rank.BATCH))
        await checkpoint()
        tasks.start_soon(line.join, "agent")
    assert line.through.index("agent") <= 4


async def test_one_clients_many_do_not_starve_another_ones_one():
    async with anyio.create_task_group() as tasks:
        line = Line(tasks, 1)
        await line.join("fills the turn")
        for number in range(50):
            tasks.start_soon(partial(line.join, f"many {number}", client="many"))
        await checkpoint()
        tasks.start_soon(partial(line.join, "one", client="one"))
    assert line.through.index("one") <= 6
