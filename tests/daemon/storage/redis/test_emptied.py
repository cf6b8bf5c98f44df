"""A Redis that lost what we had there, and what was asked before it was opened again."""

import sys

import anyio
import pytest

from osago_daemon.storage.errors import StoreRefusedError
from osago_daemon.storage.port import Ending, Held, Key, Lease, StoreError, Taken
from osago_daemon.storage.redis import RedisTiming, names
from osago_daemon.storage.redis.requests import Command
from tests.daemon.storage.redis.steps import SOON_S, until
from tests.support.valkey import valkey

pytestmark = pytest.mark.anyio

KEY = Key("a", "2027-01-15", "f")
OTHER = KEY._replace(fingerprint="g")
FAR = 4_000_000_000.0
LONG = RedisTiming(reply_s=2.0, patience_s=4.0, alive_s=60.0)


async def test_an_emptied_redis_went_unnoticed(server, stores):
    store = await stores.open(server.url, timing=LONG)
    await store.claim([KEY])
    server.do("FLUSHALL")
    with pytest.raises(StoreError, match="emptied"):
        await store.check()
    assert store.state().away_since is not None
    with pytest.raises(StoreError, match="emptied"):
        await store.claim([KEY])
    await store.open()
    await store.check()
    assert store.state().away_since is None
    assert await store.claim([KEY]) == [Taken(1, None)]


@pytest.mark.parametrize("operation", ["note", "finish"])
async def test_what_was_ours_until_redis_was_emptied_passed_for_somebody_else_s(
    operation, server, stores
):
    store = await stores.open(server.url, timing=LONG)
    await store.claim([KEY])
    server.do("FLUSHALL")
    lease = Lease(KEY, 1, FAR)
    with pytest.raises(StoreError, match="emptied"):
        await (store.note(lease, b"x") if operation == "note" else store.finish(lease, Ending()))


async def test_a_lease_that_another_one_has_is_no_loss(server, stores):
    store = await stores.open(server.url, timing=LONG)
    await store.claim([KEY])
    assert not await store.note(Lease(KEY, 2, FAR), b"x")
    assert not await store.finish(Lease(KEY, 2, FAR), Ending())
    await store.check()


async def test_one_secret_s_mark_did_not_come_back_so_that_another_could_join(server, stores):
    store = await stores.open(server.url, timing=LONG)
    server.do("DEL", names.SEAL_CHECK)
    await store.check()
    assert server.do("GET", names.SEAL_CHECK) == b"check"
    with pytest.raises(StoreRefusedError):
        await stores.open(server.url, "two", seal_check="other")


async def test_a_redis_that_others_took_over_with_another_secret_is_left(server, stores):
    store = await stores.open(server.url, timing=LONG)
    server.do("FLUSHALL")
    await stores.open(server.url, "two", seal_check="other")
    with pytest.raises(StoreRefusedError):
        await store.check()
    assert "fingerprint.key" in store.state().reason
    with pytest.raises(StoreError):
        await store.claim([KEY])
    with pytest.raises(StoreRefusedError):
        await store.open()


async def test_one_that_came_too_late_to_renew_still_has_what_nobody_took(server, stores):
    store = await stores.open(server.url, timing=RedisTiming(alive_s=0.05))
    await store.claim([KEY])
    await until(lambda: not server.do("EXISTS", names.instance("one")))
    with anyio.fail_after(SOON_S):
        await anyio.sleep(0.05)  # by its own clock as well, which began to count before
    await store.check()
    assert await store.finish(Lease(KEY, 1, FAR), Ending(word=b"word"))


async def test_a_claim_that_was_still_queued_is_not_made_in_the_next_life(folder, stores):
    with valkey(folder) as server:
        store = await stores.open(server.url, timing=LONG)
        async with anyio.create_task_group() as tasks:
            server.freeze()
            tasks.start_soon(store.claim, [KEY])
            await anyio.wait_all_tasks_blocked()  # the first is under way,
            tasks.start_soon(store.claim, [OTHER])
            await anyio.wait_all_tasks_blocked()  # the second behind it
            assert len(store._link._pump._jobs) == 1
            server.thaw()
            await store.open()
            tasks.cancel_scope.cancel()
        assert await store.claim([OTHER]) == [Taken(1, None)]


async def test_what_carries_an_old_life_s_requests_out_can_t_reach_the_new_one(server, stores):
    store = await stores.open(server.url, timing=LONG)
    old = store._link._pump
    await store.open()
    with pytest.raises(StoreError):
        await old._execute([[Command("SET", "osago:old", ["x"])]])
    assert server.do("EXISTS", "osago:old") == 0
    await store.check()  # and the new one is not blamed for it


async def test_a_claim_of_two_steps_is_of_one_life_only(server, stores, monkeypatch):
    """The first key was taken for the old incarnation, the second would be for the new one."""
    dead = await stores.open(server.url, "dead", timing=LONG)
    await dead.claim([KEY])
    server.do("DEL", names.instance("dead"))
    store = await stores.open(server.url, timing=LONG)
    look = store._instance.dead

    async def opened_meanwhile(holders):
        found = await look(holders)
        await store.open()
        return found

    monkeypatch.setattr(store._instance, "dead", opened_meanwhile)
    with pytest.raises(StoreError, match="meanwhile"):
        await store.claim([OTHER, KEY])
    monkeypatch.undo()
    assert await dead.claim([KEY]) == [Held(1)]


async def test_an_address_alone_cost_the_start_of_the_whole_redis_library():
    lists = "print(*sorted(name for name in sys.modules if name.partition('.')[0] == 'redis'))"
    told = await anyio.run_process(
        [sys.executable, "-c", f"import sys, osago_daemon.storage.redis.address\n{lists}"]
    )
    assert told.stdout.split() == []
