"""Taking a place of the store's: all or nothing, whatever happens on the way, and without fuss."""

from functools import partial

import anyio
import pytest

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import Exchange
from osago_daemon.resilience.limits.limiter import Limiter
from osago_daemon.resilience.limits.port import FREE, PAUSE, Wait
from osago_daemon.resilience.numbers import LimitNumbers
from osago_daemon.storage.limits.shared import TRIP_S
from tests.daemon.storage.limits.machines import Machines

pytestmark = pytest.mark.anyio


async def nothing():
    """What the exchanges of these tests would send."""


class Deaf:
    def queued(self, free_in_s):
        """Nobody wants to know."""


async def test_without_windows_the_store_is_not_asked():
    machines = await Machines(at_once=3).open()
    assert await machines.all[0].limits.take(anyio.current_time()) is FREE
    assert machines.all[0].link.asked == 0


async def test_at_once_is_this_instances_own():
    machines = await Machines(at_once=2).open()
    for one in machines.all:
        leases = [await one.limits.enter(0.0) for _ in range(3)]
        assert [isinstance(lease, Wait) for lease in leases] == [False, False, True]
        leases[0].leave()
        assert not isinstance(await one.limits.enter(0.0), Wait)


async def test_all_instances_together_get_what_the_window_allows():
    machines = await Machines(3, per_minute=10).open()
    assert [await machines.ask_all(n) for n in range(3)] == [10, 0, 0]
    await anyio.sleep(60.0)
    assert [await machines.ask(n) for n in (1, 2) * 5] == [True] * 10
    assert not await machines.ask(0)


@pytest.mark.parametrize("cancelled_at", [0.0, 0.05, 0.15, 0.25])
async def test_a_place_given_to_somebody_cancelled_is_free_again(cancelled_at):
    machines = await Machines(per_day=1).open()
    mine, others = machines.all
    async with anyio.create_task_group() as group:
        mine.link.group, mine.link.there_s, mine.link.back_s = group, 0.1, 0.1
        got = []
        with anyio.move_on_after(cancelled_at):
            got.append(await mine.limits.take(anyio.current_time()))
        if got:
            got[0].abandoned()
        await anyio.sleep(1.0)
    assert mine.limits.levels(anyio.current_time())[0].left == 1
    assert await others.limits.take(anyio.current_time()) is not None
    assert not await machines.ask(1), "the other one has got it"


async def test_a_place_that_was_too_long_on_its_way_is_not_used():
    machines = await Machines(per_minute=1).open()
    mine = machines.all[0]
    async with anyio.create_task_group() as group:
        mine.link.group, mine.link.back_s = group, TRIP_S + 0.5
        began = anyio.current_time()
        with anyio.move_on_after(TRIP_S):
            await mine.limits.take(began)
        mine.link.group = None
        assert await machines.ask(1)


async def test_a_request_counts_from_its_sending_though_its_place_was_long_on_its_way():
    machines = await Machines(per_second=1).open()
    mine = machines.all[0]
    async with anyio.create_task_group() as group:
        mine.link.group, mine.link.back_s = group, TRIP_S * 0.9
        ticket = await mine.limits.take(anyio.current_time())
        sent_at = anyio.current_time()
        ticket.sent(sent_at)
        ticket.abandoned()
    arrives_by = sent_at + LimitNumbers().arrival_s
    await anyio.sleep_until(arrives_by + 0.99)
    assert not await machines.ask(1)
    await anyio.sleep(TRIP_S)
    assert await machines.ask(1)


async def test_those_who_ask_at_once_do_not_all_ask_the_store():
    machines = await Machines(per_second=5).open()
    mine = machines.all[0]
    got = []

    async def take():
        got.append(await mine.limits.take(anyio.current_time()))

    async with anyio.create_task_group() as group:
        mine.link.group, mine.link.there_s = group, 0.1
        for _ in range(1000):
            group.start_soon(take)
    assert mine.link.asked == 5
    assert sum(not isinstance(one, Wait) for one in got) == 5


