"""Runs: every insurer once, numbered events, one end, and nobody waits for anybody else."""

import gc
import json
import weakref
from decimal import Decimal

import anyio
import pytest

from osago_core.application import check
from osago_core.wire.codec import encode_event
from osago_core.wire.events import DoneReason
from osago_core.wire.told import encode_told
from osago_daemon.resilience.numbers import LimitNumbers, PipelineNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.desk import (
    START,
    Pretend,
    another_application,
    decline,
    desk_of,
    ended,
    example,
    insurer_of,
    offer,
)

pytestmark = pytest.mark.anyio


def outcomes(events):
    return {
        event["insurer"]: event
        for event in events
        if event["type"] in {"offer", "declined", "failed"}
    }


def start(desk, application=None, *, insurers=None, deadline_s=60.0, cache="use"):
    return desk.start(
        application or another_application(),
        insurers=insurers or list(desk.insurers),
        deadline_s=deadline_s,
        cache=cache,
    )


async def test_every_insurer_has_exactly_one_outcome_and_seq_has_no_gaps():
    async with desk_of(
        fast=Pretend(offer("9000.50"), after_s=1),
        polled=Pretend(offer("8000"), after_s=1, polls=5),
        no=Pretend(decline("we do not want you"), after_s=2),
        broken=Pretend(Trouble(TroubleKind.BAD_ANSWER, "not JSON")),
    ) as desk:
        events = await ended(start(desk))
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events].count("done") == 1
    settled = [e["insurer"] for e in events if e["type"] in {"offer", "declined", "failed"}]
    assert sorted(settled) == ["broken", "fast", "no", "polled"]
    done = events[-1]
    assert done["type"] == "done"
    assert done["reason"] == "complete"
    assert done["counts"] == {"asked": 4, "offers": 2, "declined": 1, "failed": 1}
    assert done["best"] == {"insurer": "polled", "premium": 8000.0}


async def test_an_outcome_is_told_the_moment_it_is_known():
    async with desk_of(
        slow=Pretend(offer(), after_s=50, polls=0), fast=Pretend(offer(), after_s=0.5)
    ) as desk:
        events = await ended(start(desk))
    assert outcomes(events)["fast"]["elapsed_ms"] == 500


async def test_a_hanging_insurer_delays_nobody_and_ends_with_the_deadline():
    async with desk_of(
        hangs=Pretend(offer(), polls=1000),
        **{f"i{n}": Pretend(offer(), after_s=n / 10) for n in range(9)},
    ) as desk:
        run = start(desk, deadline_s=60.0)
        events = await ended(run)
    found = outcomes(events)
    assert [found[f"i{n}"]["elapsed_ms"] for n in range(9)] == [n * 100 for n in range(9)]
    assert (found["hangs"]["type"], found["hangs"]["kind"]) == ("failed", "timeout")
    done = events[-1]
    assert (done["reason"], done["elapsed_ms"]) == ("deadline", 60_000)


async def test_progress_is_told_once_per_change():
    async with desk_of(a=Pretend(offer(), after_s=1, polls=20)) as desk:
        events = await ended(start(desk))
    states = [event["state"] for event in events if event["type"] == "insurer_state"]
    assert states == ["asking", "waiting"]


async def test_a_retry_is_told_with_its_wait_and_its_reason():
    class Flaky(Pretend):
        async def _send(self):
            if self.after_s:
                self.after_s = 0
                raise Trouble(TroubleKind.THROTTLED, "429", retry_after_s=3.0)

    async with desk_of(a=Flaky(offer(), after_s=1)) as desk:
        events = await ended(start(desk))
    told = [
        (e["state"], e["attempt"], e.get("reason")) for e in events if e["type"] == "insurer_state"
    ]
    assert told == [("asking", 1, None), ("retrying", 2, "throttled"), ("asking", 2, None)]
    assert 3000 <= events[1]["retry_in_ms"] <= 4000  # not before they said, and not all at once
    assert events[-2]["attempts"] == 2
    assert events[-2]["elapsed_ms"] == pytest.approx(events[1]["retry_in_ms"], abs=1)


async def test_a_bug_in_one_adapter_is_a_failure_of_that_insurer_only():
    async with desk_of(buggy=Pretend(KeyError("Иванов")), fine=Pretend(offer(), after_s=1)) as desk:
        events = await ended(start(desk))
    found = outcomes(events)
    assert found["buggy"]["kind"] == "internal"
    assert "Иванов" not in str(events)
    assert found["fine"]["type"] == "offer"


