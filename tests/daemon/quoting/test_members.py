"""One answer with several insurers' offers: the source is asked once, its members are told."""

import json
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
import pytest
from structlog.testing import capture_logs

from osago_core.offer import Declined, DeclineReason, Failed, FailureKind, Offer
from osago_core.wire.events import DoneReason
from osago_core.wire.tariff import Estimate, FailureFindings
from osago_daemon.insurers.port import Several
from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.health import HealthKeeper
from osago_daemon.quoting.insurer import members_of
from osago_daemon.resilience.breaker import State
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.storage.memory import MemoryStore
from tests.daemon.quoting.test_flights import Slow, outcome, start
from tests.daemon.quoting.test_recovery import Keeper
from tests.support.desk import another_application, decline, ended, insurer_of, offer, virtual_hub

pytestmark = pytest.mark.anyio

MEMBERS = {"sk-a": "СК А", "sk-b": "СК Б", "sk-c": "СК В"}
BROKEN = Failed(kind=FailureKind.BAD_ANSWER, message="junk", retryable=False)
CHECKED = Declined(reason=DeclineReason.MANUAL_CHECK, message="на проверке")


def several(**outcomes):
    return Several({id_.replace("_", "-"): one for id_, one in outcomes.items()})


ALL = several(sk_a=offer("5000"), sk_b=decline("нет"), sk_c=offer("6000"))


class Findings:
    """Estimates each insurer's price where it failed, by its own id."""

    def __init__(self, *_):
        self.asked = []

    def of(self, insurer, outcome):
        if not isinstance(outcome, Failed):
            return None
        price = 1000 + ord(insurer[-1])
        return FailureFindings(
            estimate=Estimate(
                premium_low=price,
                premium=price,
                premium_high=price,
                observations=5,
                since="2026-11-01",
                wider=False,
                approximate=False,
            )
        )


@asynccontextmanager
async def desk(adapter, hub=None, name="one", *, keeper=None, **plain):
    hub = hub or virtual_hub()
    store = MemoryStore(hub, name)
    await store.open()
    insurers = members_of(insurer_of("broker", adapter), MEMBERS)
    insurers += [insurer_of(id_, other) for id_, other in plain.items()]

    def wall_clock():
        return datetime.fromtimestamp(hub.wall(), UTC)

    around = Surroundings(store, b"k" * 32, wall_clock, keeper=keeper, appraiser=Findings)
    async with anyio.create_task_group() as tasks:
        yield QuoteDesk(tasks, insurers, around)


def told(events):
    """Each outcome event by insurer; each has one."""
    found = [e for e in events if e["type"] in {"offer", "declined", "failed"}]
    assert len({e["insurer"] for e in found}) == len(found)
    return {e["insurer"]: e for e in found}


async def test_one_call_gives_each_member_its_row_beside_plain_insurers():
    broker, a = Slow(ALL), Slow(offer("7000"))
    async with desk(broker, a=a) as it:
        assert list(it.insurers) == ["sk-a", "sk-b", "sk-c", "a"]
        run = start(it, another_application())
        events = await ended(run)
    found = told(events)
    assert broker.creates == 1
    assert [found[id_]["type"] for id_ in MEMBERS] == ["offer", "declined", "offer"]
    assert (found["sk-a"]["premium"], found["sk-a"]["insurer_name"]) == (5000, "СК А")
    assert found["sk-b"]["message"] == "нет"
    done = events[-1]
    assert done["counts"] == {"asked": 4, "offers": 3, "declined": 1, "failed": 0}
    assert (done["best"]["insurer"], done["reason"]) == ("sk-a", "complete")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


async def test_every_member_hears_how_far_the_source_is_and_no_other_name_is_told():
    async with desk(Slow(ALL)) as it:
        events = await ended(start(it, another_application()))
    states = [(e["insurer"], e["state"]) for e in events if e["type"] == "insurer_state"]
    assert states == [(id_, state) for state in ("asking", "waiting") for id_ in MEMBERS]


