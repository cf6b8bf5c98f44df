"""Whatever is wrong with the content: a StoreError at most, moved aside, and begun anew."""

import sqlite3
from contextlib import closing

import anyio
import pytest
from diskcache.core import DEFAULT_SETTINGS

from osago_daemon.storage.disk.our_cache import SETTINGS
from osago_daemon.storage.port import Ending, Place, Rule, StoreError, Taken

pytestmark = pytest.mark.anyio

RULES = (Rule("per_minute", 10, 60.0),)

FOUND_AT_OPEN = {
    "a trigger that raises": "CREATE TRIGGER t BEFORE INSERT ON calls BEGIN"
    " SELECT raise(ABORT, 'x'); END",
    "a table that is missing": "DROP TABLE notes",
    "a view for a table": "DROP TABLE instances;"
    " CREATE VIEW instances AS SELECT 'a' AS name, 'b' AS incarnation",
    "tables of no version": "PRAGMA user_version = 0",
    "a column more": "ALTER TABLE used ADD COLUMN more TEXT",
}
FOUND_AFTER_A_RESTART = {
    "no offset of the clock": "DELETE FROM meta WHERE name = 'wall_ahead_s'",
    "an offset that is no number": "UPDATE meta SET value = 'abc' WHERE name = 'wall_ahead_s'",
    "an offset that is NaN": "UPDATE meta SET value = 'nan' WHERE name = 'wall_ahead_s'",
    "an offset without end": "UPDATE meta SET value = 'inf' WHERE name = 'wall_ahead_s'",
    "a window of no length": "INSERT INTO used VALUES ('insurer', 'per_minute', 0, 1, 1)",
    "text that is no UTF-8": "INSERT INTO meta VALUES (CAST(x'ff' AS TEXT), 'x')",
}
FOUND_IN_ANSWERS = {
    "a view for a table": "DROP TABLE Cache; CREATE VIEW Cache AS SELECT 1 AS a",
    "a trigger of others": "CREATE TRIGGER t AFTER INSERT ON Cache BEGIN DELETE FROM Cache; END",
    "a table of others": "CREATE TABLE others(a)",
    "a table of other columns": "DROP TABLE Cache; CREATE TABLE Cache(a)",
    "a setting of others": "INSERT INTO Settings VALUES ('reset', 1)",
}
NOT_BELIEVED = {
    "a pragma that is none": ("sqlite_cache_size", "1); DROP TABLE Cache"),
    "a pragma of bytes": ("sqlite_cache_size", b"\0"),
    "a map of the file": ("sqlite_mmap_size", 1 << 30),
    "no room": ("size_limit", 0),
    "an unheard-of policy": ("eviction_policy", "none at all"),
    "text for a size": ("size", "abc"),
    "a size of everything": ("size", 9e18),
}


def spoil(machine, statements, database="state.db"):
    with closing(sqlite3.connect(machine.folder / database)) as connection:
        connection.executescript(statements)


def aside(machine):
    return sorted(machine.folder.parent.glob("store.broken-*"))


async def is_begun_anew(machine, store, key):
    assert len(aside(machine)) == 1
    await store.open()
    await store.check()
    assert await store.claim([key]) == [Taken(1, None)]
    assert len(aside(machine)) == 1


@pytest.mark.parametrize("damage", FOUND_AT_OPEN)
async def test_damage_found_at_open_is_moved_aside(damage, machine, key):
    store = await machine.opened()
    await store.close()
    spoil(machine, FOUND_AT_OPEN[damage])
    with pytest.raises(StoreError, match="broken"):
        await store.open()
    await is_begun_anew(machine, store, key)


@pytest.mark.parametrize("damage", FOUND_AFTER_A_RESTART)
async def test_damage_that_a_restart_of_the_machine_meets_is_moved_aside(damage, machine, key):
    store = await machine.opened()
    await store.close()
    spoil(machine, FOUND_AFTER_A_RESTART[damage])
    machine.boot = "second"
    with pytest.raises(StoreError, match="broken"):
        await store.open()
    await is_begun_anew(machine, store, key)


@pytest.mark.parametrize("damage", FOUND_IN_ANSWERS)
async def test_answers_that_are_none_of_ours_are_moved_aside(damage, machine, key):
    store = await machine.opened()
    await store.close()
    spoil(machine, FOUND_IN_ANSWERS[damage], "answers/cache.db")
    with pytest.raises(StoreError, match=r"broken|not one of ours"):
        await store.open()
    await is_begun_anew(machine, store, key)


async def claim(store, key):
    await store.claim([key])


