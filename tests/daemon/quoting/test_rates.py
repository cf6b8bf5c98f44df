"""What offers teach survives a restart, sealed, and nothing of it can stop a start or a quote."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

import anyio
import pytest

from osago_core.pricing.observations import FRESH
from osago_core.tariff import Owner, RatedDriver, RatedFacts, VehicleClass, tariff_on
from osago_daemon.quoting.rates import SAVE_EVERY_S, RatesKeeper
from osago_daemon.storage.seal import Seal
from osago_daemon.storage.sealed import SealedStore
from tests.support.desk import virtual_hub
from tests.support.instances import CountingStore

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 22)
USUAL = tariff_on(TODAY).calculate(
    RatedFacts(
        vehicle_class=VehicleClass.CAR_INDIVIDUAL,
        owner=Owner.INDIVIDUAL,
        territory_id="ta/kazan",
        power_hp=Decimal(136),
        drivers=(RatedDriver(age=41, experience=21, kbm_class="13"),),
    )
)
BASE_RATE = Decimal(4200)
PREMIUM = USUAL.premium(BASE_RATE)


class Daemons:
    """On one hub."""

    def __init__(self):
        self.hub = virtual_hub()
        self._names = count(1)

    async def start(self, *insurers, seal=None):
        store = CountingStore(self.hub, f"daemon {next(self._names)}")
        await store.open()
        keeper = RatesKeeper(store if seal is None else SealedStore(store, seal), insurers)
        await keeper.restore()
        return keeper, store

    def plant(self, insurer, raw):
        self.hub.notes.put(f"rates/{insurer}", raw, self.hub.wall() + 60.0)

    def kept(self, insurer):
        return self.hub.notes.get(f"rates/{insurer}")


clients = count(1)


def teach(keeper, insurer="a", times=5):
    """From answers to that many clients: of equal multipliers they would count as one."""
    for _ in range(times):
        multiplier = USUAL.multiplier + next(clients) * Decimal("0.0001")
        client = replace(USUAL, multiplier=multiplier)
        keeper.rates.learn(insurer, client, BASE_RATE, TODAY)


def premium(keeper, insurer="a"):
    estimate = keeper.rates.estimate(insurer, USUAL, TODAY)
    return None if estimate is None else estimate.premium


async def test_what_was_learned_before_a_restart_is_estimated_from_after_it():
    daemons = Daemons()
    first, _ = await daemons.start("a", "b")
    teach(first)
    await first.save()
    again, _ = await daemons.start("a", "b")
    assert premium(again) == PREMIUM
    assert premium(again, "b") is None


async def test_it_is_saved_within_a_minute_and_only_when_something_was_learned():
    daemons = Daemons()
    one, store = await daemons.start("a", "b")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one.keep)
        await anyio.sleep(SAVE_EVERY_S * 3.5)  # virtual
        assert store.puts == []
        teach(one, "b")
        await anyio.sleep(SAVE_EVERY_S * 3)
        assert store.puts == ["rates/b"]
        teach(one, "b", times=1)
        await anyio.sleep(SAVE_EVERY_S)
        assert store.puts == ["rates/b", "rates/b"]
        tasks.cancel_scope.cancel()


async def test_what_was_restored_is_not_written_again_and_not_over_what_others_learned():
    daemons = Daemons()
    first, _ = await daemons.start("a")
    teach(first)
    await first.save()
    idle, store = await daemons.start("a")
    teach(first)
    await first.save()
    await idle.save()
    assert store.puts == []
    again, _ = await daemons.start("a")
    assert again.rates.estimate("a", USUAL, TODAY).observations == 10


async def test_where_values_are_sealed_nothing_of_it_can_be_read():
    daemons = Daemons()
    seal = Seal(b"secret")
    first, _ = await daemons.start("a", seal=seal)
    teach(first)
    await first.save()
    assert b"kazan" not in daemons.kept("a")
    assert b"420000" not in daemons.kept("a")
    assert premium((await daemons.start("a", seal=seal))[0]) == PREMIUM
    assert premium((await daemons.start("a", seal=Seal(b"another")))[0]) is None


async def test_a_note_is_kept_as_long_as_anything_may_be_estimated_from_it_and_no_longer():
    a_day = 86400.0
    daemons = Daemons()
    first, _ = await daemons.start("a")
    teach(first)
    await first.save()
    await anyio.sleep(FRESH.days * a_day + 60.0)
    assert daemons.kept("a") is not None
    await anyio.sleep(a_day)
    assert daemons.kept("a") is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b"{}",
        b'{"version": true, "segments": {}}',
        b'{"version": 2, "segments": {}}',
        b'{"version": 1}',
        b'{"version": 1, "segments": {"x": {"2026-06-22": {"2026-11-22": [NaN]}}}}',
        b'{"version": 1, "segments": {"x": {"2026-06-22": {"2026-11-22": [%b]}}}}' % (b"9" * 5000),
    ],
)
async def test_a_damaged_note_is_forgotten_and_a_new_one_begins(raw, capsys):
    daemons = Daemons()
    daemons.plant("a", raw)
    one, _ = await daemons.start("a")
    assert premium(one) is None
    teach(one)
    await one.save()
    assert premium((await daemons.start("a"))[0]) == PREMIUM
    printed = "".join(capsys.readouterr())
    assert printed.count("rates_forgotten") == 1
    assert "bug" not in printed


async def test_one_damaged_note_costs_only_that_insurer():
    daemons = Daemons()
    first, _ = await daemons.start("a", "b")
    teach(first, "b")
    await first.save()
    daemons.plant("a", b"{")
    assert premium((await daemons.start("a", "b"))[0], "b") == PREMIUM


async def test_a_store_that_is_away_is_said_once_and_is_told_all_when_it_is_back(capsys):
    daemons = Daemons()
    one, store = await daemons.start("a", "b")
    await store.away()
    for _ in range(3):
        teach(one)
        teach(one, "b", times=1)
        await one.save()
    await store.open()
    await one.save()
    assert store.puts == ["rates/a", "rates/b"]
    assert len(json.loads(daemons.kept("a"))["segments"]) == 2
    assert "".join(capsys.readouterr()).count("rates_not_saved") == 1


async def test_a_store_that_is_away_at_the_start_stops_no_start(capsys):
    one, store = await Daemons().start("a", "b")
    await store.away()
    await one.restore()
    assert premium(one) is None
    assert "".join(capsys.readouterr()).count("rates_forgotten") == 1


async def test_a_mistake_of_ours_stops_no_save_of_the_others(monkeypatch, capsys):
    daemons = Daemons()
    one, store = await daemons.start("a", "b")
    teach(one)
    teach(one, "b")
    as_json = one.rates.as_json

    def broken(insurer):
        if insurer == "a":
            raise RuntimeError
        return as_json(insurer)

    monkeypatch.setattr(one.rates, "as_json", broken)
    await one.save()
    assert store.puts == ["rates/b"]
    assert "bug" in "".join(capsys.readouterr())


async def test_the_last_save_waits_for_the_one_that_is_under_way(monkeypatch):
    gate, writes = anyio.Event(), []
    one, store = await Daemons().start("a")

    async def slow(_name, _value, _keep_s):
        writes.append("begin")
        await gate.wait()
        teach(one, times=1)  # more to be saved
        writes.append("end")

    monkeypatch.setattr(store, "put", slow)
    teach(one)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one.save)
        tasks.start_soon(one.save)
        await anyio.wait_all_tasks_blocked()
        assert writes == ["begin"]
        gate.set()
    assert writes == ["begin", "end"] * 2