async def test_one_member_alone_is_asked_through_one_create_and_the_others_are_kept():
    broker, application = Slow(ALL), another_application()
    async with desk(broker) as it:
        first = await ended(start(it, application, insurers=["sk-a"]))
        assert list(told(first)) == ["sk-a"]
        assert first[-1]["counts"]["asked"] == 1
        other = told(await ended(start(it, application, insurers=["sk-c"])))
        only = told(await ended(start(it, application, cache="only")))
    assert (other["sk-c"]["source"], other["sk-c"]["premium"]) == ("cache", 6000)
    assert other["sk-c"]["answered_at"] == outcome(first, "sk-a")["at"]
    assert [one["source"] for one in only.values()] == ["cache"] * 3
    assert broker.creates == 1


async def test_two_runs_for_different_members_at_once_share_one_call():
    broker, application = Slow(ALL), another_application()
    async with desk(broker) as it:
        first = start(it, application, insurers=["sk-a"])
        await anyio.sleep(0.5)
        second = start(it, application, insurers=["sk-b", "sk-c"])
        one, other = told(await ended(first)), told(await ended(second))
    assert broker.creates == 1
    assert one["sk-a"]["source"] == "live"
    assert {id_: e["source"] for id_, e in other.items()} == {"sk-b": "joined", "sk-c": "joined"}


async def test_two_processes_ask_the_source_once():
    broker, application, hub = Slow(ALL), another_application(), virtual_hub()
    async with desk(broker, hub, "one") as one, desk(broker, hub, "two") as two:
        first = start(one, application, insurers=["sk-a"])
        await anyio.sleep(0.5)
        joined = told(await ended(start(two, application, insurers=["sk-b"])))
        await ended(first)
        kept = told(await ended(start(two, application, insurers=["sk-c"])))
    assert broker.creates == 1
    assert joined["sk-b"]["source"] == "joined"
    assert kept["sk-c"]["source"] == "cache"


async def test_another_process_hears_of_a_failure_for_each_member_with_its_own_estimate():
    broker = Slow(Trouble(TroubleKind.REJECTED, "our words were wrong"), polls=0)
    application, hub = another_application(), virtual_hub()
    async with desk(broker, hub, "one") as one, desk(broker, hub, "two") as two:
        first = start(one, application)
        await anyio.sleep(0.5)
        joined = told(await ended(start(two, application)))
        live = told(await ended(first))
    for found in (live, joined):
        assert {id_: e["kind"] for id_, e in found.items()} == dict.fromkeys(
            MEMBERS, "rejected_request"
        )
        prices = [e["estimate"]["premium"] for e in found.values()]
        assert prices == [1000 + ord(id_[-1]) for id_ in MEMBERS]
    assert broker.creates == 1


async def test_who_is_not_named_declined_without_a_word():
    async with desk(Slow(several(sk_c=offer()))) as it:
        found = told(await ended(start(it, another_application())))
    for id_ in ("sk-a", "sk-b"):
        assert (found[id_]["type"], found[id_]["reason"]) == ("declined", "other")
        assert found[id_]["message"] == ""
    assert found["sk-c"]["type"] == "offer"


async def test_a_member_that_nobody_knows_is_dropped_and_logged():
    stranger = Several({**ALL.outcomes, "Иванов": offer("1")})
    async with desk(Slow(stranger)) as it:
        with capture_logs() as logs:
            found = told(await ended(start(it, another_application())))
    assert list(found) == list(MEMBERS)
    (warning,) = [entry for entry in logs if entry["event"] == "unknown_members"]
    assert warning["count"] == 1
    assert "Иванов" not in str(logs)