async def end(store, key):  # noqa: ARG001  # as the others
    place = await store.take_place("insurer", RULES, 1.0)
    assert isinstance(place, Place)
    spoil(end.machine, "UPDATE places SET rules = '[[1'")
    store.end_place(place)
    await store.take_place("insurer", RULES, 1.0)


async def finish(store, key):
    lease = await finish.machine.taken(store, key)
    spoil(finish.machine, "DROP TABLE Settings", "answers/cache.db")
    spoil(finish.machine, "DROP TABLE Cache", "answers/cache.db")
    await store.finish(lease, Ending(b"answer", finish.machine.wall + 10))


async def check(store, key):  # noqa: ARG001  # as the others
    await store.check()


async def count(store, key):  # noqa: ARG001  # as the others
    await store.kept()


async def place_anew(store, key):  # noqa: ARG001  # as the others
    await store.add_places("insurer", [1.0])


FOUND_IN_USE = {
    "a trigger that raises": (claim, FOUND_AT_OPEN["a trigger that raises"]),
    "text that is no UTF-8": (
        check,
        "INSERT INTO instances VALUES (CAST(x'ff' AS TEXT), CAST(x'ff' AS TEXT))",
    ),
    "an insurer that is no UTF-8": (
        count,
        "INSERT INTO calls VALUES ('k', CAST(x'ff' AS TEXT), 1, NULL, NULL, x'00', 9e9, 9e9)",
    ),
    "an offset that is no number": (check, FOUND_AFTER_A_RESTART["an offset that is no number"]),
    "a rule of no length": (place_anew, "INSERT INTO rules VALUES ('insurer', 'rule', 0)"),
    "a count out of reach": (
        place_anew,
        """
        INSERT INTO rules VALUES ('insurer', 'r', 1);
        INSERT INTO used VALUES ('insurer', 'r', 1, 1, 9223372036854775807);
        """,
    ),
    "a place that is no JSON": (end, ""),
    "answers that are gone": (finish, ""),
}


@pytest.mark.parametrize("damage", FOUND_IN_USE)
async def test_damage_found_in_use_is_a_store_error_and_moved_aside(damage, machine, key):
    store = await machine.opened()
    use, statements = FOUND_IN_USE[damage]
    use.machine = machine
    spoil(machine, statements)
    with pytest.raises(StoreError):
        await use(store, key)
    assert store.state().away_since is not None
    await is_begun_anew(machine, store, key)


@pytest.mark.parametrize("damage", NOT_BELIEVED)
async def test_what_the_file_says_of_how_to_work_is_not_believed(damage, machine, key):
    store = await machine.opened()
    await store.close()
    with closing(sqlite3.connect(machine.folder / "answers" / "cache.db")) as connection:
        name, value = NOT_BELIEVED[damage]
        connection.execute("UPDATE Settings SET value = ? WHERE key = ?", (value, name))
        connection.commit()
    await store.open()
    keys = [key._replace(fingerprint=str(n)) for n in range(20)]
    for one in keys:
        lease = await machine.taken(store, one)
        assert await store.finish(lease, Ending(b"answer", machine.wall + 10))
    assert None not in await store.peek(keys)
    cache = store._session.answers._cache
    assert cache._sql("PRAGMA mmap_size").fetchone() in {None, (0,)}
    assert aside(machine) == []


def test_no_setting_is_left_to_the_file():
    assert {*SETTINGS, "size_limit"} >= set(DEFAULT_SETTINGS)


async def test_a_caller_s_mistake_costs_nobody_the_store(machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    with pytest.raises(ValueError, match="not a number"):
        await store.put("note", b"value", float("nan"))
    with pytest.raises(ValueError, match="not a number"):
        await store.note(lease._replace(ends_at=float("nan")), b"entry")
    store.pause("insurer", float("nan"))
    await store.check()
    assert await store.note(lease, b"entry")
    assert aside(machine) == []


async def test_what_was_asked_in_one_life_is_not_done_in_the_next(machine, key):
    store = await machine.opened()
    other = await machine.opened("other")
    begun, heard = anyio.Event(), []

    async def ask():
        begun.set()
        try:
            heard.append(await store.claim([key]))
        except StoreError as error:
            heard.append(error)

    async with anyio.create_task_group() as tasks:
        await store._thread.acquire_on_behalf_of("test")
        tasks.start_soon(ask)
        await begun.wait()
        await anyio.wait_all_tasks_blocked()
        store._keeper.begin()
        store._thread.release_on_behalf_of("test")
    assert isinstance(heard[0], StoreError)
    assert await other.claim([key]) == [Taken(1, None)]
