"""What is known of insurers survives a restart, and nothing of it can stop a quote."""

import json

import anyio
import pytest

from osago_daemon.quoting.health import SAVE_EVERY_S, HealthKeeper
from osago_daemon.resilience.numbers import LimitNumbers, PipelineNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.storage.health import HealthFile
from tests.support.desk import Pretend, desk_of, ended, example_application, insurer_of, offer

pytestmark = pytest.mark.anyio


class Sick:
    """Answers every request with a 500."""

    async def quote(self, call):
        async def send():
            raise Trouble(TroubleKind.SERVER_ERROR, "HTTP 500")

        return await call.attempt(send, repeatable=True)


async def ask(desk, times=1):
    for _ in range(times):
        await ended(
            desk.start(
                example_application(),
                insurers=list(desk.insurers),
                deadline_s=60.0,
                cache="use",
            )
        )


@pytest.fixture
def kept():
    """Starts a daemon's keeper; the one before it has ended."""
    files = []

    def started(desk, path):
        for file in files:
            file.release()
        files.append(HealthFile(path))
        keeper = HealthKeeper(files[-1], desk.insurers.values(), wall_clock=desk.wall_clock)
        keeper.restore()
        return keeper

    yield started
    files[-1].release()


@pytest.fixture(autouse=True)
def threads_run_inline(monkeypatch):
    """Virtual time would run ahead while a thread writes."""

    async def inline(function, *arguments):
        return function(*arguments)

    monkeypatch.setattr("anyio.to_thread.run_sync", inline)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "health.json"


async def test_breakers_answer_times_and_last_errors_survive_a_restart(kept, path):
    async with desk_of(sick=Sick(), well=Pretend(offer(), after_s=1.5, polls=2)) as desk:
        await ask(desk, 3)
        await kept(desk, path).save()
        known = desk.insurers["well"].record.latency()
    async with desk_of(sick=Sick(), well=Pretend(offer())) as desk:
        kept(desk, path)
        assert desk.insurers["sick"].pipeline.breaker.state in {"open", "half_open"}
        assert desk.insurers["sick"].record.last_error == "server_error"
        assert desk.insurers["well"].record.latency() == known
        assert desk.insurers["well"].pacer.snapshot()


async def test_a_day_limit_survives_a_restart(kept, path):
    numbers = PipelineNumbers(limits=LimitNumbers(per_day=3))
    async with desk_of() as desk:
        desk.insurers["a"] = insurer_of("a", Pretend(offer()), numbers)
        await ask(desk, 2)
        await kept(desk, path).save()
        desk.insurers["a"] = insurer_of("a", Pretend(offer()), numbers)
        kept(desk, path)
        (left,) = [
            state.left
            for state in desk.insurers["a"].pipeline.limiter.status(anyio.current_time())
            if state.name == "per_day"
        ]
        assert left == 1


async def test_it_is_saved_when_a_breaker_changes_and_every_few_seconds(kept, path):
    async with desk_of(sick=Sick()) as desk, anyio.create_task_group() as tasks:
        keeping = kept(desk, path)
        tasks.start_soon(keeping.keep)
        await anyio.wait_all_tasks_blocked()
        desk.insurers["sick"].pipeline.breaker.isolate(None)
        await anyio.sleep(SAVE_EVERY_S / 2)  # virtual
        assert "isolated" in path.read_text()
        saved_at = json.loads(path.read_text())["saved_at"]
        await anyio.sleep(SAVE_EVERY_S * 1.5)
        assert json.loads(path.read_text())["saved_at"] == saved_at  # nothing new to say
        await ask(desk)
        await anyio.sleep(SAVE_EVERY_S * 1.5)
        assert json.loads(path.read_text())["saved_at"] > saved_at
        tasks.cancel_scope.cancel()


async def test_what_is_known_of_an_insurer_that_is_switched_off_is_kept(kept, path):
    async with desk_of(sick=Sick(), well=Pretend(offer())) as desk:
        await ask(desk, 3)
        await kept(desk, path).save()
    async with desk_of(well=Pretend(offer())) as desk:
        keeping = kept(desk, path)
        await ask(desk)
        await keeping.save()
    async with desk_of(sick=Sick()) as desk:
        kept(desk, path)
        assert desk.insurers["sick"].pipeline.breaker.state in {"open", "half_open"}


@pytest.mark.parametrize(
    "junk",
    [None, 1, [], {"state": "???"}, {"state": "open", "open_until": "NaN"}, {"state": {}}],
)
async def test_junk_is_reported_and_costs_nothing(kept, path, junk, capsys):
    parts = dict.fromkeys(("breaker", "limits", "polling", "record"), junk)
    path.write_text(json.dumps({"version": 1, "insurers": {"well": parts, "x": junk}}))
    async with desk_of(well=Pretend(offer())) as desk:
        keeping = kept(desk, path)
        await ask(desk)
        assert desk.insurers["well"].record.latency().answers == 1
        await keeping.save()
    assert "Traceback" not in capsys.readouterr().err


async def test_a_folder_that_is_gone_is_said_once_and_costs_no_quote(kept, tmp_path, capsys):
    async with desk_of(well=Pretend(offer())) as desk, anyio.create_task_group() as tasks:
        keeping = kept(desk, tmp_path / "gone" / "health.json")
        tasks.start_soon(keeping.keep)
        for _ in range(4):
            await ask(desk)
            await anyio.sleep(SAVE_EVERY_S * 1.5)
        tasks.cancel_scope.cancel()
    printed = capsys.readouterr()
    assert (printed.out + printed.err).count("health_not_saved") == 1
    assert not (tmp_path / "gone").exists()


async def test_a_file_that_only_we_could_have_written_wrong_stops_no_start(kept, path, capsys):
    part = {"breaker": {}, "polling": {"price": float("1e308"), "count": 10**400}}
    text = json.dumps({"version": 1, "insurers": {"well": part}}).replace("1e+308", "9" * 400)
    path.write_text(text)
    async with desk_of(well=Pretend(offer(), polls=2)) as desk:
        kept(desk, path)
        await ask(desk)
        assert desk.insurers["well"].record.latency().answers == 1
    assert "bug" not in capsys.readouterr().err


async def test_the_last_save_waits_for_the_one_that_is_under_way(kept, path, monkeypatch):
    gate, writes = anyio.Event(), []

    async def slow(function, *arguments):
        writes.append("begin")
        await gate.wait()
        function(*arguments)
        writes.append("end")

    monkeypatch.setattr("anyio.to_thread.run_sync", slow)
    async with desk_of(well=Pretend(offer())) as desk, anyio.create_task_group() as tasks:
        keeping = kept(desk, path)
        tasks.start_soon(keeping.save)
        tasks.start_soon(keeping.save)
        await anyio.wait_all_tasks_blocked()
        assert writes == ["begin"]
        gate.set()
    assert writes == ["begin", "end"] * 2


async def test_a_second_daemon_does_not_overwrite_what_the_first_one_knows(path, kept, capsys):
    async with desk_of(a=Pretend(offer())) as first, desk_of(a=Pretend(offer())) as second:
        keeping = kept(first, path)
        first.insurers["a"].pipeline.breaker.isolate(None)
        await keeping.save()
        other = HealthKeeper(HealthFile(path), second.insurers.values(), second.wall_clock)
        other.restore()
        second.insurers["a"].pipeline.breaker.restore()
        await other.save()
    assert "isolated" in path.read_text()
    assert "another daemon" in capsys.readouterr().out
