"""New numbers for an insurer that goes on: what counted counts, retries stay each call's own."""

import anyio
import pytest

from osago_daemon.resilience.breaker import State
from osago_daemon.resilience.budget import Budget
from osago_daemon.resilience.exchange import Answered
from osago_daemon.resilience.numbers import PacingNumbers, PipelineNumbers
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.polling.pacing import Pacer
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.storage.limits import SharedLimits, refresh
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from tests.support.exchange import exchange

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


def numbers(**tables):
    return PipelineNumbers.model_validate({"attempt_timeout_s": 10.0, **tables})


async def pair(before, after):
    """A pipeline on a store that instances share, what it becomes, and the store."""
    store = MemoryStore(MemoryHub(wall=anyio.current_time))
    await store.open()
    limits = SharedLimits("a", before.limits, store)
    old = Pipeline("a", before, limits_store=limits)
    new = old.renewed(after)
    new.take_over()
    return old, new, limits, store


def left(pipeline):
    states = pipeline.limiter.status(pipeline.limiter.clock())
    return {state.name: state.left for state in states}


async def sent(pipeline, count):
    for _ in range(count):
        assert isinstance(await pipeline.run(exchange()), Answered)


async def test_what_was_sent_counts_in_limits_that_came_later_and_through_both():
    old, new, limits, store = await pair(numbers(limits={"per_day": 9}), numbers())
    await refresh([limits], store)
    newer = new.renewed(numbers(limits={"per_day": 5, "per_minute": 4}))
    await sent(old, 1)  # without any window: counts nowhere
    newer.take_over()
    await refresh([limits], store)
    await sent(old, 1)
    await sent(newer, 2)
    assert left(newer) == {"per_minute": 1, "per_day": 2, "at_once": 500}
    tighter = newer.renewed(numbers(limits={"per_day": 2}))
    tighter.take_over()
    result = await old.run(exchange())
    assert isinstance(result, Trouble)
    assert "per_day = 2 leaves no room" in result.message
    await refresh([limits], store)
    assert left(tighter)["per_day"] == 0


async def test_two_files_requests_share_the_places_at_once_and_who_waits_is_let_in():
    old, new, _, _ = await pair(
        numbers(limits={"at_once": 1}), numbers(limits={"at_once": 1}, attempt_timeout_s=9.0)
    )
    go, inside = anyio.Event(), 0

    async def hold():
        nonlocal inside
        inside += 1
        await go.wait()

    async with anyio.create_task_group() as tasks:
        for pipeline in (old, new, old):
            tasks.start_soon(pipeline.run, exchange(hold))
        await anyio.sleep(1)
        assert inside == 1
        new.renewed(numbers(limits={"at_once": 3})).take_over()
        await anyio.sleep(1)
        assert inside == 3
        go.set()


async def test_the_share_of_a_store_that_is_away_follows_too():
    old, _, limits, _ = await pair(numbers(limits={"per_minute": 10}), numbers(attempt_timeout_s=5))
    limits.allow(numbers(limits={"per_minute": 10}).limits)
    await sent(old, 3)
    limits.lost()
    limits.allow(numbers(limits={"per_minute": 5}).limits)
    assert left(old)["per_minute"] == 2
    await sent(old, 2)
    assert not limits.has_room(anyio.current_time())
    limits.allow(numbers().limits)
    await sent(old, 9)


async def test_the_breaker_goes_by_the_new_numbers_and_stays_what_it_is():
    old, new, _, _ = await pair(
        numbers(breaker={"window": 4, "failure_rate": 1.0, "open_s": 60.0, "max_open_s": 60.0}),
        numbers(breaker={"window": 4, "failure_rate": 0.5, "max_open_s": 7.0, "jitter": 0.0}),
    )

    async def fail():
        raise Trouble(TroubleKind.SERVER_ERROR, "HTTP 500")

    newest = new.renewed(numbers(breaker={"window": 2, "failure_rate": 1.0}, retry={"attempts": 1}))
    newest.take_over()
    await newest.run(exchange(fail))
    assert old.breaker is newest.breaker
    assert old.breaker.state is State.CLOSED
    await newest.run(exchange(fail))
    assert old.breaker.state is State.OPEN
    shorter = newest.renewed(numbers(breaker={"open_s": 0.5, "max_open_s": 1.0}))
    shorter.take_over()
    assert old.breaker.state is State.OPEN
    assert 0 < old.breaker.free_in_s() <= 1.0


async def test_timeouts_and_retries_are_those_that_a_call_began_with():
    old, new, _, _ = await pair(
        numbers(retry={"attempts": 1}), numbers(retry={"attempts": 2}, attempt_timeout_s=2.0)
    )
    tried = 0

    async def never():
        nonlocal tried
        tried += 1
        await anyio.sleep(60)

    began = anyio.current_time()
    await old.run(exchange(never))
    assert (tried, anyio.current_time() - began) == (1, pytest.approx(10.0))
    await new.run(exchange(never))
    assert (tried, anyio.current_time() - began) == (3, pytest.approx(14.0))
    assert old.activity == new.activity > 0


def test_what_a_budget_owes_stays_owed():
    budget = Budget(10.0, 0.5)
    for _ in range(4):
        assert budget.spend()
    budget.follow(5.0, 0.1)
    assert budget.left == pytest.approx(1.0)
    budget.follow(2.0, 0.1)
    assert not budget.spend()


async def test_what_was_learned_of_polling_stays_and_the_pace_is_the_new_one():
    pacer = Pacer(PacingNumbers(first_s=1.0), random_=lambda: 0.0)
    for _ in range(50):
        pace = pacer.begin()
        pace.next_wait_s(0.0, 60.0)
        pace.decided(4.0)
    known = pacer.snapshot()["times"]
    pacer.follow(PacingNumbers(first_s=2.0, learn=False))
    assert pacer.snapshot()["times"] == known
    assert pacer.begin().next_wait_s(0.0, 60.0) == pytest.approx(2.0)
