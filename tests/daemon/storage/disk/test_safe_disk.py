"""No row of the answers' database, whoever wrote it, makes anything happen."""

import pickle
import sqlite3
from pathlib import Path

import pytest
from diskcache import Cache
from diskcache.core import MODE_BINARY, MODE_PICKLE, MODE_RAW, MODE_TEXT

from osago_daemon.storage.disk.safe_disk import RefusedRowError, SafeDisk
from osago_daemon.storage.port import Answer, Ending, StoreError, Taken

pytestmark = pytest.mark.anyio


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


def plant(folder, key, **row):
    row = {"raw": 1, "mode": MODE_RAW, "filename": None, "value": None} | row
    database = sqlite3.connect(folder / "answers" / "cache.db")
    with database:
        database.execute(
            "INSERT INTO Cache(key, raw, store_time, access_time, tag, mode, filename, value)"
            " VALUES (:key, :raw, 1, 1, 'insurer', :mode, :filename, :value)",
            {"key": key, **row},
        )
    database.close()


async def test_a_bomb_would_go_off_in_a_disk_that_is_not_safe(machine, key, tmp_path):
    store = await machine.opened()
    plant(machine.folder, key.text, mode=MODE_PICKLE, value=pickle.dumps(Bomb(tmp_path / "boom")))
    await store.close()
    with Cache(str(machine.folder / "answers")) as cache:
        cache.get(key.text)
    assert (tmp_path / "boom").exists()


@pytest.mark.parametrize("kind", ["pickle", "pickle file", "text file", "binary file", "both"])
async def test_a_poisoned_row_is_a_miss_and_nothing_runs(kind, machine, key, tmp_path):
    store = await machine.opened()
    bomb = pickle.dumps(Bomb(tmp_path / "boom"))
    outside = tmp_path / "outside"
    outside.write_bytes(bomb)
    up = "../../outside"
    plant(
        machine.folder,
        key.text,
        **{
            "pickle": {"mode": MODE_PICKLE, "value": bomb},
            "pickle file": {"mode": MODE_PICKLE, "filename": up},
            "text file": {"mode": MODE_TEXT, "filename": up},
            "binary file": {"mode": MODE_BINARY, "filename": up},
            "both": {"mode": MODE_RAW, "filename": up, "value": b"\x7f" * 100},
        }[kind],
    )
    assert await store.peek([key]) == [None]
    assert await store.kept() == []
    assert isinstance((await store.claim([key]))[0], Taken)
    lease = (await machine.taken(store, key))._replace(token=1)
    assert await store.finish(lease, Ending(b"true", machine.wall + 10))
    assert (await store.peek([key]))[0].value == b"true"
    plant(machine.folder, "another", mode=MODE_BINARY, filename=up)
    await store.clear("insurer")
    plant(machine.folder, "another", mode=MODE_BINARY, filename=up)
    await store.clear(None)
    assert outside.read_bytes() == bomb, "a file that a row names was removed"
    assert not (tmp_path / "boom").exists()


async def test_a_pickled_key_is_nobody_s_key(machine, key, tmp_path):
    store = await machine.opened()
    plant(machine.folder, pickle.dumps(Bomb(tmp_path / "boom")), raw=0, value=b"\x7f" * 100)
    assert await store.peek([key]) == [None]
    assert await store.kept() == []
    await store.clear(None)
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize("value", [b"", b"short", "text" * 20, 17, 1.5, None])
async def test_a_value_of_another_kind_is_a_miss(value, machine, key):
    store = await machine.opened()
    plant(machine.folder, key.text, value=value)
    assert await store.peek([key]) == [None]
    assert await store.kept() == []


@pytest.mark.parametrize("name", ["_directory", "transact", "disk_evil", "sqlite_evil"])
async def test_settings_that_are_not_diskcache_s_own_are_not_taken_up(name, machine):
    store = await machine.opened()
    await store.close()
    database = sqlite3.connect(machine.folder / "answers" / "cache.db")
    with database:
        database.execute("INSERT INTO Settings VALUES (?, '/tmp')", (name,))
    database.close()
    with pytest.raises(StoreError, match="not one of ours"):
        await store.open()
    await store.open()


def test_the_disk_itself_refuses_every_branch(tmp_path):
    disk = SafeDisk(str(tmp_path), pickle_protocol=5, evil=1)
    assert disk.put("key") == ("key", True)
    assert disk.get("key", True) == "key"
    assert disk.fetch(*disk.store(b"value", read=False)[1:], read=False) == b"value"
    for key in (b"key", 1, 1.5, None, ("a",), type("Text", (str,), {})("key")):
        with pytest.raises(TypeError):
            disk.put(key)
    for key, raw in ((b"key", True), ("key", False), (1, True), (pickle.dumps("key"), 0)):
        with pytest.raises(RefusedRowError):
            disk.get(key, raw)
    for value, read in (("text", False), (1, False), (None, False), (b"value", True)):
        with pytest.raises(TypeError):
            disk.store(value, read)
    for mode in (0, MODE_BINARY, MODE_TEXT, MODE_PICKLE, 17, None):
        with pytest.raises(RefusedRowError):
            disk.fetch(mode, None, b"value", read=False)
    for row in ((MODE_RAW, "file", b"value", False), (MODE_RAW, None, "text", False)):
        with pytest.raises(RefusedRowError):
            disk.fetch(*row)
    with pytest.raises(RefusedRowError):
        disk.fetch(MODE_RAW, None, b"value", read=True)
    with pytest.raises(TypeError):
        disk.filename("key", b"value")


async def test_values_of_any_size_stay_in_the_database(machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    value = b"\x00\xff" * 500_000
    assert await store.finish(lease, Ending(value, machine.wall + 10))
    assert await store.peek([key]) == [Answer(value, machine.wall)]
    assert {path.name for path in (machine.folder / "answers").rglob("*")} <= {
        "cache.db",
        "cache.db-wal",
        "cache.db-shm",
    }


async def test_the_oldest_answers_make_room_for_the_newest(machine, key):
    store = await machine.opened(size_bytes=1_000_000)
    keys = [key._replace(fingerprint=str(n)) for n in range(60)]
    for one in keys:
        lease = await machine.taken(store, one)
        assert await store.finish(lease, Ending(b"x" * 50_000, machine.wall + 10))
    kept = await store.peek(keys)
    assert kept[0] is None
    assert kept[-1] is not None
    assert (machine.folder / "answers" / "cache.db").stat().st_size < 2_000_000