@pytest.mark.parametrize(
    "answer", [offer("1"), Several({"sk-a": "5000"}), Several({"sk-a": offer(), "sk-b": None})]
)
async def test_what_no_source_may_answer_is_an_adapters_mistake_and_no_offer(answer):
    async with desk(Slow(answer)) as it:
        found = told(await ended(start(it, another_application())))
    assert {e["type"] for e in found.values()} == {"failed"}
    assert {e["kind"] for e in found.values()} == {"internal"}


async def test_several_outcomes_of_a_plain_insurer_are_its_adapters_mistake():
    async with desk(Slow(ALL), a=Slow(ALL)) as it:
        found = told(await ended(start(it, another_application(), insurers=["a"])))
    assert found["a"]["kind"] == "internal"


async def test_a_decline_of_the_whole_is_every_members():
    async with desk(Slow(decline("нет тарифа"))) as it:
        found = told(await ended(start(it, another_application())))
    assert {e["message"] for e in found.values()} == {"нет тарифа"}


async def test_a_member_that_failed_is_asked_for_again_and_the_others_are_kept():
    broker = Slow(several(sk_a=offer("5000"), sk_b=BROKEN))
    application = another_application()
    async with desk(broker) as it:
        assert told(await ended(start(it, application)))["sk-b"]["type"] == "failed"
        kept = told(await ended(start(it, application, insurers=["sk-a", "sk-c"])))
        only = told(await ended(start(it, application, cache="only")))
        broker.polls, broker.answer = 1, ALL
        again = told(await ended(start(it, application, insurers=["sk-b"])))
    assert {e["source"] for e in kept.values()} == {"cache"}
    assert (only["sk-b"]["kind"], only["sk-a"]["type"]) == ("unavailable", "offer")
    assert (again["sk-b"]["type"], again["sk-b"]["source"]) == ("declined", "live")
    assert broker.creates == 1  # the same application was polled


async def test_the_earliest_end_of_an_offer_ends_the_answer_for_all():
    application, hub = another_application(), virtual_hub()
    until = datetime.fromtimestamp(hub.wall(), UTC).replace(hour=13)
    ends = several(sk_a=Offer(premium="5000", valid_until=until), sk_b=offer("6000"))
    broker = Slow(ends)
    async with desk(broker, hub) as it:
        await ended(start(it, application))
        await anyio.sleep(3500)
        assert told(await ended(start(it, application)))["sk-b"]["source"] == "cache"
        await anyio.sleep(100)
        broker.polls = 2
        assert told(await ended(start(it, application)))["sk-b"]["source"] == "live"
    assert len(set(broker.keys)) == 2


@pytest.mark.parametrize("first", [several(sk_a=CHECKED, sk_b=offer("6000")), CHECKED])
async def test_a_check_by_hand_is_asked_about_again_soon_and_under_the_same_application(first):
    broker, application = Slow(first), another_application()
    async with desk(broker) as it:
        assert told(await ended(start(it, application)))["sk-a"]["reason"] == "manual_check"
        await anyio.sleep(14 * 60)
        assert told(await ended(start(it, application)))["sk-a"]["source"] == "cache"
        await anyio.sleep(2 * 60)
        broker.polls, broker.answer = 1, ALL
        found = told(await ended(start(it, application)))
        await anyio.sleep(3600)
        kept = told(await ended(start(it, application)))
    assert (found["sk-a"]["type"], found["sk-a"]["source"]) == ("offer", "live")
    assert kept["sk-a"]["source"] == "cache"  # until the day's end again
    assert broker.creates == 1


class Piecemeal(Slow):
    """Says after the first poll what some have decided."""

    def __init__(self, so_far, answer, *, polls):
        super().__init__(answer, polls=polls)
        self.so_far = so_far

    async def quote(self, call):
        polled = call.poll

        async def poll(ask, **how):
            async def heard():
                answer = await ask()
                call.heard(self.so_far)
                return answer

            return await polled(heard, **how)

        call.poll = poll
        return await super().quote(call)


