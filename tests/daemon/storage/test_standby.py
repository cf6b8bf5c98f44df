"""The store goes away and comes back at any moment: nobody is asked twice, and nothing is lost."""

from contextlib import AsyncExitStack

import anyio
import pytest
from structlog.testing import capture_logs

from osago_daemon.storage.errors import StoreRefusedError
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.port import (
    Answer,
    Ending,
    Held,
    Key,
    Lease,
    Place,
    Rule,
    StoreError,
    Taken,
    Word,
)
from osago_daemon.storage.standby import STAND_IN_TOKENS, StandbyStore
from tests.daemon.storage.flaky import Flaky

pytestmark = pytest.mark.anyio

START = 1_800_000_000.0
LATER = START + 86_400.0
P, Q, R = (Key("a", "2027-01-15", name) for name in "pqr")
RULES = [Rule("per_second", 1, 1.0)]
FIRST_LOCAL = STAND_IN_TOKENS


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


def wall():
    return START + anyio.current_time()


class World:
    """One hub, daemons on it."""

    def __init__(self, stack):
        self.hub = MemoryHub(wall=wall)
        self._stack = stack

    async def plain(self, name):
        store = MemoryStore(self.hub, name)
        await store.open()
        return store

    def make(self, name="us", **options):
        flaky = Flaky(MemoryStore(self.hub, name))
        options = {"random_": lambda: 1.0, **options}
        return StandbyStore(flaky, MemoryStore(MemoryHub(wall=wall)), wall=wall, **options), flaky

    async def enter(self, store):
        return await self._stack.enter_async_context(store)


@pytest.fixture
async def world():
    async with AsyncExitStack() as stack:
        yield World(stack)


@pytest.fixture
async def pair(world):
    store, flaky = world.make()
    return await world.enter(store), flaky


@pytest.fixture
def store(pair):
    return pair[0]


@pytest.fixture
def flaky(pair):
    return pair[1]


@pytest.fixture
async def other(world, pair):  # noqa: ARG001  # the second, always
    return await world.plain("other")


async def away(store, flaky):
    flaky.down = StoreError("gone")
    await anyio.sleep(1.5)
    assert store.state().away_since is not None


async def back(store, flaky):
    flaky.down = None
    await anyio.sleep(11.0)
    assert store.state().away_since is None


async def claim(store, key, *, fresh=False):
    (claimed,) = await store.claim([key], fresh=fresh)
    return claimed


async def taken(store, key, **options):
    claimed = await claim(store, key, **options)
    assert isinstance(claimed, Taken)
    return Lease(key, claimed.token, LATER)


async def answered(store, lease, value=b"answer", **more):
    return await store.finish(lease, Ending(value, LATER, **more))


async def test_while_it_is_there_everything_is_on_it(store, other):
    lease = await taken(store, P)
    assert await claim(other, P) == Held(1)
    assert await store.note(lease, b"intent")
    assert await answered(store, lease, entry=b"entry")
    assert (await claim(other, P)).value == b"answer"
    assert await claim(other, P, fresh=True) == Taken(2, b"entry")
    await store.put("note", b"1", 60.0)
    assert await other.get(["note"]) == [b"1"]
    assert isinstance(await store.take_place("a", RULES, 1.0), Place)
    assert store.state() == other.state()


async def test_away_at_the_start_is_no_error_and_it_comes_by_itself(world):
    store, flaky = world.make()
    flaky.down = StoreError("connection refused")
    await world.enter(store)
    state = store.state()
    assert (state.away_since, state.reason) == (START, "connection refused")
    lease = await taken(store, P)
    assert await answered(store, lease)
    await back(store, flaky)
    other = await world.plain("other")
    assert (await claim(other, P)).value == b"answer"


async def test_what_an_administrator_must_mend_keeps_it_from_starting(world):
    store, flaky = world.make()
    flaky.down = StoreRefusedError("another secret")
    with pytest.raises(StoreRefusedError, match="another secret"):
        await world.enter(store)


