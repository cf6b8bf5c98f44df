"""What a store does when its server can't be used, and afterwards."""

import anyio
import pytest

from osago_daemon.storage.port import Ending, Held, Key, Lease, Rule, StoreError, Taken
from osago_daemon.storage.redis.trouble import reason
from tests.daemon.storage.redis.steps import SOON_S, opened_again, until
from tests.support.valkey import valkey

pytestmark = pytest.mark.anyio

KEY = Key("a", "2027-01-15", "f")
FAR = 4_000_000_000.0


async def test_after_a_restart_it_is_away_until_it_is_opened_and_then_as_good_as_new(
    folder, stores
):
    with valkey(folder) as server:
        store = await stores.open(server.url)
        assert await store.claim([KEY]) == [Taken(1, None)]
        server.kill()
        with pytest.raises(StoreError):
            await store.check()
        assert store.state().away_since is not None
        assert store.state().reason
        with pytest.raises(StoreError):
            await store.open()
        server.start()
        with pytest.raises(StoreError):  # not by itself
            await store.claim([KEY])
        await opened_again(store)
        assert store.state().away_since is None
        assert store.state().reason == ""
        assert await store.claim([KEY]) == [Taken(1, None)]
        await store.check()


async def test_whoever_waits_is_told_when_the_server_goes(folder, stores):
    with valkey(folder) as server:
        store = await stores.open(server.url)
        await store.claim([KEY])
        told = []

        async def wait():
            try:
                await store.wait(KEY, 1)
            except StoreError as error:
                told.append(error)

        with anyio.fail_after(SOON_S):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(wait)
                tasks.start_soon(wait)
                await anyio.wait_all_tasks_blocked()
                server.kill()
        assert len(told) == 2


async def test_a_server_that_hangs_is_away_within_the_patience(server, stores):
    store = await stores.open(server.url)
    server.do("CLIENT", "PAUSE", 2000, "ALL")
    with anyio.fail_after(SOON_S), pytest.raises(StoreError, match="no answer"):
        await store.claim([KEY])
    with anyio.fail_after(SOON_S), pytest.raises(StoreError):
        await store.open()
    await opened_again(store)
    # The claim that hung may have been done by now, for an incarnation that is no more.
    ((token, _),) = await store.claim([KEY])
    assert token in (1, 2)


async def test_one_that_only_can_t_be_written_to_is_away_as_well(server, stores):
    store = await stores.open(server.url)
    server.do("CLIENT", "PAUSE", 60_000, "WRITE")
    with anyio.fail_after(SOON_S), pytest.raises(StoreError):
        await store.check()
    server.do("CLIENT", "UNPAUSE")
    await opened_again(store)


async def test_full_memory_is_said_and_everything_works_when_there_is_room_again(folder, stores):
    with valkey(folder, "--maxmemory-policy", "noeviction") as server:
        store = await stores.open(server.url)
        (taken,) = await store.claim([KEY])
        lease = Lease(KEY, taken.token, FAR)
        assert await store.note(lease, b"before")
        server.do("CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(StoreError, match="memory is full"):
            await store.finish(lease, Ending(b"answer", FAR, word=b"w"))
        with pytest.raises(StoreError, match="memory is full"):
            await store.open()
        server.do("CONFIG", "SET", "maxmemory", "0")
        await store.open()
        assert await store.claim([KEY]) == [Taken(2, b"before")]  # nothing was half done


async def test_a_renewal_notices_full_memory(folder, stores):
    with valkey(folder) as server:
        store = await stores.open(server.url)
        server.do("CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(StoreError, match="memory is full"):
            await store.check()


async def test_one_that_became_a_replica_is_away(folder, stores):
    with valkey(folder) as server:
        store = await stores.open(server.url)
        server.do("REPLICAOF", "127.0.0.1", "1")
        with pytest.raises(StoreError, match="replica"):
            await store.check()


async def test_scripts_that_the_server_forgot_are_sent_again(server, stores):
    store = await stores.open(server.url)
    server.do("SCRIPT", "FLUSH")
    assert await store.claim([KEY, KEY._replace(fingerprint="g")]) == [Taken(1, None)] * 2
    store.pause("a", 60)
    usage = await store.usage({"a": [Rule("per_minute", 1, 60)]})
    assert usage["a"].paused_for_s > 50


async def test_what_may_be_evicted_is_said(folder, stores):
    with valkey(folder, "--maxmemory-policy", "allkeys-lru") as server:
        store = await stores.open(server.url)
        assert "journal" in store.state().reason
        assert store.state().away_since is None
        server.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
        await store.open()
        assert store.state().reason == ""


async def test_who_goes_away_in_the_middle_of_a_command_does_no_harm(server, stores):
    store = await stores.open(server.url)
    for n in range(50):
        with anyio.move_on_after(0.0001 * (n % 5)):
            await store.claim([KEY._replace(fingerprint=str(n))])
    claims = await store.claim([KEY._replace(fingerprint=str(n)) for n in range(50)])
    assert all(isinstance(claimed, Taken | Held) for claimed in claims)
    await store.check()


async def test_a_bug_in_what_runs_by_itself_costs_the_store_and_not_the_daemon(server, stores):
    store = await stores.open(server.url)

    async def bug():
        raise ZeroDivisionError

    store._link.start(bug)
    await until(lambda: store.state().away_since is not None)
    assert "internal error, number bug-" in store.state().reason
    await store.open()
    await store.check()


async def test_everything_written_goes_by_itself(server, stores):
    store = await stores.open(server.url)
    ends_at = server.do("TIME")[0] + 3600.0
    (taken,) = await store.claim([KEY])
    lease = Lease(KEY, taken.token, ends_at)
    await store.note(lease, b"entry")
    await store.finish(lease, Ending(b"answer", ends_at, b"entry", b"word"))
    await store.take_place("a", [Rule("per_day", 5, 86_400)], 10)
    await store.add_places("b", [1.0, 2.0])
    store.pause("a", 60)
    await store.put("note", b"note", 60)
    with server.client() as client:
        lives = {key: client.pttl(key) for key in client.keys("*")}
    assert len(lives) > 10
    assert [key for key, ms in lives.items() if ms < 0] == [b"osago:seal-check"]
    assert max(lives.values()) <= 2 * 86_400_000
    assert lives[b"osago:{a/2027-01-15/f}:answer"] <= 3_600_000


def test_reasons_are_short():
    assert reason(OSError(2, "x" * 1000)).startswith("no connection")
    assert len(reason(OSError(2, "x" * 1000))) < 200
