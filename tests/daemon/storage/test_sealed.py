"""A store of sealed values: unreadable to others, and harmless where somebody tampered with it."""

import pytest

from osago_daemon.storage.errors import StoreRefusedError
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.port import (
    UNREADABLE,
    Answer,
    Ending,
    Held,
    Key,
    Lease,
    Taken,
    Word,
)
from osago_daemon.storage.seal import Seal
from osago_daemon.storage.sealed import SealedStore

pytestmark = pytest.mark.anyio

LATER = 4_000_000_000.0
KEYS = [Key("a", "2027-01-15", name) for name in "pqr"]
P, Q, R = KEYS


class World:
    def __init__(self):
        self.hub = MemoryHub()

    async def store(self, secret=b"ours"):
        plain = MemoryStore(self.hub, secret.decode())
        await plain.open()
        return SealedStore(plain, Seal(secret))

    def everything(self):
        kept = [kept.answer.value for _, kept in self.hub.answers.items()]
        words = [word.value for _, word in self.hub._words.items()]
        entries = [value for _, value in self.hub.entries.items()]
        return kept + words + entries + [value for _, value in self.hub.notes.items()]


@pytest.fixture
def world():
    return World()


@pytest.fixture
async def ours(world):
    return await world.store()


async def lease(store, key, *, fresh=False):
    (taken,) = await store.claim([key], fresh=fresh)
    return Lease(key, taken.token, LATER)


async def answer(store, key, value=b"Ivanov"):
    assert await store.finish(await lease(store, key), Ending(value, LATER, entry=b"Ivanov"))


async def test_no_value_of_any_role_is_in_clear(world, ours):
    await answer(ours, P)
    assert await ours.finish(await lease(ours, Q), Ending(word=b"Ivanov"))
    assert await ours.note(await lease(ours, R), b"Ivanov")
    await ours.put("note", b"Ivanov", 60.0)
    values = world.everything()
    assert len(values) == 5
    assert b"Ivanov" not in b"".join(values)
    assert (await ours.claim([P]))[0].value == b"Ivanov"
    assert await ours.wait(Q, 1) == Word(b"Ivanov")
    assert await ours.get(["note", "none"]) == [b"Ivanov", None]
    assert ours.unreadable == 0


async def test_answers_of_another_secret_are_asked_again_and_the_others_are_not(world, ours):
    theirs = await world.store(b"theirs")
    await answer(theirs, P)
    await answer(ours, Q, b"ours")
    assert await ours.peek(KEYS) == [None, Answer(b"ours", pytest.approx(LATER, abs=LATER)), None]
    first, second, third = await ours.claim(KEYS)
    assert first == Taken(2, UNREADABLE)
    assert isinstance(second, Answer)
    assert third == Taken(1, None)
    assert await ours.finish(Lease(P, 2, LATER), Ending(b"again", LATER))
    assert (await ours.claim([P]))[0].value == b"again"


async def test_who_is_asking_anew_for_what_can_t_be_read_is_waited_for(world, ours):
    theirs, third = await world.store(b"theirs"), await world.store(b"ours too")
    await answer(theirs, P)
    assert await ours.claim([P]) == [Taken(2, UNREADABLE)]
    assert await third.claim([P]) == [Held(2)]


async def test_what_was_moved_to_another_key_or_role_does_not_open(world, ours):
    await answer(ours, P)
    stored = world.hub.answers.get(P)
    world.hub.answers.put(Q, stored, LATER)
    world.hub.entries.put(Q, stored.answer.value, LATER)
    world.hub.notes.put(f"answer {P.text}", stored.answer.value, LATER)
    assert await ours.peek([Q]) == [None]
    assert await ours.claim([Q]) == [Taken(1, UNREADABLE)]
    assert await ours.get([f"answer {P.text}"]) == [None]
    assert ours.unreadable == 4


async def test_a_word_or_an_answer_that_does_not_open_is_none_to_who_waits(world, ours):
    theirs = await world.store(b"theirs")
    await answer(theirs, P)
    assert await theirs.finish(await lease(theirs, Q), Ending(word=b"word"))
    assert await ours.wait(P, 1) is None
    assert await ours.wait(Q, 1) is None
    assert ours.unreadable == 2


async def test_no_entry_is_still_no_entry(ours):
    assert await ours.claim([P]) == [Taken(1, None)]
    assert await ours.finish(Lease(P, 1, LATER), Ending())
    assert await ours.claim([P]) == [Taken(2, None)]


async def test_a_store_of_another_secret_is_refused_and_the_remedy_said():
    world = World()
    ours = await world.store()
    await ours.open()
    theirs = await world.store(b"theirs")
    with pytest.raises(StoreRefusedError, match=r"fingerprint\.key"):
        await theirs.open()
    await (await world.store()).open()  # the same secret is welcome, also again
