"""What it costs others, and the disk: a full store is cleared in pieces, an idle one rests."""

import sqlite3
from contextlib import closing

import anyio
import pytest

from osago_daemon.storage.disk import answers
from osago_daemon.storage.disk import store as store_module
from osago_daemon.storage.port import Ending

pytestmark = pytest.mark.anyio


@pytest.fixture
def full(monkeypatch):
    monkeypatch.setattr(store_module, "CLEAR_AT_ONCE", 10)


async def fill(machine, store, keys):
    async with anyio.create_task_group() as tasks:
        for one in keys:
            lease = await machine.taken(store, one)
            tasks.start_soon(store.finish, lease, Ending(b"x" * 1000, machine.wall + 10))


@pytest.fixture
def keys(key):
    return [key._replace(fingerprint=str(n)) for n in range(100)]


@pytest.mark.usefixtures("full")
async def test_others_write_while_a_full_store_is_cleared(machine, key, keys):
    store, other = await machine.opened(), await machine.opened("other")
    await fill(machine, store, keys)
    seen = []

    async def look():
        while await other.peek([keys[-1]]) != [None]:
            await other.put("note", b"value", 10.0)
            await store.put("another", b"value", 10.0)
            seen.extend(insurer.answers for insurer in await other.kept())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look)
        assert await store.clear(key.insurer) == 100
    assert any(0 < count < 100 for count in seen)
    assert await store.kept() == []


@pytest.mark.usefixtures("full")
async def test_what_is_kept_of_other_insurers_is_left_in_every_piece(machine, keys):
    store = await machine.opened()
    others = [key._replace(insurer="another") for key in keys]
    mixed = [key for pair in zip(keys, others, strict=True) for key in pair]
    await fill(machine, store, mixed)
    assert await store.clear("another") == 100
    assert None not in await store.peek(keys)
    assert await store.peek(others) == [None] * 100


async def test_clearing_gives_the_room_of_a_log_that_grew_back(machine, keys, monkeypatch):
    monkeypatch.setattr(answers, "_BIG_WAL_BYTES", 50_000)
    store = await machine.opened()
    await fill(machine, store, keys)
    log = machine.folder / "answers" / "cache.db-wal"
    assert log.stat().st_size > 50_000
    assert await store.clear(None) == 100
    assert log.stat().st_size == 0


async def test_counting_what_is_kept_needs_no_lock_that_writers_have(machine, keys):
    store = await machine.opened()
    await fill(machine, store, keys)
    with (
        closing(sqlite3.connect(machine.folder / "state.db", isolation_level=None)) as state,
        closing(sqlite3.connect(machine.folder / "answers/cache.db", isolation_level=None)) as kept,
    ):
        state.execute("BEGIN IMMEDIATE")
        kept.execute("BEGIN IMMEDIATE")
        assert [one.answers for one in await store.kept()] == [100]


async def test_an_idle_store_writes_nothing_to_disk(machine):
    store, other = await machine.opened(), await machine.opened("other")
    files = [path for path in machine.folder.rglob("*") if path.name.startswith(("state", "cache"))]

    def written():
        return {
            path.name: (path.stat().st_size, path.stat().st_mtime_ns)
            for path in files
            if not path.name.endswith("-shm")
        }

    await store.check()
    before = written()
    for _ in range(5):
        machine.now += 60.0
        machine.wall += 60.001  # clocks never agree quite
        await store.check()
        await other.check()
    assert written() == before
    machine.wall += 1.0
    await store.check()
    assert written() != before
