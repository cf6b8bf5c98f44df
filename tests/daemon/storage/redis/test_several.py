"""Several instances at once, and what is lost between them."""

import anyio
import pytest
from structlog.testing import capture_logs

from osago_daemon.storage.port import Ending, Full, Held, Key, Lease, Place, Rule, Taken, Word
from osago_daemon.storage.redis import RedisTiming
from tests.daemon.storage.redis.steps import QUICK, SOON_S, until

pytestmark = pytest.mark.anyio

KEY = Key("a", "2027-01-15", "f")
FAR = 4_000_000_000.0
NEVER_LOOKS = RedisTiming(
    reply_s=2.0, patience_s=4.0, alive_s=60.0, recheck_s=1000.0, resubscribe_s=0.01
)


async def test_of_four_instances_exactly_one_has_each_key(server, stores):
    four = [await stores.open(server.url, str(n), timing=NEVER_LOOKS) for n in range(4)]
    keys = [KEY._replace(fingerprint=str(n)) for n in range(50)]
    got = []

    async def ask(store, some):
        claims = await store.claim(some)
        got.extend(k for k, claim in zip(some, claims, strict=True) if isinstance(claim, Taken))

    async with anyio.create_task_group() as tasks:
        for n in range(200):
            at = n * 7 % 50
            tasks.start_soon(ask, four[n % 4], (keys[at:] + keys[:at])[:10])
    assert sorted(got) == sorted(keys)


async def test_the_windows_of_four_instances_are_never_too_full(server, stores):
    four = [await stores.open(server.url, str(n), timing=NEVER_LOOKS) for n in range(4)]
    rules = [Rule("per_minute", 30, 60.0), Rule("per_day", 40, 86_400.0)]
    places = []

    async def take(store):
        place = await store.take_place("a", rules, 1.0)
        if isinstance(place, Place):
            places.append(place)
            store.end_place(place)
        else:
            assert isinstance(place, Full)
            assert place.limit == "per_minute"
            assert 50.0 < place.free_in_s <= 60.0

    async with anyio.create_task_group() as tasks:
        for n in range(200):
            tasks.start_soon(take, four[n % 4])
    assert len(set(places)) == len(places) == 30
    used = (await four[0].usage({"a": rules}))["a"].used
    assert [one.used for one in used] == [30, 30]


async def test_by_the_server_s_own_time_a_place_comes_back_and_an_answer_ends(server, stores):
    store = await stores.open(server.url)
    rules = [Rule("per_second", 1, 0.2)]
    place = await store.take_place("a", rules, 0.0)
    assert isinstance(await store.take_place("a", rules, 0.0), Full)
    store.end_place(place)
    (taken,) = await store.claim([KEY])
    now, micro = server.do("TIME")
    await store.finish(Lease(KEY, taken.token, FAR), Ending(b"x", now + micro / 1e6 + 0.2))

    async def has_room():
        return isinstance(await store.take_place("a", rules, 0.0), Place)

    async def has_ended():
        return await store.peek([KEY]) == [None]

    await until(has_room)
    await until(has_ended)


async def test_the_second_of_one_name_is_noticed_by_the_first_which_takes_another(server, stores):
    first = await stores.open(server.url, "same", timing=NEVER_LOOKS)
    await first.claim([KEY])
    second = await stores.open(server.url, "same", timing=NEVER_LOOKS)
    with capture_logs() as logs:
        await first.check()
    (warning,) = [line for line in logs if line["log_level"] == "warning"]
    assert warning["name"] == "same"
    assert warning["renamed"].startswith("same-")
    await second.check()
    await first.check()
    other = KEY._replace(fingerprint="g")
    assert await first.claim([other]) == [Taken(1, None)]
    assert await second.claim([other]) == [Held(1)]
    assert second.state().instances == 2


async def test_one_that_was_renamed_does_not_take_its_own_calls_for_a_dead_one_s(server, stores):
    first = await stores.open(server.url, "same", timing=NEVER_LOOKS)
    await first.claim([KEY])
    await stores.open(server.url, "same", timing=NEVER_LOOKS)
    await first.check()
    assert await first.claim([KEY]) == [Held(1)]
    assert await first.finish(Lease(KEY, 1, FAR), Ending(b"answer", FAR))


@pytest.fixture
async def pair(server, stores):
    """The second listens and never looks by itself."""
    one = await stores.open(server.url, "one", timing=NEVER_LOOKS)
    two = await stores.open(server.url, "two", timing=NEVER_LOOKS)
    await until(lambda: server.do("PUBSUB", "NUMSUB", "osago:over:check")[1] == 2)
    return one, two


class Hears:
    def __init__(self, tasks, store, token):
        self.heard = None
        self.over = anyio.Event()
        tasks.start_soon(self._wait, store, token)

    async def _wait(self, store, token):
        self.heard = await store.wait(KEY, token)
        self.over.set()

    async def result(self):
        with anyio.fail_after(SOON_S):
            await self.over.wait()
        return self.heard


async def test_a_message_wakes_who_waits_elsewhere(pair):
    one, two = pair
    await one.claim([KEY])
    async with anyio.create_task_group() as tasks:
        hears = Hears(tasks, two, 1)
        await two.peek([KEY])  # in order: it has looked by now
        await one.finish(Lease(KEY, 1, FAR), Ending(word=b"word"))
        assert await hears.result() == Word(b"word")


async def test_within_a_process_nobody_needs_a_message(server, stores):
    server.do("ACL", "SETUSER", "deaf", "reset", "on", ">pw", "+@all", "~osago:*", "resetchannels")
    store = await stores.open(f"unix://deaf:pw@{server.socket}", timing=NEVER_LOOKS)
    await store.claim([KEY])
    async with anyio.create_task_group() as tasks:
        hears = Hears(tasks, store, 1)
        await store.peek([KEY])
        await store.finish(Lease(KEY, 1, FAR), Ending(word=b"word"))
        assert await hears.result() == Word(b"word")


async def test_a_message_lost_with_the_subscription_is_made_up_for_after_it(server, pair):
    one, two = pair
    await one.claim([KEY])
    async with anyio.create_task_group() as tasks:
        hears = Hears(tasks, two, 1)
        await two.peek([KEY])
        with server.client() as client:
            pipeline = client.pipeline()  # at once, before anybody can subscribe again
            pipeline.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            pipeline.hset(
                "osago:{a/2027-01-15/f}:word:1", mapping={"value": "w", "ends": 4 * 10**15}
            )
            pipeline.hdel("osago:{a/2027-01-15/f}:call", "holder")
            pipeline.execute()
        assert await hears.result() == Word(b"w")


async def test_a_message_that_never_comes_is_made_up_for_by_looking(server, stores):
    one = await stores.open(server.url, "one", timing=NEVER_LOOKS)
    server.do("ACL", "SETUSER", "deaf", "reset", "on", ">pw", "+@all", "~osago:*", "resetchannels")
    two = await stores.open(f"unix://deaf:pw@{server.socket}", "two", timing=QUICK)
    await one.claim([KEY])
    async with anyio.create_task_group() as tasks:
        hears = Hears(tasks, two, 1)
        await two.peek([KEY])
        await one.finish(Lease(KEY, 1, FAR), Ending(word=b"word"))
        assert await hears.result() == Word(b"word")
