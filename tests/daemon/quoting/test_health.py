"""What is known of insurers survives a restart, and nothing of it can stop a quote."""

import json

import anyio
import pytest

from osago_daemon.quoting.health import KEPT_S, SAVE_EVERY_S
from osago_daemon.resilience.numbers import LimitNumbers, PipelineNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.desk import Pretend, insurer_of, offer
from tests.support.instances import instances

pytestmark = pytest.mark.anyio

AWAY = {"open", "half_open"}


class Sick:
    """Answers every request with a 500."""

    async def quote(self, call):
        async def send():
            raise Trouble(TroubleKind.SERVER_ERROR, "HTTP 500")

        return await call.attempt(send, repeatable=True)


def kept(daemons, id_):
    raw = daemons.hub.notes.get(f"health/{id_}")
    return None if raw is None else json.loads(raw)


def plant(daemons, id_, raw):
    text = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    daemons.hub.notes.put(f"health/{id_}", text, daemons.hub.wall() + 60.0)


async def test_breakers_answer_times_and_last_errors_survive_a_restart():
    async with instances() as daemons:
        well = Pretend(offer(), after_s=1.5, polls=2)
        first = await daemons.start(keep=False, sick=Sick(), well=well)
        await first.ask(3)
        await first.keeper.save()
        known = first.desk.insurers["well"].record.latency()
        first.kill()
        again = await daemons.start(keep=False, sick=Sick(), well=Pretend(offer()))
        assert again.breaker("sick").state in AWAY
        assert again.desk.insurers["sick"].record.last_error == "server_error"
        assert again.desk.insurers["well"].record.latency() == known
        assert again.desk.insurers["well"].pacer.snapshot() == (
            first.desk.insurers["well"].pacer.snapshot()
        )


async def test_what_one_instance_learned_is_known_to_one_that_starts_beside_it():
    async with instances() as daemons:
        first = await daemons.start("one", keep=False, a=Pretend(offer()))
        await first.ask(2)
        await first.keeper.save()
        second = await daemons.start("two", keep=False, a=Pretend(offer()))
        assert second.desk.insurers["a"].record.latency().answers == 2


async def test_a_day_limit_that_only_we_count_survives_a_restart():
    numbers = PipelineNumbers(limits=LimitNumbers(per_day=3))
    insurer = insurer_of("a", Pretend(offer()), numbers)
    async with instances() as daemons:
        first = await daemons.start(keep=False, a=Pretend(offer()))
        first.desk.insurers["a"] = insurer
        await first.ask(2)
        now = daemons.clock.wall()
        other = insurer_of("a", Pretend(offer()), numbers)
        other.load(insurer.snapshot(now), now)
        (left,) = [
            state.left
            for state in other.pipeline.limiter.status(anyio.current_time())
            if state.name == "per_day"
        ]
        assert left == 1


async def test_limits_that_a_shared_store_counts_are_not_kept_a_second_time(monkeypatch):
    async with instances() as daemons:
        first = await daemons.start(keep=False, a=Pretend(offer()))
        limiter = first.desk.insurers["a"].pipeline.limiter
        monkeypatch.setattr(limiter, "snapshot", lambda _wall_s: {})
        await first.ask()
        await first.keeper.save()
        assert "limits" not in kept(daemons, "a")
        again = await daemons.start(keep=False, a=Pretend(offer()))
        assert again.desk.insurers["a"].record.latency().answers == 1


async def test_it_is_saved_when_a_breaker_changes_and_every_few_seconds():
    async with instances() as daemons:
        one = await daemons.start(sick=Sick())
        one.breaker("sick").isolate(None)
        await anyio.sleep(SAVE_EVERY_S / 2)  # virtual
        assert kept(daemons, "sick")["breaker"]["state"] == "isolated"
        saved_at = kept(daemons, "sick")["saved_at"]
        await anyio.sleep(SAVE_EVERY_S * 1.5)
        assert kept(daemons, "sick")["saved_at"] == saved_at  # nothing new to say
        await one.ask()
        await anyio.sleep(SAVE_EVERY_S * 1.5)
        assert kept(daemons, "sick")["saved_at"] > saved_at


async def test_an_idle_daemon_writes_nothing_not_even_at_its_end():
    async with instances() as daemons:
        busy = await daemons.start("busy", keep=False, a=Pretend(offer()), b=Pretend(offer()))
        idle = await daemons.start("idle", a=Pretend(offer()), b=Pretend(offer()))
        await busy.ask()
        await busy.keeper.save()
        await anyio.sleep(SAVE_EVERY_S * 10)
        await idle.keeper.save()
        assert idle.store.puts == []
        assert kept(daemons, "a")["record"]["kinds"] == ["offer"]


async def test_only_insurers_that_something_was_learned_of_are_written():
    async with instances() as daemons:
        one = await daemons.start(keep=False, a=Pretend(offer()), b=Pretend(offer()))
        one.breaker("a").isolate(60.0)
        await one.keeper.save()
        await one.keeper.save()
        assert one.store.puts == ["health/a"]