async def test_what_is_refused_later_is_away_until_it_is_mended(store, flaky):
    await away(store, flaky)
    flaky.down = StoreRefusedError("another secret")
    await anyio.sleep(20.0)
    assert store.state().reason == "another secret"
    assert isinstance(await claim(store, P), Taken)
    await back(store, flaky)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "operation", ["claim", "peek", "put", "get", "clear", "kept", "note", "finish", "wait"]
)
async def test_whatever_fails_is_done_by_the_stand_in_and_it_is_away(operation, when, world, pair):
    store, flaky = pair
    heard = []
    store.listeners.append(heard.append)
    lease = await taken(store, Q)
    flaky.fails[operation] = when
    results = {
        "claim": lambda: store.claim([P]),
        "peek": lambda: store.peek([P]),
        "put": lambda: store.put("note", b"1", 60.0),
        "get": lambda: store.get(["note"]),
        "clear": lambda: store.clear(None),
        "kept": store.kept,
        "note": lambda: store.note(lease, b"entry"),
        "finish": lambda: answered(store, lease),
        "wait": lambda: store.wait(R, 7),
    }
    wanted = {
        "claim": [Taken(FIRST_LOCAL, None)],
        "peek": [None],
        "put": None,
        "get": [None],
        "clear": 0,
        "kept": [],
        "note": True,
        "finish": True,
        "wait": None,
    }
    assert await results[operation]() == wanted[operation]
    (state,) = heard
    assert state == store.state()
    assert (state.away_since, state.reason) == (wall(), f"{operation} failed")
    await anyio.sleep(11.0)
    assert [one.away_since for one in heard] == [START, None]
    if operation == "finish":
        assert (await claim(await world.plain("other"), Q)).value == b"answer"


async def test_limits_hear_that_it_is_away_and_the_rest_of_them_is_quiet(store, flaky):
    place = await store.take_place("a", RULES, 1.0)
    await away(store, flaky)
    for call in (
        lambda: store.take_place("a", RULES, 1.0),
        lambda: store.usage({"a": RULES}),
        lambda: store.add_places("a", [1.0]),
    ):
        with pytest.raises(StoreError, match="gone"):
            await call()
    store.end_place(place)
    store.drop_place(place)
    store.pause("a", 1.0)
    store.resume("a")


@pytest.mark.parametrize("operation", ["take_place", "usage", "add_places"])
async def test_a_failing_limit_is_a_loss_as_well(operation, store, flaky):
    flaky.fails[operation] = "before"
    calls = {
        "take_place": lambda: store.take_place("a", RULES, 1.0),
        "usage": lambda: store.usage({"a": RULES}),
        "add_places": lambda: store.add_places("a", [1.0]),
    }
    with pytest.raises(StoreError):
        await calls[operation]()
    assert store.state().reason == f"{operation} failed"


async def test_a_store_that_dies_in_silence_is_noticed_within_a_second(store, flaky):
    flaky.fails["check"] = "before"
    await anyio.sleep(1.1)
    assert store.state().reason == "check failed"


async def test_it_is_looked_for_more_and_more_seldom_but_every_ten_seconds(store, flaky):
    flaky.opened_at.clear()
    await away(store, flaky)
    await anyio.sleep(60.0)
    gaps = [b - a for a, b in zip(flaky.opened_at, flaky.opened_at[1:], strict=False)]
    assert flaky.opened_at[0] == 2.0
    assert gaps == [2.0, 4.0, 8.0, 10.0, 10.0, 10.0, 10.0]


async def test_daemons_don_t_all_come_at_once(world):
    draws = iter([0.5, 0.0, 0.25, *[1.0] * 100])
    store, flaky = world.make(random_=lambda: next(draws))
    flaky.down = StoreError("gone")
    await world.enter(store)
    await anyio.sleep(3.0)
    assert flaky.opened_at == [0.0, 0.5, 0.5, 1.5]


@pytest.mark.usefixtures("store")
async def test_a_store_that_is_lost_again_at_once_is_looked_for_more_and_more_seldom(flaky):
    flaky.opened_at.clear()
    with anyio.move_on_after(60):
        while True:
            flaky.fails["check"] = "before"
            await anyio.sleep(0.1)
    assert len(flaky.opened_at) < 15


@pytest.mark.parametrize("operation", ["claim", "note", "finish", "peek", "put", "get", "check"])
async def test_a_mistake_in_a_store_cost_everybody_their_offers(operation, store, flaky):
    (taken,) = await store.claim([Q])
    flaky.bugs.add(operation)
    seen = []
    store.listeners.append(seen.append)
    lease = Lease(Q, taken.token, LATER)
    await store.claim([P])
    await store.note(lease, b"entry")
    await store.peek([P])
    await store.put("name", b"value", 60)
    await store.get(["name"])
    await store.finish(lease, Ending(answer=b"yes", answer_ends_at=LATER))
    await anyio.sleep(1.5)
    assert "our own mistake" in seen[0].reason
    flaky.bugs.clear()
    await anyio.sleep(30)
    assert store.state().away_since is None
    assert [kept.value for kept in await store.peek([Q])] == [b"yes"]


async def test_each_change_is_said_once(store, flaky):
    with capture_logs() as logs:
        await away(store, flaky)
        for key in (P, Q, R):
            await claim(store, key)
        await anyio.sleep(30.0)
        await back(store, flaky)
        await anyio.sleep(30.0)
    assert [line["event"] for line in logs] == ["store_away", "store_back"]
    assert logs[0]["reason"] == "gone"


