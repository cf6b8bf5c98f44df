"""Those who wait further in are released when the breaker opens: on both event loops."""

import anyio
import anyio.lowlevel
import pytest

from osago_daemon.resilience.breaker import Breaker, BreakerPolicy, State
from osago_daemon.resilience.exchange import Answered
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.breaker import numbers_of
from tests.support.exchange import Server, exchange, kind_of

pytestmark = pytest.mark.anyio

BROKEN_OFF = TroubleKind.BROKEN_OFF


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


def policy():
    return BreakerPolicy(Breaker("a", numbers_of(), slow_s=5.0, random_=lambda: 0.5))


async def ask(asked):
    """The innermost step."""
    try:
        return Answered(await asked.send())
    except Trouble as trouble:
        return trouble


def gated(gate):
    async def wait_then_ask(asked):
        await gate.wait()
        return await ask(asked)

    return wait_then_ask


async def released(guard, close):
    """What those hear who wait for a gate further in while `close` happens."""
    gate, server, results = anyio.Event(), Server(), []

    async def call():
        results.append(await guard.run(exchange(server), gated(gate)))

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        await close()
    assert server.requests == 0
    return results


async def test_those_who_wait_further_in_are_released_when_it_opens():
    guard = policy()

    async def failures():
        for _ in range(5):
            await guard.run(exchange(Server(TroubleKind.RESET)), ask)

    results = await released(guard, failures)
    assert [kind_of(result) for result in results] == [BROKEN_OFF] * 10
    assert all(0 < result.retry_after_s <= 15.0 for result in results)
    assert len({id(result) for result in results}) == 10
    assert guard.breaker.free_in_s() > 0


async def test_those_who_wait_further_in_are_released_when_it_is_isolated():
    guard = policy()

    async def isolate():
        guard.breaker.isolate(None)

    results = await released(guard, isolate)
    assert [(kind_of(result), result.retry_after_s) for result in results] == [
        (BROKEN_OFF, None)
    ] * 10


async def test_an_attempt_under_way_may_finish_though_it_opens():
    guard, sent, results = policy(), anyio.Event(), []

    async def send():
        await sent.wait()
        return "answer"

    async def call():
        results.append(kind_of(await guard.run(exchange(send), ask)))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        guard.breaker.isolate(None)
        await anyio.wait_all_tasks_blocked()
        sent.set()
    assert results == ["answer"]
    assert guard.breaker.state is State.ISOLATED


async def test_who_is_let_through_at_the_moment_it_opens_does_not_send():
    guard, server = policy(), Server()

    async def opens_then_asks(asked):
        guard.breaker.isolate(60.0)  # no checkpoint between this and the send
        return await ask(asked)

    result = await guard.run(exchange(server), opens_then_asks)
    assert (kind_of(result), result.retry_after_s, server.requests) == (
        BROKEN_OFF,
        pytest.approx(60.0, abs=59.0),
        0,
    )
    await anyio.lowlevel.checkpoint()  # the release reaches nobody who has gone on


async def test_a_cancellation_from_outside_wins_over_the_release():
    guard, results = policy(), []

    async def call():
        results.append(await guard.run(exchange(), gated(anyio.Event())))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        guard.breaker.isolate(None)
        tasks.cancel_scope.cancel()
    assert results == []
