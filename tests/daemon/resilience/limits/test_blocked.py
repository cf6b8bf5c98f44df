"""Those who wait for a place hear what goes on further in."""

from functools import partial

import anyio
import pytest

from osago_daemon.resilience.breaker import Breaker, BreakerPolicy
from osago_daemon.resilience.limits.policies import BulkheadPolicy
from osago_daemon.resilience.numbers import BreakerNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio


class Door:
    """Shut or not, as a breaker is."""

    shut = False

    def __init__(self):
        self.troubles = []

    def blocked(self):
        if not self.shut:
            return None
        self.troubles.append(Trouble(TroubleKind.BROKEN_OFF, "isolated by hand"))
        return self.troubles[-1]


def behind(door, insurer):
    insurer.bulkhead = BulkheadPolicy(insurer.limiter, blocked=door.blocked)
    return insurer


def broken_off(insurer):
    return {
        name: at
        for name, (at, trouble) in insurer.refused().items()
        if trouble.kind is TroubleKind.BROKEN_OFF
    }


async def test_who_waited_for_a_place_heard_only_when_one_was_free_that_it_was_of_no_use(
    make_insurer,
):
    door = Door()
    insurer = behind(door, make_insurer(at_once=2, latency_s=15.0))
    async with anyio.create_task_group() as group:
        for name in ("hangs", "hangs too", "waits", "waits too"):
            group.start_soon(insurer.ask, name)
            await anyio.lowlevel.checkpoint()
        await anyio.sleep(1.0)
        door.shut = True
        insurer.bulkhead.changed("isolated")
        await anyio.sleep(1.0)
        group.start_soon(insurer.ask, "begun at 2")
    assert broken_off(insurer) == {"waits": 1, "waits too": 1, "begun at 2": 2}
    told = [trouble for _, trouble in insurer.refused().values()]
    assert len(set(map(id, told))) == 3
    assert insurer.idle()


async def test_who_waits_outside_for_a_ticket_hears_it_too(make_insurer):
    door = Door()
    insurer = behind(door, make_insurer(per_second=1, at_once=50))
    async with anyio.create_task_group() as group:
        group.start_soon(insurer.ask_all, range(5))
        await anyio.sleep(1.5)
        door.shut = True
        insurer.bulkhead.changed()
    assert len(insurer.came) == 2
    assert set(broken_off(insurer).values()) == {1.5}
    assert insurer.idle()


async def test_a_change_for_the_better_releases_nobody_and_a_free_place_asks_nobody(make_insurer):
    door = Door()
    insurer = behind(door, make_insurer(at_once=1, latency_s=1.0))
    async with anyio.create_task_group() as group:
        group.start_soon(insurer.ask, "a")
        await anyio.lowlevel.checkpoint()
        group.start_soon(insurer.ask, "b")
        await anyio.sleep(0.5)
        insurer.bulkhead.changed()
    door.shut = True
    await insurer.ask("c")  # whom there is room for, the breaker itself refuses
    assert insurer.came == [("a", 0), ("b", 1), ("c", 2)]
    assert door.troubles == []


async def test_a_release_at_the_deadline_or_amid_cancellations_loses_nothing(make_insurer):
    door = Door()
    insurer = behind(door, make_insurer(at_once=1, latency_s=20.0))

    async def gives_up(name):
        with anyio.move_on_after(1.0):
            await insurer.ask(name)

    async with anyio.create_task_group() as group:
        group.start_soon(insurer.ask, "inside")
        await anyio.lowlevel.checkpoint()
        group.start_soon(gives_up, "cancelled")
        group.start_soon(partial(insurer.ask, "at its deadline", left_s=1.0))
        group.start_soon(insurer.ask, "waits")
        await anyio.sleep(1.0)
        door.shut = True
        insurer.bulkhead.changed()
        assert insurer.limiter.places.waiting == 0
        door.shut = False
        group.start_soon(insurer.ask, "later")
    assert broken_off(insurer)["waits"] == 1
    assert insurer.came == [("inside", 0), ("later", 20)]
    assert insurer.idle()


async def test_thousands_are_released_at_once(make_insurer):
    door = Door()
    insurer = behind(door, make_insurer(at_once=1, latency_s=30.0))
    async with anyio.create_task_group() as group:
        for name in range(3000):
            group.start_soon(insurer.ask, name)
        await anyio.sleep(1.0)
        door.shut = True
        insurer.bulkhead.changed()
    assert len(broken_off(insurer)) == 2999
    assert set(broken_off(insurer).values()) == {1}
    assert insurer.idle()


async def test_a_breaker_that_opens_releases_those_outside_and_costs_no_ticket(make_insurer):
    breaker = Breaker("a", BreakerNumbers(), slow_s=5.0)
    insurer = make_insurer(per_day=3, at_once=2, latency_s=15.0)
    insurer.bulkhead = BulkheadPolicy(insurer.limiter, blocked=breaker.blocked)
    breaker.listeners.append(insurer.bulkhead.changed)
    policy = BreakerPolicy(breaker)
    limited = insurer._limited

    async def broken(exchange):
        return await policy.run(exchange, limited)

    insurer._limited = broken
    async with anyio.create_task_group() as group:
        for name in ("hangs", "hangs too", "waits"):
            group.start_soon(insurer.ask, name)
            await anyio.lowlevel.checkpoint()
        await anyio.sleep(1.0)
        breaker.isolate(None)
        await anyio.sleep(1.0)
        group.start_soon(insurer.ask, "begun at 2")
    assert broken_off(insurer) == {"waits": 1, "begun at 2": 2}
    (per_day, _) = insurer.limiter.status(anyio.current_time())
    assert per_day.left == 1
    breaker.restore()
    await insurer.ask("restored")
    assert insurer.came[-1] == ("restored", 15)