async def test_what_we_are_asking_is_not_given_out_a_second_time_here(store, flaky):
    lease = await taken(store, P)
    await away(store, flaky)
    assert await claim(store, P) == Held(lease.token)
    assert await claim(store, P, fresh=True) == Held(lease.token)
    assert await answered(store, lease)
    assert (await claim(store, P)).value == b"answer"


async def test_what_was_begun_on_the_store_and_ended_without_it_is_there_afterwards(
    store, flaky, other
):
    lease = await taken(store, P)
    assert await store.note(lease, b"intent")
    await away(store, flaky)
    assert await store.note(lease, b"created 17")
    assert await answered(store, lease, entry=b"done")
    await back(store, flaky)
    assert (await claim(other, P)).value == b"answer"
    assert (await claim(other, P, fresh=True)).entry == b"done"


async def test_an_intent_that_is_known_not_to_have_been_is_taken_back_afterwards(
    store, flaky, other
):
    lease = await taken(store, P)
    assert await store.note(lease, b"intent")
    await away(store, flaky)
    assert await store.finish(lease, Ending(word=b"failed"))
    await back(store, flaky)
    assert (await claim(other, P)).entry is None


@pytest.mark.parametrize("ends", ["release", "finish"])
async def test_the_stand_in_knows_the_journal_of_what_was_asked_here(ends, store, flaky):
    lease = await taken(store, P)
    assert await store.note(lease, b"intent")
    if ends == "finish":
        assert await store.finish(lease, Ending(entry=b"intent"))
        await away(store, flaky)
    else:
        await away(store, flaky)
        store.release(lease)
    assert (await claim(store, P)).entry == b"intent"


async def test_who_waits_for_ours_hears_it_whatever_the_store_does_meanwhile(store, flaky):
    lease, heard = await taken(store, P), []

    async def listen():
        heard.append(await store.wait(P, lease.token))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await away(store, flaky)
        tasks.start_soon(listen)
        await back(store, flaky)
        tasks.start_soon(listen)
        await anyio.wait_all_tasks_blocked()
        assert heard == []
        assert await store.finish(lease, Ending(word=b"failed"))
    assert heard == [Word(b"failed")] * 3


async def test_who_waits_for_another_process_hears_at_once_that_the_store_is_away(
    store, flaky, other
):
    lease = await taken(other, P)
    with anyio.fail_after(2.0):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(away, store, flaky)
            assert await store.wait(P, lease.token) is None
    assert await store.wait(P, lease.token) is None
    assert await claim(store, P) == Taken(FIRST_LOCAL, None)


async def test_what_is_asked_meanwhile_is_held_on_the_store_once_it_is_back(store, flaky, other):
    await away(store, flaky)
    lease = await taken(store, P)
    assert await store.note(lease, b"created 17")
    await back(store, flaky)
    assert await claim(other, P) == Held(1)
    assert await claim(store, P) == Held(lease.token)
    assert await answered(store, lease)
    assert (await claim(other, P)).value == b"answer"
    assert await claim(other, P, fresh=True) == Taken(2, None)


async def test_a_moved_call_leaves_its_journal_to_the_next_one_if_we_die(world, store, flaky):
    await away(store, flaky)
    lease = await taken(store, P)
    assert await store.note(lease, b"created 17")
    await back(store, flaky)
    world.hub.kill("us")
    assert (await claim(await world.plain("other"), P)).entry == b"created 17"


async def test_those_elsewhere_who_wait_for_a_moved_call_hear_its_end(store, flaky, other):
    await away(store, flaky)
    lease = await taken(store, P)
    await back(store, flaky)
    held = await claim(other, P)
    heard = []

    async def listen():
        heard.append(await other.wait(P, held.token))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.wait_all_tasks_blocked()
        assert await store.finish(lease, Ending(word=b"failed"))
    assert heard == [Word(b"failed")]


async def test_ours_is_written_after_theirs_is_over_if_both_were_asking(store, flaky, other):
    await away(store, flaky)
    ours, theirs = await taken(store, P), await taken(other, P)
    await back(store, flaky)
    assert await claim(other, P) == Held(theirs.token)
    assert await claim(store, P) == Held(ours.token)
    assert await answered(store, ours, b"ours")
    other.release(theirs)
    await anyio.sleep(2.0)
    assert (await claim(other, P)).value == b"ours"


async def test_an_answer_that_waits_for_theirs_to_be_over_answers_here_already(store, flaky, other):
    await away(store, flaky)
    ours, theirs = await taken(store, P), await taken(other, P)
    assert await answered(store, ours, b"ours")
    await back(store, flaky)
    other.release(theirs)
    assert await claim(store, P) == Answer(b"ours", START + 1.5)
    await anyio.sleep(2.0)
    assert (await claim(other, P)).value == b"ours"


