"""Who may ask: one at a time, by token, and nobody where an answer is kept."""

import pytest

from osago_daemon.storage.port import Answer, Ending, Held, Taken
from tests.daemon.storage.conformance.steps import answered, claim, kept_answer, key, taken

pytestmark = pytest.mark.anyio


async def test_the_first_to_claim_has_it_and_everybody_hears_so(store, other):
    assert await claim(store, key()) == Taken(1, None)
    assert await claim(other, key()) == Held(1)
    assert await claim(store, key()) == Held(1)


async def test_keys_differ_by_each_of_their_parts(store):
    keys = [key(), key("g"), key(insurer="b"), key(day="2027-01-16")]
    assert await store.claim(keys) == [Taken(1, None)] * 4


async def test_many_keys_in_one_claim_come_back_in_their_order(world, store, other):
    await kept_answer(world, store, key("1"))
    await claim(other, key("3"))
    keys = [key(str(n)) for n in range(200)]
    claims = await store.claim(keys)
    assert [type(one) for one in claims[:5]] == [Taken, Answer, Taken, Held, Taken]
    assert claims[1].value == b"answer"
    assert set(claims[4:]) == {Taken(1, None)}
    assert await store.claim([]) == []


async def test_what_was_answered_is_an_answer_for_all_until_it_ends(world, store, other):
    began = world.wall()
    await kept_answer(world, store, key(), b"\x00\xff" * 5000)
    kept = await claim(other, key())
    assert kept.value == b"\x00\xff" * 5000
    assert began - 0.1 <= kept.kept_at <= world.wall() + 0.1
    assert await other.peek([key("none"), key()]) == [None, kept]


async def test_an_answer_ends_when_it_was_to_end_and_the_key_is_free_again(world, store):
    ends_at = world.wall() + 2 * world.unit_s
    await kept_answer(world, store, key(), lasts=2)
    await world.advance(world.unit_s)
    (kept,) = await store.peek([key()])
    assert kept is not None or world.wall() >= ends_at
    await world.advance(1.5 * world.unit_s)
    assert await store.peek([key()]) == [None]
    assert await claim(store, key()) == Taken(2, None)


async def test_an_answer_that_has_ended_already_is_not_kept(world, store):
    await kept_answer(world, store, key(), lasts=-1)
    assert await store.peek([key()]) == [None]


async def test_peeking_takes_nothing(store):
    await store.peek([key()])
    assert await claim(store, key()) == Taken(1, None)


async def test_a_fresh_claim_looks_past_the_answer_and_replaces_it(world, store, other):
    await kept_answer(world, store, key(), b"old")
    assert await claim(store, key(), fresh=True) == Taken(2, None)
    assert (await claim(other, key())).value == b"old"
    assert await claim(other, key(), fresh=True) == Held(2)
    lease, _ = await taken(world, store, key("g"))
    assert await store.finish(lease._replace(key=key(), token=2), answered(world, b"new"))
    assert (await claim(other, key())).value == b"new"


async def test_a_fresh_call_that_brings_nothing_leaves_the_answer(world, store):
    await kept_answer(world, store, key(), b"old")
    lease, _ = await taken(world, store, key(), fresh=True)
    assert await store.finish(lease, Ending())
    assert (await claim(store, key())).value == b"old"


async def test_tokens_go_up_by_one_with_each_that_takes(world, store, other):
    for token in range(1, 6):
        lease, _ = await taken(world, (store, other)[token % 2], key())
        assert lease.token == token
        assert await (store, other)[token % 2].finish(lease, Ending())


async def test_released_is_free_again_and_the_journal_stays(world, store, other):
    lease, _ = await taken(world, store, key())
    assert await store.note(lease, b"begun")
    store.release(lease)
    again, entry = await taken(world, other, key())
    assert (again.token, entry) == (2, b"begun")


async def test_the_journal_tells_the_next_one_what_was_noted_last(world, store, other):
    lease, entry = await taken(world, store, key())
    assert entry is None
    assert await store.note(lease, b"intent")
    assert await store.note(lease, b"created \x00")
    assert await store.finish(lease, Ending(entry=b"in the end"))
    lease, entry = await taken(world, other, key())
    assert entry == b"in the end"
    assert await other.finish(lease, Ending())
    assert (await taken(world, store, key()))[1] is None


async def test_an_answer_and_an_entry_may_stand_side_by_side(world, store):
    lease, _ = await taken(world, store, key())
    assert await store.finish(lease, answered(world, entry=b"entry"))
    assert (await claim(store, key())).value == b"answer"
    assert await claim(store, key(), fresh=True) == Taken(2, b"entry")


async def test_an_entry_ends_with_its_lease_s_day(world, store):
    ends_at = world.wall() + 2 * world.unit_s
    lease, _ = await taken(world, store, key(), lasts=2)
    await store.note(lease, b"intent")
    store.release(lease)
    lease, entry = await taken(world, store, key())
    assert entry == b"intent" or world.wall() >= ends_at
    store.release(lease)
    await world.advance(2.5 * world.unit_s)
    assert (await taken(world, store, key()))[1] is None


@pytest.mark.parametrize("late", ["note", "finish", "release"])
async def test_who_has_given_it_back_can_write_nothing_more(late, world, store, other):
    old, _ = await taken(world, store, key())
    store.release(old)
    lease, _ = await taken(world, other, key())
    assert await other.note(lease, b"theirs")
    match late:
        case "note":
            assert not await store.note(old, b"mine")
        case "finish":
            assert not await store.finish(old, answered(world, entry=b"mine"))
        case _:
            store.release(old)
    assert await claim(store, key()) == Held(2)
    assert await other.finish(lease, Ending(entry=b"theirs at last"))
    assert await claim(store, key()) == Taken(3, b"theirs at last")


async def test_a_lease_can_t_be_ended_twice(world, store):
    lease, _ = await taken(world, store, key())
    assert await store.finish(lease, Ending(entry=b"once"))
    assert not await store.finish(lease, answered(world, b"twice"))
    assert not await store.note(lease, b"twice")
    assert await claim(store, key()) == Taken(2, b"once")


async def test_another_instance_can_t_end_what_is_not_its_own(world, store, other):
    lease, _ = await taken(world, store, key())
    assert not await other.note(lease, b"not mine")
    assert not await other.finish(lease, answered(world))
    other.release(lease)
    assert await claim(other, key()) == Held(1)
    assert await store.finish(lease, Ending())
