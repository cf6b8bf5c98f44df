"""What is kept, what is counted, what is removed; and notes."""

import pytest

from osago_daemon.storage.port import Ending, Held
from tests.daemon.storage.conformance.steps import claim, kept_answer, key, taken

pytestmark = pytest.mark.anyio


@pytest.fixture
async def full(world, store):
    """Three answers of `a`, one of `b`; entries at `b` and `c`."""
    for n in range(3):
        await kept_answer(world, store, key(str(n)), b"x" * 100)
    await kept_answer(world, store, key("0", "b"), b"x" * 1000, entry=b"entry")
    lease, _ = await taken(world, store, key("0", "c"))
    assert await store.finish(lease, Ending(entry=b"entry"))
    return store


async def test_counts_are_by_insurer_in_the_order_of_their_names(world, full, other):
    for store in (full, other):
        a, b, c = await store.kept()
        assert [(one.insurer, one.answers, one.entries) for one in (a, b, c)] == [
            ("a", 3, 0),
            ("b", 1, 1),
            ("c", 0, 1),
        ]
        assert a.bytes >= 300
        assert b.bytes >= 1000
        assert a.oldest_at <= a.newest_at <= world.wall() + 0.1
        assert (c.oldest_at, c.newest_at) == (None, None)


async def test_an_empty_store_counts_nothing(store):
    assert await store.kept() == []


async def test_what_has_ended_is_not_counted(world, store):
    await kept_answer(world, store, key("1"), lasts=1)
    await kept_answer(world, store, key("2"))
    lease, _ = await taken(world, store, key("3"), lasts=1)
    assert await store.note(lease, b"entry")
    await world.advance(1.5 * world.unit_s)
    (kept,) = await store.kept()
    assert (kept.answers, kept.entries) == (1, 0)


async def test_clearing_one_insurer_leaves_the_others_and_the_journal(full, other):
    assert await other.clear("a") == 3
    assert await full.peek([key("0"), key("1"), key("2")]) == [None] * 3
    assert [(one.insurer, one.answers, one.entries) for one in await full.kept()] == [
        ("b", 1, 1),
        ("c", 0, 1),
    ]
    assert await full.clear("a") == 0


async def test_clearing_all_leaves_the_journal_and_what_is_being_asked(world, full, other):
    await taken(world, full, key("asked"))
    assert await other.clear(None) == 4
    assert await claim(other, key("asked")) == Held(1)
    assert (await claim(other, key("0", "b"))).entry == b"entry"
    assert (await claim(other, key("0"))).token == 2


async def test_an_answer_that_comes_after_a_clearing_is_kept(world, store):
    lease = await kept_answer(world, store, key())
    await store.clear(None)
    assert (await kept_answer(world, store, key())).token == lease.token + 1
    assert (await claim(store, key())).value == b"answer"


async def test_notes_are_kept_replaced_and_heard_by_all(world, store, other):
    await store.put("n/1", b"old", 1000 * world.unit_s)
    await store.put("n/1", b"new \x00", 1000 * world.unit_s)
    await store.put("n/2", b"", 1000 * world.unit_s)
    assert await other.get(["n/2", "n/none", "n/1"]) == [b"", None, b"new \x00"]
    assert await other.get([]) == []


async def test_notes_end(world, store, other):
    ends_at = world.wall() + 2 * world.unit_s
    await store.put("short", b"1", 2 * world.unit_s)
    await store.put("long", b"2", 1000 * world.unit_s)
    await world.advance(world.unit_s)
    (short,) = await other.get(["short"])
    assert short == b"1" or world.wall() >= ends_at
    await world.advance(1.5 * world.unit_s)
    assert await other.get(["short", "long"]) == [None, b"2"]


async def test_notes_are_neither_counted_nor_cleared_as_answers(world, store):
    await store.put("a", b"1", 1000 * world.unit_s)
    assert await store.kept() == []
    assert await store.clear(None) == 0
    assert await store.get(["a"]) == [b"1"]
