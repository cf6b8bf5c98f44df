"""Who waits for a call hears how exactly that call ended, also when it comes late."""

import anyio
import pytest

from osago_daemon.storage.port import Answer, Ending, Word
from tests.daemon.storage.conformance.steps import Waiter, answered, claim, key, taken

pytestmark = pytest.mark.anyio


@pytest.fixture
async def three(world, store, other):
    return [store, other, await world.instance("three")]


async def test_all_who_wait_hear_the_answer_in_every_process(world, three):
    lease, _ = await taken(world, three[0], key())
    async with anyio.create_task_group() as tasks:
        waiters = [Waiter(tasks, one, key(), lease.token) for one in three * 2]
        await anyio.wait_all_tasks_blocked()
        assert not any(waiter.over.is_set() for waiter in waiters)
        assert await three[0].finish(lease, answered(world))
        heard = {await waiter.result() for waiter in waiters}
    (answer,) = heard
    assert isinstance(answer, Answer)
    assert answer.value == b"answer"
    assert await three[2].peek([key()]) == [answer]


async def test_all_who_wait_hear_the_word_where_there_is_no_answer(world, three):
    lease, _ = await taken(world, three[0], key())
    async with anyio.create_task_group() as tasks:
        waiters = [Waiter(tasks, one, key(), lease.token) for one in three]
        await anyio.wait_all_tasks_blocked()
        assert await three[0].finish(lease, Ending(word=b"failed"))
        assert [await waiter.result() for waiter in waiters] == [Word(b"failed")] * 3
    assert (await taken(world, three[1], key()))[0].token == 2


@pytest.mark.parametrize("ends", ["finish", "release"])
async def test_all_who_wait_may_ask_themselves_where_it_ended_with_nothing(ends, world, three):
    lease, _ = await taken(world, three[0], key())
    async with anyio.create_task_group() as tasks:
        waiters = [Waiter(tasks, one, key(), lease.token) for one in three]
        await anyio.wait_all_tasks_blocked()
        if ends == "finish":
            assert await three[0].finish(lease, Ending(entry=b"of use"))
        else:
            three[0].release(lease)
        assert [await waiter.result() for waiter in waiters] == [None] * 3


async def test_who_comes_after_the_fact_hears_it_all_the_same(world, store, other):
    first, _ = await taken(world, store, key())
    assert await store.finish(first, Ending(word=b"first"))
    assert await other.wait(key(), first.token) == Word(b"first")
    second, _ = await taken(world, store, key())
    assert await store.finish(second, Ending())
    assert await other.wait(key(), second.token) is None
    third, _ = await taken(world, store, key())
    assert await store.finish(third, answered(world))
    assert (await other.wait(key(), third.token)).value == b"answer"


async def test_a_word_is_for_exactly_one_call(world, store, other):
    first, _ = await taken(world, store, key())
    assert await store.finish(first, Ending(word=b"first"))
    second, _ = await taken(world, store, key())
    assert await store.finish(second, Ending(word=b"second"))
    assert await other.wait(key(), second.token) == Word(b"second")
    assert await other.wait(key(), first.token) in (Word(b"first"), None)
    assert await other.wait(key(), 17) is None
    assert await other.wait(key("g"), second.token) is None


async def test_a_word_is_no_answer(world, store):
    lease, _ = await taken(world, store, key())
    assert await store.finish(lease, Ending(word=b"failed"))
    assert await store.peek([key()]) == [None]


async def test_waiting_for_an_older_call_does_not_wait_for_the_present_one(world, store, other):
    first, _ = await taken(world, store, key())
    store.release(first)
    second, _ = await taken(world, store, key())
    with anyio.fail_after(10):
        assert await other.wait(key(), first.token) is None
    assert await store.finish(second, Ending())


async def test_who_waits_for_a_fresh_call_hears_that_one_and_not_the_answer_before(
    world, store, other
):
    old, _ = await taken(world, store, key())
    assert await store.finish(old, answered(world, b"old"))
    lease, _ = await taken(world, store, key(), fresh=True)
    async with anyio.create_task_group() as tasks:
        waiter = Waiter(tasks, other, key(), lease.token)
        await anyio.wait_all_tasks_blocked()
        assert not waiter.over.is_set()
        assert await store.finish(lease, Ending(word=b"failed"))
        assert await waiter.result() == Word(b"failed")
    assert (await claim(other, key())).value == b"old"


async def test_a_fresh_call_without_a_word_says_nothing_of_the_answer_before(world, store, other):
    old, _ = await taken(world, store, key())
    assert await store.finish(old, answered(world, b"old"))
    lease, _ = await taken(world, store, key(), fresh=True)
    store.release(lease)
    assert await other.wait(key(), lease.token) is None


async def test_one_who_stops_waiting_takes_nobody_else_along(world, store, other):
    lease, _ = await taken(world, store, key())
    async with anyio.create_task_group() as tasks:
        patient = Waiter(tasks, other, key(), lease.token)
        impatient = Waiter(tasks, other, key(), lease.token)
        await anyio.wait_all_tasks_blocked()
        impatient.scope.cancel()
        assert await impatient.result() is None
        assert not patient.over.is_set()
        assert await store.finish(lease, answered(world))
        assert (await patient.result()).value == b"answer"