async def test_an_adapter_that_gives_nothing_is_a_failure_of_that_insurer_only():
    async with desk_of(empty=Pretend(None), fine=Pretend(offer(), after_s=1)) as desk:
        events = await ended(start(desk))
    assert outcomes(events)["empty"]["kind"] == "internal"
    assert outcomes(events)["fine"]["type"] == "offer"


@pytest.mark.parametrize("broken", ["offer", "done", "insurer_state"])
async def test_a_bug_beside_the_adapters_costs_no_other_insurer_run_or_daemon(
    monkeypatch, capsys, broken
):
    def buggy(event):
        if event.type == broken and getattr(event, "insurer", "a") == "a":
            raise ValueError("Канарейкин")
        return encode_event(event)

    def buggy_about_outcomes(envelope, written):
        if written.type == broken and envelope.insurer == "a":
            raise ValueError("Канарейкин")
        return encode_told(envelope, written)

    async with desk_of(a=Pretend(offer()), b=Pretend(offer(), polls=5)) as desk:
        monkeypatch.setattr("osago_daemon.quoting.run.encode_event", buggy)
        monkeypatch.setattr("osago_daemon.quoting.run.encode_told", buggy_about_outcomes)
        run = start(desk)
        await anyio.sleep(60)
        told = [json.loads(line)["params"] for line in run.lines]
        assert desk.active == 0
        assert outcomes(told)["b"]["type"] == "offer"
        assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
        assert ([e["type"] for e in told].count("done") == 1) is (broken != "done")
        monkeypatch.undo()
        assert (await ended(start(desk)))[-1]["counts"]["offers"] == 2
    assert "Канарейкин" not in str(told) + capsys.readouterr().out


async def test_a_run_that_is_forgotten_leaves_nothing_to_the_collector(monkeypatch):
    monkeypatch.setattr("osago_daemon.quoting.desk.KEPT_RUNS", 1)
    async with desk_of(a=Pretend(offer())) as desk:
        run = weakref.ref(start(desk))
        await ended(run())
        gc.disable()
        try:
            await ended(start(desk))
            assert run() is None
        finally:
            gc.enable()


async def test_a_run_that_is_just_done_is_not_forgotten_before_its_end(monkeypatch):
    monkeypatch.setattr("osago_daemon.quoting.desk.KEPT_RUNS", 2)
    begun = []
    async with desk_of(a=Pretend(offer()), b=Pretend(offer(), polls=5)) as desk:
        first = start(desk, insurers=["a"])
        start(desk, insurers=["b"])

        def at_once():
            if first.done is not None and not begun:
                begun.append(start(desk, insurers=["b"]))
                desk.drain()

        first.watch("a watcher", at_once)
        events = await ended(first)
        assert events[-1]["reason"] == "complete"
        assert (await ended(begun[0]))[-1]["reason"] == "draining"


async def test_a_bug_in_the_record_costs_no_offer(monkeypatch):
    def buggy(*_):
        raise ValueError

    monkeypatch.setattr("osago_daemon.quoting.insurer.Record.note", buggy)
    async with desk_of(a=Pretend(offer()), b=Pretend(offer(), polls=5)) as desk:
        events = await ended(start(desk))
    assert events[-1]["counts"]["offers"] == 2


async def test_a_hanging_insurer_is_left_alone_also_where_deadlines_come_before_the_timeout():
    async with desk_of(hangs=Pretend(offer(), after_s=1000)) as desk:
        for _ in range(11):
            events = await ended(start(desk, deadline_s=6.0))
        assert outcomes(events)["hangs"]["kind"] == "unavailable"
        assert events[-1]["elapsed_ms"] == 0
        assert outcomes(events)["hangs"]["retry_at"] > events[-1]["at"]


async def test_impatience_says_nothing_about_the_insurer():
    async with desk_of(takes_its_time=Pretend(offer(), after_s=3)) as desk:
        for _ in range(20):
            events = await ended(start(desk, deadline_s=2.0))
            assert events[-1]["reason"] == "deadline"
        assert desk.insurers["takes_its_time"].pipeline.breaker.state == "closed"


async def test_cancelling_ends_with_what_has_arrived_and_one_done():
    async with desk_of(fast=Pretend(offer()), slow=Pretend(offer(), polls=100)) as desk:
        run = start(desk)
        await anyio.sleep(5)
        desk.stop(run, DoneReason.CANCELLED)
        desk.stop(run, DoneReason.CANCELLED)
        events = await ended(run)
        desk.stop(run, DoneReason.CANCELLED)
    assert [event["type"] for event in events].count("done") == 1
    assert events[-1]["reason"] == "cancelled"
    assert events[-1]["counts"] == {"asked": 2, "offers": 1, "declined": 0, "failed": 0}
    assert desk.active == 0


