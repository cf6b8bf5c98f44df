"""What somebody else wrote under our keys, or left half of: absent, and never in the way."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from osago_daemon.storage.port import (
    UNREADABLE,
    Answer,
    Ending,
    Held,
    Key,
    Lease,
    Place,
    Rule,
    Taken,
    Word,
)
from osago_daemon.storage.redis import names
from tests.daemon.storage.redis.steps import all_stores

pytestmark = pytest.mark.anyio

KEY = Key("a", "2027-01-15", "f")
FAR = 4_000_000_000.0
FAR_US = str(4 * 10**15)
RULES = [Rule("per_minute", 100, 60.0)]
INSTANCE = "osago:{instance}:one"


async def everything(store):
    """Each operation once; returns a fresh claim."""
    await store.peek([KEY])
    (claimed,) = await store.claim([KEY])
    (taken,) = [claimed] if isinstance(claimed, Taken) else await store.claim([KEY], fresh=True)
    lease = Lease(KEY, taken.token, FAR)
    assert await store.note(lease, b"before")
    assert await store.claim([KEY], fresh=True) == [Held(taken.token)]
    assert await store.finish(lease, Ending(b"answer", FAR, b"entry", b"word"))
    assert (await store.wait(KEY, taken.token)).value == b"answer"
    store.pause("a", 60.0)
    store.resume("a")
    place = await store.take_place("a", RULES, 1.0)
    assert isinstance(place, Place)
    store.end_place(place)
    store.drop_place(place)
    await store.add_places("a", [1.0])
    assert (await store.usage({"a": RULES}))["a"].used[0].used >= 1
    await store.put("note", b"note", 60.0)
    assert await store.get(["note"]) == [b"note"]
    (kept,) = await store.kept()
    assert (kept.insurer, kept.answers, kept.entries) == ("a", 1, 1)
    assert await store.clear("a") == 1
    return taken


def ours(server):
    return sorted(key.decode() for key in server.do("KEYS", "osago:*"))


WRONG_TYPES = [("SET", "x"), ("RPUSH", "x"), ("HSET", "x", "y"), ("ZADD", "1", "x")]


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=lambda wrong: wrong[0])
async def test_one_key_of_another_type_made_the_store_flap_for_ever(wrong, server, stores):
    store = await stores.open(server.url)
    await everything(store)
    store.pause("a", 60.0)
    await store.peek([KEY])
    keys = {*ours(server), names.answer(KEY)} - {INSTANCE, names.SEAL_CHECK}
    assert len(keys) == 11
    command, *rest = wrong
    for key in sorted(keys):
        server.do("DEL", names.pause("a"))
        server.do("DEL", key)
        server.do(command, key, *rest)
        await everything(store)
        assert store.state().away_since is None, key
    await store.check()


@pytest.mark.parametrize("wrong", [("RPUSH", "x"), ("HSET", "x", "y")], ids=lambda wrong: wrong[0])
@pytest.mark.parametrize("key", [names.SEAL_CHECK, names.INSTANCES])
async def test_a_renewal_puts_right_what_has_another_type(key, wrong, server, stores):
    store = await stores.open(server.url)
    server.do("DEL", key)
    server.do(wrong[0], key, *wrong[1:])
    with capture_logs() as logs:
        await store.check()
        await store.check()
    assert [line["first"] for line in logs if line["event"] == "store_keys_removed"] == [key]
    assert server.do("EXISTS", key) == 1


async def test_an_instance_s_key_of_another_type_is_no_life(server, stores):
    one, two = await stores.open(server.url, "one"), await stores.open(server.url, "two")
    await one.claim([KEY])
    server.do("DEL", INSTANCE)
    server.do("HSET", INSTANCE, "x", "y")
    assert await two.claim([KEY]) == [Taken(2, None)]
    assert two.state().away_since is None


async def test_an_index_of_another_type_cost_the_lease_and_not_the_answer(server, stores):
    """The lease was given back before the index failed: done again it was nobody's."""
    store = await stores.open(server.url)
    await store.claim([KEY])
    server.do("SET", names.index(names.day(KEY)), "x")
    server.do("SET", names.DAYS, "x")
    assert await store.finish(Lease(KEY, 1, FAR), Ending(b"answer", FAR, b"entry"))
    assert [answer.value for answer in await store.peek([KEY])] == [b"answer"]
    (kept,) = await store.kept()
    assert (kept.answers, kept.entries) == (1, 1)


async def test_an_entry_of_another_type_is_unreadable_and_the_claim_is_not_lost(server, stores):
    """Claimed and then failed, it would have been held by ourselves with nobody asking."""
    store = await stores.open(server.url)
    server.do("SET", names.entry(KEY), "x")
    assert await store.claim([KEY]) == [Taken(1, UNREADABLE)]
    assert 0 < server.do("PTTL", names.entry(KEY)) <= 2 * 86_400_000
    assert await store.note(Lease(KEY, 1, FAR), b"entry")
    store.release(Lease(KEY, 1, FAR))
    assert await store.claim([KEY]) == [Taken(2, b"entry")]


