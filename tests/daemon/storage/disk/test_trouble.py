"""A store that breaks, fills up or is shut: reported, moved aside, and taken up again."""

import sqlite3
import subprocess
from contextlib import suppress

import anyio
import pytest

from osago_daemon.storage.disk import schema
from osago_daemon.storage.port import Answer, Ending, Held, Lease, StoreError, Taken

pytestmark = pytest.mark.anyio

DATABASES = ["state.db", "answers/cache.db"]


def spoil(path):
    """By another process: whoever closes a database's file here gives up SQLite's locks on it."""
    script = 'head -c "$(stat -c %s "$0")" /dev/zero | tr "\\0" x | dd of="$0" conv=notrunc'
    for file in (path, path.with_name(f"{path.name}-wal")):
        subprocess.run(["sh", "-c", script, file], check=True, capture_output=True)


def aside(machine):
    return sorted(machine.folder.parent.glob("store.broken-*"))


@pytest.mark.parametrize("database", DATABASES)
async def test_a_broken_database_is_moved_aside_at_open_and_a_new_one_begun(database, machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    await store.finish(lease, Ending(b"answer", machine.wall + 10))
    await store.close()
    (machine.folder / database).write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="broken"):
        await store.open()
    (moved,) = aside(machine)
    assert (moved / database).read_bytes() == b"no database" * 1000
    await store.open()
    await store.check()
    assert await store.claim([key]) == [Taken(1, None)]


@pytest.mark.parametrize("database", DATABASES)
async def test_one_that_breaks_in_the_middle_is_moved_once_however_many_notice(
    database, machine, key
):
    stores = [await machine.opened(name) for name in ("one", "two", "three")]
    keys = [key._replace(fingerprint=str(n)) for n in range(2000)]
    await take_and_release(machine, stores[0], keys)
    lease = await machine.taken(stores[0], key)
    await stores[0].finish(lease, Ending(b"x" * 100_000, machine.wall + 10))
    spoil(machine.folder / database)

    async def use_until_it_breaks(store):
        with suppress(StoreError):
            while True:
                await take_and_release(machine, store, [key, *keys])
                await store.peek([key])
                await store.check()

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for store in stores:
                tasks.start_soon(use_until_it_breaks, store)
        for _ in range(3):  # one that was quick may have begun in what the next one moves
            for store in stores:
                await use_again(store)
    assert len(aside(machine)) == 1
    lease = await machine.taken(stores[0], key)
    assert await stores[1].claim([key]) == [Held(lease.token)]


async def take_and_release(machine, store, keys):
    for one, claimed in zip(keys, await store.claim(keys, fresh=True), strict=True):
        store.release(Lease(one, claimed.token, machine.wall + 10))


async def use_again(store):
    try:
        await store.check()
    except StoreError:
        with suppress(StoreError):
            await store.open()


@pytest.mark.parametrize("database", ["state", "answers"])
async def test_a_full_disk_is_a_reason_and_the_store_goes_on_when_there_is_room(
    database, machine, key
):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    session = store._session
    cap(session, database)
    much = b"x" * 1_000_000
    ending = Ending(entry=much) if database == "state" else Ending(much, machine.wall + 10)
    with pytest.raises(StoreError, match="no room left"):
        await store.finish(lease, ending)
    assert await store.peek([key]) == [None]  # what only reads goes on
    assert await store.claim([key]) == [Held(1)]
    await store.open()
    await store.check()
    lease = await machine.taken(store, key)
    assert await store.finish(lease, Ending(b"x" * 1_000_000, machine.wall + 10))


def cap(session, database):
    """No page more than there are."""
    if database == "state":
        (pages,) = session.state.execute("PRAGMA page_count").fetchone()
        session.state.execute(f"PRAGMA max_page_count = {pages}")
        return
    cache = session.answers._cache
    execute = cache.transact

    def transact(**more):
        cache._sql("PRAGMA max_page_count = 1")
        return execute(**more)

    cache.transact = transact


async def test_a_database_that_can_only_be_read_is_away_until_it_can_be_written(machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    store._session.state.execute("PRAGMA query_only = ON")  # permissions mean nothing to root
    with pytest.raises(StoreError, match="read-only"):
        await store.note(lease, b"entry")
    with pytest.raises(StoreError, match="read-only"):
        await store.check()
    assert store.state().reason == "read-only"
    assert store.state().away_since == machine.wall
    with pytest.raises(StoreError, match="read-only"):
        await store.peek([key])
    await store.open()
    await store.check()
    assert store.state().away_since is None


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(schema, "BUSY_S", 0.05)


@pytest.mark.usefixtures("soon")
async def test_one_who_locks_it_for_too_long_is_not_waited_for(machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    assert await store.finish(lease, Ending(b"answer", machine.wall + 10))
    with locked(machine.folder / "state.db"):
        with pytest.raises(StoreError, match="locked for too long"):
            await store.put("note", b"1", 10)
        (kept,) = await store.claim([key])  # needs no lock
        assert isinstance(kept, Answer)
    await store.put("note", b"1", 10)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("database", DATABASES)
async def test_one_who_locks_it_while_it_is_opened_is_not_waited_for_either(database, machine):
    store = await machine.opened()
    await store.close()
    with locked(machine.folder / database), pytest.raises(StoreError, match="locked for too long"):
        await store.open()
    await store.open()


class locked:  # noqa: N801  # used like a function
    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)

    def __enter__(self):
        self.database.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_):
        self.database.close()


async def test_one_operation_s_own_trouble_leaves_the_others_of_its_batch_alone(machine):
    store = await machine.opened()
    failed, done = [], []

    async def put(name):
        try:
            await store.put(name, b"value", 100)
        except ValueError as error:
            failed.append(error)
        else:
            done.append(name)

    names = [f"n{n}" if n % 10 else f"bad\ud800{n}" for n in range(100)]
    async with anyio.create_task_group() as tasks:
        for name in names:
            tasks.start_soon(put, name)
    assert len(failed) == 10
    assert await store.get(done) == [b"value"] * 90


async def test_who_waits_hears_when_the_store_goes_away(machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    heard = []

    async def wait():
        try:
            await store.wait(key, lease.token)
        except StoreError as error:
            heard.append(error)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await store.close()
    assert len(heard) == 1


async def test_a_store_of_a_newer_version_is_left_alone(machine):
    store = await machine.opened()
    await store.close()
    database = sqlite3.connect(machine.folder / "state.db")
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="newer version"):
        await store.open()
    assert aside(machine) == []


async def test_what_is_asked_of_a_store_that_is_not_open_is_refused_and_telling_it_does_no_harm(
    machine, key
):
    store = machine.store()
    with pytest.raises(StoreError, match="not open"):
        await store.claim([key])
    with pytest.raises(StoreError, match="not open"):
        await store.kept()
    with pytest.raises(StoreError, match="not open"):
        await store.check()
    store.release(Lease(key, 1, 0))
    store.pause("insurer", 1)
    await store.close()
