"""What a process held is free when it is dead, and a dead one can't write."""

import anyio
import pytest

from osago_daemon.storage.port import Held, StoreError
from tests.daemon.storage.conformance.steps import (
    Waiter,
    answered,
    claim,
    eventually,
    kept_answer,
    key,
    refused,
    taken,
)

pytestmark = pytest.mark.anyio


async def test_a_dead_one_s_key_is_free_and_the_journal_says_how_far_it_was(world, store, other):
    lease, _ = await taken(world, store, key())
    assert await store.note(lease, b"created 17")
    await world.kill(store)
    again, entry = await taken(world, other, key())
    assert (again.token, entry) == (2, b"created 17")


async def test_who_waits_for_a_dead_one_may_ask_and_only_one_of_them_does(world, store, other):
    third = await world.instance("three")
    lease, _ = await taken(world, store, key())
    async with anyio.create_task_group() as tasks:
        waiters = [Waiter(tasks, one, key(), lease.token) for one in (other, third) * 2]
        await anyio.wait_all_tasks_blocked()
        await world.kill(store)
        assert [await waiter.result() for waiter in waiters] == [None] * 4
    assert (await taken(world, other, key()))[0].token == 2
    assert await claim(third, key()) == Held(2)


async def test_the_living_keep_what_they_have_when_another_dies(world, store, other):
    lease, _ = await taken(world, other, key("g"))
    await taken(world, store, key())
    await world.kill(store)
    await taken(world, other, key())
    assert await claim(other, key("g")) == Held(lease.token)
    assert await other.finish(lease, answered(world))


async def test_one_that_was_thought_dead_writes_nothing_any_more(world, store, other):
    old, _ = await taken(world, store, key())
    await world.kill(store)
    new, _ = await taken(world, other, key())
    assert await other.note(new, b"theirs")
    assert await refused(store.note(old, b"late"))
    assert await refused(store.finish(old, answered(world, b"late", entry=b"late")))
    store.release(old)
    assert await claim(other, key()) == Held(2)
    other.release(new)
    assert (await taken(world, other, key()))[1] == b"theirs"


async def test_one_that_was_thought_dead_can_t_undo_what_was_finished_since(world, store, other):
    old, _ = await taken(world, store, key())
    await world.kill(store)
    await kept_answer(world, other, key(), b"theirs")
    assert await refused(store.finish(old, answered(world, b"late")))
    assert (await claim(other, key())).value == b"theirs"


async def test_starting_again_under_the_same_name_frees_at_once_what_was_left(world, store, other):
    lease, _ = await taken(world, store, key())
    assert await store.note(lease, b"intent")
    await world.kill(store)
    again = await world.instance("one")
    (claimed,) = await again.claim([key()])
    assert claimed == (2, b"intent")
    assert await claim(other, key()) == Held(2)


async def test_opening_again_gives_up_what_it_held(world, store, other):
    lease, _ = await taken(world, store, key())
    await store.open()
    assert not await store.finish(lease, answered(world))
    assert (await taken(world, other, key()))[0].token == 2


async def test_closing_gives_everything_back(world, store, other):
    await store.claim([key(str(n)) for n in range(20)])
    await store.close()
    for n in range(20):
        assert (await taken(world, other, key(str(n))))[0].token == 2


async def test_answers_and_notes_outlive_all_processes(world, store):
    await kept_answer(world, store, key())
    await store.put("note", b"note", 1000 * world.unit_s)
    await world.kill(store)
    again = await world.instance("another")
    assert (await claim(again, key())).value == b"answer"
    assert await again.get(["note"]) == [b"note"]


async def _is(count, number):
    return await count() == number


async def test_the_state_counts_the_living(world, store, other):
    async def alive():
        await other.check()
        return other.state().instances

    await store.check()
    await eventually(lambda: _is(alive, 2))
    await world.kill(store)
    await eventually(lambda: _is(alive, 1))
    assert other.state().away_since is None


async def test_a_living_one_can_be_checked_for_ever_and_a_closed_one_not(store):
    for _ in range(5):
        await store.check()
    await store.close()
    with pytest.raises(StoreError):
        await store.claim([key()])
    await store.open()
    await store.check()
    assert (await claim(store, key())).token == 1