async def test_a_newer_answer_there_stays(store, flaky, other):
    await away(store, flaky)
    assert await answered(store, await taken(store, P), b"ours")
    await anyio.sleep(1.0)
    assert await answered(other, await taken(other, P), b"theirs", entry=b"theirs")
    await back(store, flaky)
    assert (await claim(other, P)).value == b"theirs"
    assert (await claim(store, P, fresh=True)).entry == b"theirs"


async def test_a_journal_that_others_wrote_meanwhile_stays(store, flaky, other):
    await away(store, flaky)
    assert await store.finish(await taken(store, P), Ending(entry=b"ours"))
    assert await other.finish(await taken(other, P), Ending(entry=b"theirs"))
    await back(store, flaky)
    assert (await claim(other, P)).entry == b"theirs"


async def test_what_has_ended_is_not_handed_over(store, flaky, other):
    await away(store, flaky)
    lease = (await taken(store, P))._replace(ends_at=wall() + 5.0)
    assert await store.finish(lease, Ending(b"answer", wall() + 5.0, b"entry"))
    await anyio.sleep(10.0)
    await back(store, flaky)
    assert await claim(other, P) == Taken(1, None)


async def test_what_was_cleared_is_not_handed_over(store, flaky, other):
    await away(store, flaky)
    for key in (P, Q):
        assert await answered(store, await taken(store, key), entry=b"entry")
    assert await store.clear("a") == 2
    await back(store, flaky)
    assert await claim(other, P) == Taken(2, b"entry")


async def test_hundreds_are_handed_over(store, flaky, other):
    await away(store, flaky)
    keys = [P._replace(fingerprint=str(n)) for n in range(500)]
    for key in keys:
        assert await answered(store, await taken(store, key))
    await back(store, flaky)
    assert {one.value for one in await other.peek(keys)} == {b"answer"}
    assert store._calls._debts == {}


async def test_it_goes_away_again_while_it_is_coming_back(store, flaky, other):
    await away(store, flaky)
    finished, open_ = await taken(store, P), await taken(store, Q)
    assert await answered(store, finished)
    flaky.down = None
    flaky.fails["finish"] = "after"
    await anyio.sleep(11.0)
    assert store.state().away_since is None
    assert len([at for at in flaky.opened_at if at > 2.0]) == 1
    assert (await claim(other, P)).value == b"answer"
    assert isinstance(await claim(other, Q), Held)
    assert await answered(store, open_)
    assert (await claim(other, Q)).value == b"answer"


async def test_a_lease_that_others_have_by_now_can_t_be_finished(world, store, other):
    lease = await taken(store, P)
    assert await store.note(lease, b"intent")
    world.hub._end(P)  # as if we had been thought dead for a moment
    theirs = await taken(other, P)
    assert not await store.note(lease, b"late")
    assert not await answered(store, lease)
    assert await claim(store, P) == Held(theirs.token)
    assert await answered(other, theirs, b"theirs", entry=b"theirs")
    await anyio.sleep(5.0)
    assert (await claim(store, P)).value == b"theirs"
    assert (await claim(store, P, fresh=True)).entry == b"theirs"


async def test_a_finish_that_comes_too_late_changes_nothing(world, store, other):
    lease = await taken(store, P)
    world.hub._end(P)
    assert await answered(other, await taken(other, P), b"theirs")
    assert not await answered(store, lease, b"ours")
    await anyio.sleep(5.0)
    assert (await claim(store, P)).value == b"theirs"


async def test_a_claim_that_was_answered_after_the_loss_is_given_back(world, store, flaky):
    flaky.gate, claims = anyio.Event(), []

    async def ask():
        claims.append(await claim(store, P))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        flaky.fails["check"] = "before"
        await anyio.sleep(1.1)
        flaky.gate.set()
    assert claims == [Taken(FIRST_LOCAL, None)]
    assert await claim(store, P) == Held(FIRST_LOCAL)
    await anyio.sleep(11.0)
    assert await claim(await world.plain("other"), P) == Held(2)


async def test_one_that_is_cancelled_while_it_finishes_leaves_nothing_held(store, flaky, other):
    lease = await taken(store, P)
    flaky.gate = anyio.Event()
    with anyio.move_on_after(0.5):
        await answered(store, lease)
    flaky.gate.set()
    await anyio.sleep(3.0)
    assert (await claim(store, P)).value == b"answer"
    assert (await claim(other, P)).value == b"answer"
    assert isinstance(await claim(other, P, fresh=True), Taken)


async def test_leaving_gives_back_what_is_held(world):
    store, _ = world.make()
    async with store:
        await taken(store, P)
    assert isinstance(await claim(await world.plain("other"), P), Taken)