async def test_who_has_decided_is_told_while_the_others_have_not():
    so_far = several(sk_a=offer("5000"), sk_b=BROKEN, sk_x=offer("1"))
    broker = Piecemeal(so_far, several(sk_a=offer("5001"), sk_b=offer("7000")), polls=20)
    application = another_application()
    async with desk(broker) as it:
        events = await ended(start(it, application))
        found = told(events)
        assert [found[id_]["type"] for id_ in MEMBERS] == ["offer", "offer", "declined"]
        assert found["sk-a"]["premium"] == 5000  # once told it stays
        assert found["sk-a"]["elapsed_ms"] < 5000 < found["sk-b"]["elapsed_ms"]
        late = told(await ended(start(it, application)))
        assert {e["source"] for e in late.values()} == {"cache"}
    assert broker.creates == 1


async def test_at_the_deadline_only_those_who_have_not_decided_are_silent():
    broker = Piecemeal(several(sk_a=offer("5000")), ALL, polls=1000)
    async with desk(broker) as it:
        found = told(await ended(start(it, another_application(), deadline_s=10.0)))
    assert [found[id_]["type"] for id_ in MEMBERS] == ["offer", "failed", "failed"]
    assert found["sk-b"]["kind"] == "timeout"


async def test_who_can_not_be_polled_is_not_asked_again_about_a_check_by_hand():
    broker, application = Slow(CHECKED, polls=0), another_application()
    async with desk(broker) as it:
        await ended(start(it, application))
        await anyio.sleep(3600)
        kept = told(await ended(start(it, application)))
    assert (kept["sk-a"]["source"], broker.creates) == ("cache", 1)


async def test_an_answer_that_comes_after_everybody_left_keeps_every_members_part():
    broker = Slow(ALL, create_s=4.0, polls=0)
    application = another_application()
    async with desk(broker) as it:
        run = start(it, application, deadline_s=2.0)
        late = told(await ended(run))
        assert {e["kind"] for e in late.values()} == {"timeout"}
        await it.landed()
        broker.create_s = 1.0
        assert told(await ended(start(it, application)))["sk-a"]["type"] == "offer"


async def test_each_member_has_a_record_and_the_source_all_of_them():
    broker = Slow(several(sk_a=offer(), sk_b=BROKEN))
    async with desk(broker) as it:
        await ended(start(it, another_application()))
        records = {id_: it.insurers[id_].record for id_ in MEMBERS}
        source = it.insurers["sk-a"].via
    assert [(r.answered, r.failed) for r in records.values()] == [(1, 0), (0, 1), (1, 0)]
    assert records["sk-b"].last_error is FailureKind.BAD_ANSWER
    assert (source.outcomes.answered, source.outcomes.failed) == (2, 1)
    assert source.outcomes.last_error is FailureKind.BAD_ANSWER
    assert source.outcomes.latency().answers == 2


async def test_health_is_one_note_of_the_source_and_a_record_of_each_member():
    hub = virtual_hub()
    store = MemoryStore(hub, "one")
    await store.open()

    def keeper(insurers):
        now = datetime.fromtimestamp(hub.wall(), UTC)
        return HealthKeeper(store, insurers, wall_clock=lambda: now, instance="one")

    def made():
        return members_of(insurer_of("broker", Slow(ALL)), MEMBERS)

    insurers = made()
    before = keeper(insurers)
    async with anyio.create_task_group() as tasks:
        around = Surroundings(store, b"k" * 32, lambda: datetime.fromtimestamp(hub.wall(), UTC))
        it = QuoteDesk(tasks, insurers, around)
        await ended(start(it, another_application()))
        it.insurers["sk-b"].pipeline.breaker.isolate(None)
        await before.save()
    notes = {id_: json.loads(hub.notes.get(f"health/{id_}")) for id_ in ("broker", *MEMBERS)}
    assert {"breaker", "polling"} <= set(notes["broker"])
    assert "record" not in notes["broker"]
    for id_ in MEMBERS:
        assert set(notes[id_]) == {"version", "saved_at", "record"}
    again = made()
    await keeper(again).restore()
    source, *told_of = again
    assert source.pipeline.breaker.state is State.ISOLATED
    assert [(one.record.answered, one.record.failed) for one in told_of] == [(1, 0)] * 3


