"""The store goes away and comes back while insurers are being asked."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
import pytest

from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.resilience.numbers import LimitNumbers, PipelineNumbers
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.port import StoreError
from osago_daemon.storage.standby import StandbyStore
from tests.daemon.quoting.test_flights import Slow, outcome, start
from tests.daemon.quoting.test_recovery import Keeper
from tests.daemon.storage.flaky import Flaky
from tests.support.desk import (
    Pretend,
    another_application,
    ended,
    insurer_of,
    offer,
    virtual_hub,
)

pytestmark = pytest.mark.anyio

BACK_S = 15.0
"""Longer than it takes to notice that it is back."""


@asynccontextmanager
async def standing_by(hub, name, *, keeper=None, **adapters):
    """A desk on the hub as a daemon has it, and the switch of its store."""
    flaky = Flaky(MemoryStore(hub, name))
    stand_in = MemoryStore(MemoryHub(wall=hub.wall))
    async with (
        StandbyStore(flaky, stand_in, wall=hub.wall, random_=lambda: 0.5) as store,
        anyio.create_task_group() as tasks,
    ):
        around = Surroundings(
            store, b"k" * 32, lambda: datetime.fromtimestamp(hub.wall(), UTC), keeper=keeper
        )
        insurers = [insurer_of(id_, adapter) for id_, adapter in adapters.items()]
        desk = QuoteDesk(tasks, insurers, around)
        store.listeners.append(desk.store_changed)
        yield desk, flaky


def notices(events):
    return [event["code"] for event in events if event["type"] == "notice"]


async def away(flaky):
    flaky.down = StoreError("gone")
    await anyio.sleep(1.5)


async def test_quotes_go_on_without_the_store_and_say_so():
    a, application = Slow(), another_application()
    async with standing_by(virtual_hub(), "one", a=a) as (desk, flaky):
        await away(flaky)
        events = await ended(start(desk, application))
        assert (outcome(events)["type"], notices(events)) == ("offer", ["store_away"])
        assert "gone" in next(e["message"] for e in events if e["type"] == "notice")
        assert outcome(await ended(start(desk, application)))["source"] == "cache"
        flaky.down = None
        await anyio.sleep(BACK_S)
        events = await ended(start(desk, application))
    assert (outcome(events)["source"], notices(events)) == ("cache", [])
    assert a.creates == 1


async def test_a_run_under_way_hears_that_the_store_went_and_came():
    async with standing_by(virtual_hub(), "one", a=Slow(polls=30)) as (desk, flaky):
        run = start(desk, another_application())
        await away(flaky)
        flaky.down = None
        events = await ended(run)
    assert (outcome(events)["type"], notices(events)) == ("offer", ["store_away", "store_back"])


async def test_what_another_one_asks_is_not_sent_twice_where_that_can_not_be_undone():
    a, hub, application = Slow(polls=20, repeatable=False), virtual_hub(), another_application()
    async with (
        standing_by(hub, "one", a=a) as (one, _),
        standing_by(hub, "two", a=a) as (two, flaky),
    ):
        first = start(one, application)
        await anyio.sleep(0.5)
        second = start(two, application)
        await anyio.sleep(0.1)
        await away(flaky)
        assert outcome(await ended(second))["kind"] == "connection"
        assert outcome(await ended(first))["type"] == "offer"
    assert a.creates == 1


@pytest.mark.parametrize("answered", [False, True])
async def test_what_waited_in_line_while_the_store_was_away_was_created_a_second_time(answered):
    hub, application = virtual_hub(), another_application()
    a = Slow(polls=2 if answered else 30, repeatable=False)
    async with (
        standing_by(hub, "one", a=a) as (one, _),
        standing_by(hub, "two") as (two, flaky),
    ):
        busy = PipelineNumbers(attempt_timeout_s=30.0, limits=LimitNumbers(at_once=1))
        two.insurers["a"] = insurer_of("a", Pretend(offer(), after_s=25.0), busy)
        start(two, another_application())
        await anyio.sleep(0.5)
        await away(flaky)
        two.insurers["a"] = type(two.insurers["a"])(
            "a", "A", a, two.insurers["a"].pipeline, two.insurers["a"].pacer
        )
        waits = start(two, application)
        await anyio.sleep(1)
        flaky.down = None
        first = start(one, application)
        events = await ended(waits)
        premiums = [outcome(each)["premium"] for each in (events, await ended(first))]
    assert (a.creates, len(set(premiums))) == (1, 1)


async def test_a_resumed_run_created_a_second_time_as_the_store_was_away():
    hub, keeper, application = virtual_hub(), Keeper(), another_application()
    a = Slow(polls=30, repeatable=False)
    async with standing_by(hub, "one", keeper=keeper, a=a) as (one, _):
        start(one, application)
        await anyio.sleep(5)
        seen = len(keeper.runs[0].lines)
        hub.kill("one")
        one._tasks.cancel_scope.cancel()
    del keeper.runs[0].lines[seen:]  # whatever it wrote when it was dead
    async with standing_by(hub, "one", a=a) as (again, flaky):
        await away(flaky)
        again.resume(keeper.runs[0])
        events = await ended(again.get(keeper.runs[0].id))
    assert (outcome(events)["kind"], a.creates) == ("connection", 1)