async def test_cancelling_a_run_that_is_complete_changes_nothing():
    async with desk_of(fast=Pretend(offer())) as desk:
        run = start(desk)
        events = await ended(run)
        desk.stop(run, DoneReason.CANCELLED)
        assert events[-1]["reason"] == "complete"
        assert run.seq == len(events)


async def test_draining_ends_every_run():
    async with desk_of(a=Pretend(offer(), polls=100)) as desk:
        runs = [start(desk) for _ in range(5)]
        await anyio.sleep(2)
        desk.drain()
        ends = [(await ended(run))[-1] for run in runs]
    assert {(end["type"], end["reason"]) for end in ends} == {("done", "draining")}


async def test_only_the_insurers_asked_for_are_asked():
    a, b = Pretend(offer()), Pretend(offer())
    async with desk_of(a=a, b=b) as desk:
        events = await ended(start(desk, insurers=["b"]))
    assert (len(a.calls), len(b.calls)) == (0, 1)
    assert events[-1]["counts"]["asked"] == 1


async def test_asking_the_cache_only_asks_no_insurer():
    a = Pretend(offer())
    async with desk_of(a=a) as desk:
        events = await ended(start(desk, cache="only"))
    assert a.calls == []
    assert (events[0]["kind"], events[-1]["reason"]) == ("unavailable", "complete")


async def test_an_application_carries_the_same_key_all_day_and_another_for_another_insurer():
    a, b = Pretend(Trouble(TroubleKind.SERVER_ERROR, "500")), Pretend(offer())
    application = another_application()
    async with desk_of(a=a, b=b) as desk:
        for _ in range(2):
            await ended(start(desk, application))
        await anyio.sleep(24 * 3600)
        await ended(start(desk, application))
    keys = [call.idempotency_key for call in a.calls]
    assert keys[0] == keys[1] != keys[2]
    assert a.calls[0].idempotency_key != b.calls[0].idempotency_key


async def test_the_record_remembers_times_and_the_last_error():
    failing = Pretend(Trouble(TroubleKind.AUTH, "401"))
    async with desk_of(a=Pretend(offer(), after_s=2), b=failing) as desk:
        await ended(start(desk))
        latency = desk.insurers["a"].record.latency()
        assert (latency.answers, latency.p50_ms, latency.p90_ms) == (1, 2000, 2000)
        assert desk.insurers["b"].record.latency() is None
        assert desk.insurers["b"].record.last_error == "auth"


async def test_old_runs_are_forgotten_but_never_a_running_one(monkeypatch):
    monkeypatch.setattr("osago_daemon.quoting.desk.KEPT_RUNS", 3)
    async with desk_of(slow=Pretend(offer(), polls=30), fast=Pretend(offer())) as desk:
        long = start(desk, insurers=["slow"])
        short = [start(desk, insurers=["fast"]) for _ in range(3)]
        await ended(short[-1])
        newest = start(desk, insurers=["fast"])
        assert desk.get(short[0].id) is None
        assert desk.get(long.id) is long
        assert desk.latest(10)[0] is newest
        await ended(long)


async def test_adapters_are_given_no_binary_fractions():
    application = example()
    application["vehicle"]["power_hp"] = 87.6
    a = Pretend(offer())
    async with desk_of(a=a) as desk:
        valid = check(application, today=START.date())
        run = desk.start(valid.application, insurers=["a"], deadline_s=60.0, cache="use")
        await ended(run)
    assert a.calls[0].application["vehicle"]["power_hp"] == Decimal("87.6")


class Sick:
    """Answers every request with a 500."""

    async def quote(self, call):
        async def send():
            raise Trouble(TroubleKind.SERVER_ERROR, "HTTP 500")

        return await call.attempt(send, repeatable=True)


async def test_failures_behind_an_open_breaker_are_not_hidden_by_it():
    async with desk_of(sick=Sick()) as desk:
        for _ in range(4):
            events = await ended(start(desk))
        assert outcomes(events)["sick"]["kind"] == "unavailable"  # asked nobody: says nothing new
        record = desk.insurers["sick"].record
        assert record.last_error == "server_error"
        assert (record.failed, record.failures()) == (3, {"server_error": 1})


async def test_our_own_limits_are_no_failure_of_the_insurer():
    async with desk_of() as desk:
        numbers = PipelineNumbers(limits=LimitNumbers(per_day=1))
        desk.insurers["a"] = insurer_of("a", Pretend(offer()), numbers)
        for _ in range(3):
            events = await ended(start(desk))
        assert outcomes(events)["a"]["kind"] == "throttled"
        assert (desk.insurers["a"].record.answered, desk.insurers["a"].record.failed) == (1, 0)