async def test_queues_of_several_instances_are_served_as_fast_as_the_limit_allows():
    machines = await Machines(3, per_second=5, at_once=100).open()
    came = []

    async def one(limiter):
        ticket = await limiter.tickets.get(Exchange(nothing, Deadline.after(600.0), Deaf()))
        came.append(anyio.current_time())
        ticket.sent(came[-1])
        ticket.answered(came[-1])

    began = anyio.current_time()
    async with anyio.create_task_group() as group:
        for machine in machines.all:
            limiter = Limiter(LimitNumbers(per_second=5, at_once=100), store=machine.limits)
            for _ in range(40):
                group.start_soon(partial(one, limiter))
    # 120 requests, 5 a second: the last ones after 23 s, but for a timer's edge each time.
    assert 23.0 <= came[-1] - began < 23.5
    assert all(b - a >= 1.0 for a, b in zip(came, came[5:], strict=False))
    asked = sum(machine.link.asked for machine in machines.all)
    assert asked < 4 * len(came), "the store was asked over and over"


async def test_a_refusal_is_remembered_until_there_can_be_room():
    machines = await Machines(per_minute=1).open()
    assert await machines.ask(1)
    await anyio.sleep(20.0)
    mine = machines.all[0]
    for _ in range(3):
        wait = await mine.limits.take(anyio.current_time())
        assert wait.limit == "per_minute"
        assert wait.free_at == pytest.approx(anyio.current_time() + 40.0)
    assert mine.link.asked == 1
    assert not mine.limits.has_room(anyio.current_time())
    # The one after it can't come before another whole window.
    assert mine.limits.forecast(1, anyio.current_time()).free_at == pytest.approx(wait.free_at + 60)


async def test_news_of_a_place_given_back_elsewhere_wakes_those_who_wait():
    machines = await Machines(per_minute=1).open()
    mine, other = machines.all
    ticket = await other.limits.take(anyio.current_time())
    assert not await machines.ask(0)
    woken = []
    mine.limits.listen(ticket=lambda: woken.append(1), lease=lambda: None)
    await mine.refresh()
    assert not woken
    ticket.abandoned()
    await mine.refresh()
    assert woken
    assert await machines.ask(0)


async def test_levels_count_all_instances():
    machines = await Machines(per_minute=5, at_once=7).open()
    for who in (0, 1, 1):
        assert await machines.ask(who)
    await machines.refresh()
    for one in machines.all:
        level, at_once = one.limits.levels(anyio.current_time())
        assert (level.limit, level.most, level.left) == ("per_minute", 5, 2)
        assert at_once.left == 7
    assert await machines.ask(0)
    assert machines.all[0].limits.levels(anyio.current_time())[0].left == 1


async def test_a_pause_holds_for_all_and_ends_for_all():
    machines = await Machines(per_second=5).open()
    mine, other = machines.all
    now = anyio.current_time()
    mine.limits.pause(now + 30.0)
    wait = await other.limits.take(now)
    assert wait == Wait(pytest.approx(now + 30.0), PAUSE)
    assert other.limits.paused_until() == pytest.approx(now + 30.0)
    mine.limits.resume()
    await other.refresh()
    assert await machines.ask(1)
    assert await machines.ask(0)


async def test_a_pause_is_heard_without_windows_too():
    machines = await Machines().open()
    machines.all[0].limits.pause(anyio.current_time() + 30.0)
    await machines.refresh()
    assert not await machines.ask(1)


async def test_old_snapshots_are_taken_without_harm():
    limits = (await Machines(per_day=1).open()).all[0].limits
    limits.load({}, 0.0, 0.0)
    limits.load({"paused_until_ms": None, "ends_ms": [1, 2]}, 0.0, 0.0)
    assert limits.snapshot(0.0, 0.0) == {}
    assert limits.levels(anyio.current_time())[0].left == 1