async def test_a_hint_about_a_plain_insurer_of_before_says_nothing_of_its_source():
    hub = virtual_hub()
    store = MemoryStore(hub, "one")
    await store.open()

    def now():
        return datetime.fromtimestamp(hub.wall(), UTC)

    plain = insurer_of("sk-a", Slow(ALL))
    first = HealthKeeper(store, [plain], wall_clock=now, instance="one")
    await first.restore()
    plain.pipeline.breaker.isolate(None)
    await first._hints.exchange()
    assert hub.notes.get("by_hand/sk-a") is not None
    source, *members = members_of(insurer_of("broker", Slow(ALL)), MEMBERS)
    await HealthKeeper(store, [source, *members], wall_clock=now, instance="two").restore()
    assert source.pipeline.breaker.state is State.CLOSED


NOBODY = several(sk_a=decline(), sk_b=decline(), sk_c=decline())


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        (ALL, "g"),
        (several(sk_c=offer()), "g"),
        (several(sk_a=decline(), sk_b=BROKEN), "g"),  # as a plain insurer's `Failed` is
        (NOBODY, "r"),
        (several(), "r"),
    ],
)
async def test_an_offer_of_anybody_is_good_health_and_declines_of_all_are_a_refusal(answer, mark):
    async with desk(Slow(answer, polls=0)) as it:
        await ended(start(it, another_application()))
        snapshot = it.insurers["sk-a"].pipeline.breaker.snapshot(0.0)
    assert re.findall(r"'([gscfro])'", str(snapshot)) == [mark]


async def test_a_run_that_a_restart_cut_off_is_told_of_the_members_that_were_silent():
    broker, application, hub, keeper = Slow(ALL), another_application(), virtual_hub(), Keeper()
    async with desk(broker, hub, keeper=keeper) as it:
        run = start(it, application)
        await anyio.sleep(2.0)
        hub.kill("one")
        it._tasks.cancel_scope.cancel()
    (kept,) = keeper.runs
    seen = len([line for line in kept.lines if b"insurer_state" in line])
    del kept.lines[seen:]  # whatever it wrote when it was dead
    async with desk(broker, hub, keeper=keeper) as it:
        it.resume(kept)
        found = told(await ended(it.get(run.id)))
    assert [found[id_]["type"] for id_ in MEMBERS] == ["offer", "declined", "offer"]
    assert broker.creates == 1


async def test_who_leaves_costs_the_others_aboard_nothing():
    broker, application = Slow(ALL, polls=30), another_application()
    async with desk(broker) as it:
        first = start(it, application, insurers=["sk-a"])
        await anyio.sleep(2.5)
        second = start(it, application, insurers=["sk-b"], deadline_s=60.0)
        await anyio.sleep(0.1)
        it.stop(first, DoneReason.CANCELLED)
        assert told(await ended(second))["sk-b"]["type"] == "declined"
    assert broker.creates == 1


async def test_a_kept_offer_is_told_whatever_comes_of_asking_for_the_others_again():
    broker = Slow(several(sk_a=offer("5000"), sk_b=BROKEN), polls=0)
    application = another_application()
    async with desk(broker) as it:
        await ended(start(it, application))
        broker.answer = Trouble(TroubleKind.BAD_ANSWER, "junk")
        broker.failing = True
        found = told(await ended(start(it, application)))
    assert (found["sk-a"]["type"], found["sk-a"]["source"]) == ("offer", "cache")
    assert found["sk-b"]["type"] == "failed"
