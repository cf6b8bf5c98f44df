"""Who goes first where an insurer's limits make quotes wait, seen from the desk."""

from datetime import datetime

import anyio
import pytest

from osago_daemon.quoting.call import Asker
from osago_daemon.resilience.exchange import Rank
from osago_daemon.resilience.numbers import LimitNumbers, PipelineNumbers
from tests.support.desk import (
    Pretend,
    another_application,
    desk_of,
    ended,
    insurer_of,
    offer,
)

pytestmark = pytest.mark.anyio


def start(desk, client, rank=Rank.INTERACTIVE, deadline_s=60.0):
    return desk.start(
        another_application(),
        insurers=["busy"],
        deadline_s=deadline_s,
        cache="use",
        asker=Asker(rank, client),
    )


def busy(desk, **limits):
    """An insurer that takes two seconds for each of its few requests at once."""
    numbers = PipelineNumbers(attempt_timeout_s=10.0, limits=LimitNumbers(**limits))
    adapter = Pretend(offer(), after_s=2.0)
    desk.insurers["busy"] = insurer_of("busy", adapter, numbers)
    return adapter


async def order_of(runs):
    """The runs' names in the order in which they were answered."""
    ends = {name: (await ended(run))[-1] for name, run in runs.items()}
    return sorted(runs, key=lambda name: ends[name]["at"])


async def test_an_agents_quote_passes_the_batch_that_waits():
    async with desk_of() as desk:
        busy(desk, at_once=1)
        runs = {f"batch {n}": start(desk, "back office", Rank.BATCH) for n in range(5)}
        await anyio.sleep(1.0)
        runs["agent"] = start(desk, "agent")
        order = await order_of(runs)
    assert order.index("agent") == 1  # behind the one that was under way


async def test_one_clients_many_do_not_starve_another_ones_one():
    async with desk_of() as desk:
        busy(desk, at_once=1)
        runs = {f"many {n}": start(desk, "many") for n in range(20)}
        await anyio.sleep(1.0)
        runs["one"] = start(desk, "one")
        order = await order_of(runs)
    assert order.index("one") <= 2


async def test_what_does_not_fit_is_told_at_once_with_the_time_when_it_would():
    async with desk_of() as desk:
        busy(desk, per_minute=2)
        await anyio.sleep(1.0)
        runs = [start(desk, "many", deadline_s=30.0) for _ in range(3)]
        events = [await ended(run) for run in runs]
    ends = [next(e for e in told if e["type"] in {"offer", "failed"}) for told in events]
    refused = [e for e in ends if e["type"] == "failed"]
    assert [(e["kind"], e["elapsed_ms"], e["retryable"]) for e in refused] == [
        ("throttled", 0, True)
    ]
    wait = datetime.fromisoformat(refused[0]["retry_at"]) - datetime.fromisoformat(refused[0]["at"])
    assert wait.total_seconds() == pytest.approx(61.0, abs=1.5)  # and until it surely arrived


async def test_who_waits_is_told_so_until_it_is_asked():
    async with desk_of() as desk:
        busy(desk, per_second=1)
        runs = [start(desk, "a"), start(desk, "b")]
        events = [await ended(run) for run in runs]
    states = [[e["state"] for e in told if e["type"] == "insurer_state"] for told in events]
    assert sorted(states) == [["asking"], ["queued", "asking"]]
    (queued,) = [e for told in events for e in told if e.get("state") == "queued"]
    assert 0 < queued["retry_in_ms"] <= 4000