async def test_what_is_known_of_an_insurer_that_is_switched_off_is_kept():
    async with instances() as daemons:
        first = await daemons.start(keep=False, sick=Sick(), well=Pretend(offer()))
        await first.ask(3)
        await first.keeper.save()
        first.kill()
        second = await daemons.start(keep=False, well=Pretend(offer()))
        await second.ask()
        await second.keeper.save()
        second.kill()
        third = await daemons.start(keep=False, sick=Sick())
        assert third.breaker("sick").state in AWAY
        assert third.desk.insurers["sick"].record.failed == 3


async def test_what_nobody_has_written_for_months_is_forgotten():
    async with instances() as daemons:
        first = await daemons.start(keep=False, a=Pretend(offer()))
        await first.ask()
        await first.keeper.save()
        await anyio.sleep(KEPT_S - 60.0)
        assert kept(daemons, "a") is not None
        await anyio.sleep(120.0)
        assert kept(daemons, "a") is None


@pytest.mark.parametrize(
    "junk",
    [None, 1, [], {"state": "???"}, {"state": "open", "open_until": "NaN"}, {"state": {}}],
)
async def test_junk_is_reported_by_its_parts_and_costs_nothing(junk, capsys):
    parts = dict.fromkeys(("breaker", "limits", "polling", "record"), junk)
    async with instances() as daemons:
        plant(daemons, "well", {"version": 1, **parts})
        one = await daemons.start(keep=False, well=Pretend(offer()))
        await one.ask()
        assert one.desk.insurers["well"].record.latency().answers == 1
        await one.keeper.save()
    printed = "".join(capsys.readouterr())
    assert "makes no sense: breaker, limits, polling, record" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"version": 1, "polling": {"price": NaN}}',
        b'{"version": 1, "polling": {"price": -Infinity}}',
        b'{"version": true}',
        b'{"version": 2}',
        b"{}",
    ],
)
async def test_a_damaged_note_or_another_versions_is_forgotten_and_a_new_one_begins(raw, capsys):
    async with instances() as daemons:
        plant(daemons, "well", raw)
        one = await daemons.start(keep=False, well=Pretend(offer()))
        await one.ask()
        await one.keeper.save()
        assert kept(daemons, "well")["record"]["kinds"] == ["offer"]
    printed = "".join(capsys.readouterr())
    assert printed.count("health_forgotten") == 1
    assert "bug" not in printed


async def test_a_note_that_only_we_could_have_written_wrong_stops_no_start(capsys):
    part = {"version": 1, "breaker": {}, "polling": {"price": float("1e308"), "count": 10**400}}
    async with instances() as daemons:
        plant(daemons, "well", json.dumps(part).replace("1e+308", "9" * 400).encode())
        one = await daemons.start(keep=False, well=Pretend(offer(), polls=2))
        await one.ask()
        assert one.desk.insurers["well"].record.latency().answers == 1
    assert "bug" not in "".join(capsys.readouterr())


async def test_a_store_that_is_away_is_said_once_and_is_told_all_when_it_is_back(
    capsys,
):
    async with instances() as daemons:
        one = await daemons.start(well=Pretend(offer()))
        await one.store.away()
        for _ in range(4):
            one.desk.insurers["well"].pipeline.activity += 1
            await anyio.sleep(SAVE_EVERY_S * 1.5)
        assert kept(daemons, "well") is None
        await one.store.open()
        await anyio.sleep(SAVE_EVERY_S * 1.5)
        assert kept(daemons, "well") is not None
    printed = "".join(capsys.readouterr())
    assert printed.count("health_not_saved") == 1
    assert printed.count("hints_not_exchanged") == 1


async def test_a_store_that_is_away_at_the_start_stops_no_start(capsys):
    async with instances() as daemons:
        one = await daemons.start(keep=False, well=Pretend(offer()))
        await one.store.away()
        await one.keeper.restore()
    printed = "".join(capsys.readouterr())
    assert printed.count("health_forgotten") == 1
    assert "bug" not in printed


async def test_the_last_save_waits_for_the_one_that_is_under_way(monkeypatch):
    gate, writes = anyio.Event(), []
    async with instances() as daemons, anyio.create_task_group() as tasks:
        one = await daemons.start(keep=False, well=Pretend(offer()))

        async def slow(_name, _value, _keep_s):
            writes.append("begin")
            await gate.wait()
            one.desk.insurers["well"].pipeline.activity += 1  # more to be saved
            writes.append("end")

        monkeypatch.setattr(one.store, "put", slow)
        await one.ask()
        tasks.start_soon(one.keeper.save)
        tasks.start_soon(one.keeper.save)
        await anyio.wait_all_tasks_blocked()
        assert writes == ["begin"]
        gate.set()
    assert writes == ["begin", "end"] * 2
