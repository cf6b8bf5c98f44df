"""Moments outlive a restart of the machine, and clocks that are set."""

import math

import pytest

from osago_daemon.storage.disk.clocks import boot_clock, boot_id
from osago_daemon.storage.disk.schema import GRAINS
from osago_daemon.storage.port import Ending, Full, Place, Rule

pytestmark = pytest.mark.anyio

DAY_S = 86_400.0
RULES = (Rule("per_minute", 1, 60.0),)
LATEST_S = 60.0 + 2 * 60.0 / GRAINS


def test_the_machine_has_a_clock_and_says_which_run_it_is():
    assert 0 < boot_clock() <= boot_clock()
    assert boot_id() == boot_id() != ""


async def restart(machine, *, off_s, set_s=0.0):
    """The machine is off for a while; its clock is set by so much meanwhile."""
    await machine.stores[-1].close()
    machine.boot, machine.now = "second", 7.0
    machine.wall += off_s + set_s
    return await machine.opened()


@pytest.fixture
async def store(machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    assert await store.finish(lease, Ending(word=b"word"))
    await store.put("note", b"note", 1000.0)
    assert isinstance(await store.take_place("insurer", RULES, 0.0), Place)
    return store


async def test_windows_and_notes_go_on_over_a_restart_where_they_were(store, machine, key):
    store = await restart(machine, off_s=30.0)
    full = await store.take_place("insurer", RULES, 0.0)
    assert 30.0 <= full.free_in_s <= 30.0 + LATEST_S - 60.0
    assert await store.get(["note"]) == [b"note"]
    assert (await store.wait(key, 1)).value == b"word"
    machine.now += LATEST_S - 30.0
    assert isinstance(await store.take_place("insurer", RULES, 0.0), Place)
    machine.now += 1000.0
    assert await store.get(["note"]) == [None]
    assert await store.wait(key, 1) is None


async def test_what_ended_while_it_was_off_is_over(store, machine, key):
    store = await restart(machine, off_s=5000.0)
    assert isinstance(await store.take_place("insurer", RULES, 0.0), Place)
    assert await store.get(["note"]) == [None]
    assert (await store.claim([key]))[0].token == 2


async def test_a_clock_set_back_over_the_restart_shuts_no_window_for_longer_than_it_is(
    store, machine
):
    store = await restart(machine, off_s=1.0, set_s=-365 * DAY_S)
    full = await store.take_place("insurer", RULES, 0.0)
    assert isinstance(full, Full)
    machine.now += LATEST_S
    assert isinstance(await store.take_place("insurer", RULES, 0.0), Place)


async def test_no_restart_no_shift(store, machine):
    await store.close()
    machine.wall += 1000.0
    await store.open()
    assert isinstance(await store.take_place("insurer", RULES, 0.0), Full)


async def test_a_clock_set_while_it_runs_is_known_after_the_restart(store, machine):
    machine.wall += 5000.0
    await store.check()
    store = await restart(machine, off_s=30.0)
    assert isinstance(await store.take_place("insurer", RULES, 0.0), Full)


@pytest.mark.parametrize("by_s", [-DAY_S, DAY_S])
async def test_setting_the_wall_clock_moves_no_window_note_word_or_token(by_s, store, machine, key):
    machine.wall += by_s
    await store.check()
    assert isinstance(await store.take_place("insurer", RULES, 0.0), Full)
    assert await store.get(["note"]) == [b"note"]
    assert (await store.wait(key, 1)).value == b"word"
    assert (await store.claim([key]))[0].token == 2


async def test_a_wall_clock_that_was_wrong_for_a_moment_costs_no_answer_and_no_entry(machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    assert await store.finish(lease, Ending(b"answer", machine.wall + 3600, entry=b"entry"))
    machine.wall += DAY_S
    await store.check()
    assert await store.peek([key]) == [None]
    machine.wall -= DAY_S
    assert (await store.peek([key]))[0].value == b"answer"
    assert (await store.claim([key], fresh=True))[0].entry == b"entry"


async def test_what_has_ended_is_removed_as_time_goes_by(store, machine, key):
    keys = [key._replace(fingerprint=str(n)) for n in range(700)]
    for one in await store.claim(keys):
        assert one.token == 1
    await store.add_places("insurer", [1.0, 2.0])
    store.release((await machine.taken(store, keys[0]))._replace(token=1))
    machine.now += 3 * DAY_S
    machine.wall += 3 * DAY_S
    for _ in range(2):
        await store.check()
    tables = ("calls", "words", "notes", "places", "elsewhere")
    left = {
        table: store._session.state.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in tables
    }
    assert left == dict.fromkeys(tables, 0)


async def test_a_pause_ends_on_the_machine_s_clock(machine):
    store = await machine.opened()
    store.pause("insurer", 100.0)
    machine.wall += DAY_S
    full = await store.take_place("insurer", RULES, 0.0)
    assert math.isclose(full.free_in_s, 100.0)