@pytest.mark.parametrize(
    "fields",
    [("value", "x"), ("ends", FAR_US), ("value", "x", "ends", "9e18"), ("other", "x")],
    ids=str,
)
async def test_half_of_an_entry_passed_for_none(fields, server, stores):
    store = await stores.open(server.url)
    server.do("HSET", names.entry(KEY), *fields)
    assert await store.claim([KEY]) == [Taken(1, UNREADABLE)]
    assert 0 < server.do("PTTL", names.entry(KEY)) <= 2 * 86_400_000
    assert await store.finish(Lease(KEY, 1, FAR), Ending())
    assert await store.claim([KEY]) == [Taken(2, None)]


@pytest.mark.parametrize(
    "fields",
    [
        ("value", "x"),
        ("value", "x", "ends", FAR_US),
        ("value", "x", "ends", FAR_US, "kept", "abc"),
        ("value", "x", "ends", FAR_US, "kept", "9" * 400),
        ("value", "x", "ends", "9e18", "kept", "1"),
        ("value", "x", "ends", "inf", "kept", "1"),
    ],
    ids=str,
)
async def test_half_of_an_answer_was_an_internal_error(fields, server, stores):
    store = await stores.open(server.url)
    server.do("HSET", names.answer(KEY), *fields)
    assert await store.peek([KEY]) == [None]
    assert await store.claim([KEY]) == [Taken(1, None)]
    assert server.do("EXISTS", names.answer(KEY)) == 0
    server.do("HSET", names.answer(KEY), "token", "1", *fields)
    server.do("HSET", names.word(KEY, 1), "value", "x", "ends", "abc")
    assert await store.finish(Lease(KEY, 1, FAR), Ending(word=b"word"))
    assert await store.wait(KEY, 1) == Word(b"word")


@pytest.mark.parametrize(
    "fields",
    [
        ("holder", "x"),
        ("holder", "x#y", "token", "abc"),
        ("holder", "x#y", "token", str(2**63 - 1)),
        ("holder", b"\xff#\xff", "token", "7"),
        ("holder", b"\xff", "token", "-7"),
        ("token", "abc"),
        ("token", "1.5"),
    ],
    ids=str,
)
async def test_a_call_without_a_token_was_an_internal_error(fields, server, stores):
    store = await stores.open(server.url)
    server.do("HSET", names.call(KEY), *fields)
    (taken,) = await store.claim([KEY])
    assert isinstance(taken, Taken)
    assert 1 < taken.token < 2**40  # unlike any that may have been before
    assert await store.claim([KEY]) == [Held(taken.token)]
    assert await store.finish(Lease(KEY, taken.token, FAR), Ending())
    assert await store.claim([KEY]) == [Taken(taken.token + 1, None)]


async def test_pauses_and_numbers_that_make_no_sense_count_as_none(server, stores):
    store = await stores.open(server.url)
    server.do("SET", names.pause("a"), "x")
    server.do("HSET", names.numbers("a"), "last", "x", "longest", "inf")
    assert isinstance(await store.take_place("a", RULES, 1.0), Place)
    server.do("HSET", names.numbers("a"), "last", "9" * 30, "longest", "-1")
    await store.add_places("a", [1.0])
    place = await store.take_place("a", RULES, 1.0)
    store.end_place(place)
    usage = (await store.usage({"a": RULES}))["a"]
    assert (usage.used[0].used, usage.paused_for_s) == (3, 0.0)


async def test_rows_of_the_index_that_make_no_sense_are_not_counted_and_go(server, stores):
    store = await stores.open(server.url)
    await everything(store)
    index = names.index(names.day(KEY))
    texts = ["", "x", "1", "1 2", "1 2 3 4", "9" * 400, "-1 1 1", b"\xff"]
    for n, text in enumerate(texts):
        server.do("HSET", index, f"a:{n}", text, f"x:{n}", text)
    server.do("HSET", index, "e:x", "1 2")
    server.do("ZADD", names.DAYS, FAR_US, b"\xff", FAR_US, "x", FAR_US, "")
    (kept,) = await store.kept()
    assert (kept.answers, kept.entries) == (0, 1)
    assert server.do("HKEYS", index) == [b"e:f"]
    assert await store.clear(None) == 0


FIELDS = ("value", "ends", "kept", "token", "holder", "last", "longest")
TEXTS = st.one_of(
    st.sampled_from([b"", b"x", b"0", b"1", b"-1", b"9e18", b"nan", b"inf", b"0x10", b" 1"]),
    st.integers(0, 10**20).map(lambda number: str(number).encode()),
    st.binary(max_size=8),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    planted=st.fixed_dictionaries(
        {
            name: st.dictionaries(st.sampled_from(FIELDS), TEXTS, min_size=1)
            for name in (
                names.answer(KEY),
                names.call(KEY),
                names.entry(KEY),
                names.word(KEY, 1),
                names.numbers("a"),
                names.note("note"),
            )
        }
    )
)
async def test_whatever_is_planted_nothing_fails_and_the_store_stays(planted, server):
    server.do("FLUSHALL")
    async with all_stores() as stores:
        store = await stores.open(server.url)
        with server.client() as client:
            for name, fields in planted.items():
                client.hset(name, mapping=fields)
        (peeked,) = await store.peek([KEY])
        assert peeked is None or isinstance(peeked, Answer)
        assert len(await store.get(["note"])) == 1
        taken = await everything(store)
        assert taken.token >= 1
        await store.check()
        assert store.state().away_since is None
