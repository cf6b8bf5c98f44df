"""Nobody is asked twice: one process, and several on one store."""

import json

import anyio
import pytest

from osago_core.offer import Declined, DeclineReason
from osago_core.wire.events import DoneReason
from osago_daemon.insurers.port import NotYet
from osago_daemon.quoting.call import Asker
from osago_daemon.resilience.exchange import Rank
from osago_daemon.resilience.numbers import LimitNumbers, PipelineNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.desk import (
    Pretend,
    another_application,
    decline,
    desk_of,
    desk_on,
    ended,
    insurer_of,
    offer,
    virtual_hub,
)

pytestmark = pytest.mark.anyio


def start(desk, application, **how):
    usual = {"insurers": list(desk.insurers), "deadline_s": 60.0, "cache": "use"}
    return desk.start(application, **(usual | how))


def outcome(events, insurer="a"):
    (found,) = [
        event
        for event in events
        if event.get("insurer") == insurer and event["type"] in {"offer", "declined", "failed"}
    ]
    return found


class Slow(Pretend):
    """Takes its time and keeps an id; tells its creates from its polls."""

    def __init__(self, answer=None, *, create_s=1.0, polls=3, repeatable=True):
        super().__init__(answer or offer(), polls=polls)
        self.create_s = create_s
        self.repeatable = repeatable
        self.creates = 0
        self.asked = 0
        self.keys = []

    async def quote(self, call):
        async def create():
            self.creates += 1
            self.keys.append(call.idempotency_key)
            await anyio.sleep(self.create_s)
            if isinstance(self.answer, Exception):
                raise self.answer
            if not self.polls:
                return self.answer
            await call.created({"id": f"their-{self.creates}"})
            return None

        async def ask():
            self.asked += 1
            await anyio.sleep(0.1)
            self.polls -= 1
            return self.answer if self.polls <= 0 else NotYet()

        if call.kept is None:
            created = await call.attempt(create, repeatable=self.repeatable)
            if created is not None:
                return created
        return await call.poll(ask)


async def test_the_same_application_again_today_is_answered_at_once_from_what_is_kept():
    a, application = Slow(), another_application()
    async with desk_of(a=a) as desk:
        first = outcome(await ended(start(desk, application)))
        await anyio.sleep(600)
        again = await ended(start(desk, application))
    assert a.creates == 1
    assert again[-1]["elapsed_ms"] == 0
    told = outcome(again)
    assert (told["source"], told["answered_at"]) == ("cache", first["at"])
    assert (told["premium"], told["attempts"]) == (first["premium"], first["attempts"])
    assert "answered_at" not in first


async def test_a_decline_is_kept_too_and_a_failure_never():
    no, sick = Slow(decline("нет"), polls=0), Slow(Trouble(TroubleKind.REJECTED, "400"), polls=0)
    application = another_application()
    async with desk_of(a=no, b=sick) as desk:
        for _ in range(3):
            events = await ended(start(desk, application))
    assert outcome(events)["source"] == "cache"
    assert outcome(events)["message"] == "нет"
    assert (no.creates, sick.creates) == (1, 3)


async def test_answers_end_with_the_moscow_day():
    a, application = Slow(), another_application()
    async with desk_of(a=a) as desk:  # it is 15:00 in Moscow
        await ended(start(desk, application))
        await anyio.sleep(8.9 * 3600)
        assert outcome(await ended(start(desk, application)))["source"] == "cache"
        a.polls = 3
        await anyio.sleep(0.2 * 3600)
        assert outcome(await ended(start(desk, application)))["source"] == "live"
    assert a.creates == 2


async def test_an_offer_is_kept_no_longer_than_it_holds_and_then_created_anew():
    application = another_application()
    async with desk_of() as desk:
        until = desk.wall_clock().replace(hour=13)
        a = Slow(offer().model_copy(update={"valid_until": until}))
        desk.insurers["a"] = insurer_of("a", a)
        await ended(start(desk, application))
        await anyio.sleep(1800)
        assert outcome(await ended(start(desk, application)))["source"] == "cache"
        await anyio.sleep(1800)
        a.polls = 2
        assert outcome(await ended(start(desk, application)))["source"] == "live"
    assert len(set(a.keys)) == 2  # what they had under the old key is no use any more


async def test_what_is_asked_on_purpose_is_asked_anew_under_another_key():
    a, application = Slow(), another_application()
    async with desk_of(a=a) as desk:
        await ended(start(desk, application))
        a.polls, a.answer = 2, offer("7000.00")
        assert outcome(await ended(start(desk, application, cache="refresh")))["premium"] == 7000
        kept = outcome(await ended(start(desk, application)))
    assert (kept["source"], kept["premium"]) == ("cache", 7000)
    assert len(set(a.keys)) == 2


async def test_only_what_is_kept_is_told_where_nobody_may_be_asked():
    a, b, application = Slow(), Slow(), another_application()
    async with desk_of(a=a, b=b) as desk:
        await ended(start(desk, application, insurers=["a"]))
        events = await ended(start(desk, application, cache="only"))
    assert outcome(events)["source"] == "cache"
    assert outcome(events, "b")["kind"] == "unavailable"
    assert b.creates == 0


async def test_who_asks_the_same_meanwhile_joins_and_hears_how_far_it_is():
    a, application = Slow(), another_application()
    async with desk_of(a=a) as desk:
        first = start(desk, application)
        await anyio.sleep(0.5)
        second = start(desk, application)
        events = await ended(second)
        assert outcome(await ended(first))["source"] == "live"
    assert a.creates == 1
    assert outcome(events)["source"] == "joined"
    states = [event["state"] for event in events if event["type"] == "insurer_state"]
    assert states == ["joined", "waiting"]


async def test_who_joined_is_served_when_the_first_one_goes_away():
    a, application = Slow(polls=30), another_application()
    async with desk_of(a=a) as desk:
        first = start(desk, application)
        await anyio.sleep(2.5)
        second = start(desk, application)
        await anyio.sleep(0.1)
        desk.stop(first, DoneReason.CANCELLED)
        assert outcome(await ended(second))["type"] == "offer"
    assert a.creates == 1


async def test_who_joined_with_more_time_is_served_after_the_first_ones_deadline():
    a, application = Slow(polls=20), another_application()
    async with desk_of(a=a) as desk:
        first = start(desk, application, deadline_s=5.0)
        await anyio.sleep(0.5)
        second = start(desk, application, deadline_s=60.0)
        assert outcome(await ended(first))["kind"] == "timeout"
        assert outcome(await ended(second))["type"] == "offer"
    assert a.creates == 1


async def test_what_was_created_is_polled_for_by_the_next_one_who_asks():
    a, application = Slow(polls=20), another_application()
    async with desk_of(a=a) as desk:
        assert outcome(await ended(start(desk, application, deadline_s=5.0)))["kind"] == "timeout"
        assert outcome(await ended(start(desk, application)))["type"] == "offer"
    assert a.creates == 1


async def test_nothing_goes_on_once_nobody_wants_to_know():
    a, application = Slow(polls=100), another_application()
    async with desk_of(a=a) as desk:
        run = start(desk, application)
        await anyio.sleep(3)
        desk.stop(run, DoneReason.CANCELLED)
        await desk.landed()
        asked = a.asked
        await anyio.sleep(60)
        assert a.asked == asked


async def test_an_agent_who_joins_a_batch_that_waits_goes_first():
    application = another_application()
    async with desk_of() as desk:
        numbers = PipelineNumbers(attempt_timeout_s=10.0, limits=LimitNumbers(at_once=1))
        desk.insurers["a"] = insurer_of("a", Pretend(offer(), after_s=2.0), numbers)
        batch = Asker(Rank.BATCH, "night")
        for _ in range(10):
            start(desk, another_application(), asker=batch)
        await anyio.sleep(0.5)
        start(desk, application, asker=batch)
        await anyio.sleep(0.5)
        events = await ended(start(desk, application, asker=Asker(Rank.INTERACTIVE, "agent")))
    assert events[-1]["elapsed_ms"] == 3000  # after the one that was under way


async def test_a_create_that_can_not_be_repeated_is_carried_to_its_end():
    a, application = Slow(create_s=4.0, repeatable=False), another_application()
    async with desk_of(a=a) as desk:
        run = start(desk, application)
        await anyio.sleep(1)
        desk.stop(run, DoneReason.CANCELLED)
        await desk.landed()
        assert outcome(await ended(start(desk, application)))["type"] == "offer"
    assert a.creates == 1


async def test_an_answer_that_comes_after_everybody_left_is_kept_where_it_was_paid_for():
    a, application = Slow(create_s=4.0, polls=0, repeatable=False), another_application()
    async with desk_of(a=a) as desk:
        assert outcome(await ended(start(desk, application, deadline_s=2.0)))["kind"] == "timeout"
        await desk.landed()
        assert outcome(await ended(start(desk, application)))["source"] == "cache"
    assert a.creates == 1


async def test_a_create_that_may_have_arrived_is_sent_again_only_on_purpose():
    lost = Trouble(TroubleKind.RESET, "connection reset")
    a, application = Slow(lost, polls=0, repeatable=False), another_application()
    async with desk_of(a=a) as desk:
        assert outcome(await ended(start(desk, application)))["kind"] == "connection"
        a.answer = offer()
        doubtful = outcome(await ended(start(desk, application)))
        assert a.creates == 1
        assert (doubtful["kind"], doubtful["retryable"]) == ("connection", False)
        assert "--refresh" in doubtful["message"]
        again = outcome(await ended(start(desk, application, cache="refresh")))
    assert (again["type"], a.creates) == ("offer", 2)


@pytest.mark.parametrize("kind", [TroubleKind.CONNECT, TroubleKind.REJECTED, TroubleKind.AUTH])
async def test_a_create_that_certainly_was_not_taken_may_be_sent_again(kind):
    a, application = Slow(Trouble(kind, "no"), polls=0, repeatable=False), another_application()
    async with desk_of(a=a) as desk:
        await ended(start(desk, application))
        a.answer = offer()
        assert outcome(await ended(start(desk, application)))["type"] == "offer"


async def test_a_wish_to_ask_anew_was_told_that_only_a_wish_may_ask():
    for _ in range(20):  # which of the two comes first is chance
        lost = Trouble(TroubleKind.RESET, "connection reset")
        a, application = Slow(lost, polls=0, repeatable=False), another_application()
        async with desk_of(a=a) as desk:
            await ended(start(desk, application))
            a.answer = offer()
            start(desk, application)
            wish = start(desk, application, cache="refresh")
            assert outcome(await ended(wish))["type"] == "offer"


async def test_who_came_at_the_very_end_of_anothers_time_waited_for_nobody():
    application = another_application()
    for _ in range(20):  # in which order two things happen at one moment is chance
        a = Slow(polls=1, create_s=3.0)
        async with desk_of(a=a) as desk:
            first = start(desk, application, deadline_s=2.0)
            await anyio.sleep(2.0)
            events = await ended(start(desk, application))
            await ended(first)
        assert outcome(events)["type"] == "offer"


async def test_an_offer_waited_for_a_store_that_hung(monkeypatch):
    async with desk_of(a=Slow(polls=0, create_s=8.5)) as desk:

        async def hangs(*_):
            await anyio.sleep(5.0)

        monkeypatch.setattr(desk.store, "finish", hangs)
        events = await ended(start(desk, another_application(), deadline_s=10.0))
    assert outcome(events)["elapsed_ms"] < 9000


async def test_a_mistake_while_an_answer_is_kept_lost_the_answer_and_held_the_lease(monkeypatch):
    def buggy(*_):
        raise KeyError

    application = another_application()
    async with desk_of(a=Slow(polls=0)) as desk:
        with monkeypatch.context() as patched:
            patched.setattr("osago_daemon.quoting.asking.ending_of", buggy)
            assert outcome(await ended(start(desk, application)))["type"] == "offer"
        events = await ended(start(desk, application))
    assert outcome(events)["type"] == "offer"
    assert events[-1]["elapsed_ms"] < 2000


async def test_an_outcome_that_can_not_be_written_is_our_mistake_and_holds_nobody_up():
    application = another_application()
    unwritable = Declined(reason=DeclineReason.OTHER, message="\ud800")

    class Fickle(Slow):
        async def quote(self, call):
            answer = await super().quote(call)
            return unwritable if self.creates == 1 else answer

    async with desk_of(a=Fickle(polls=0)) as desk:
        assert outcome(await ended(start(desk, application)))["kind"] == "internal"
        events = await ended(start(desk, application, deadline_s=30.0))
    assert outcome(events)["type"] == "offer"
    assert events[-1]["elapsed_ms"] < 2000


async def test_a_mistake_while_a_kept_answer_is_told_ends_nobody_elses_run(monkeypatch):
    def buggy(*_, **__):
        raise KeyError

    application = another_application()
    async with desk_of(a=Slow(polls=0)) as desk:
        await ended(start(desk, application))
        with monkeypatch.context() as patched:
            patched.setattr("osago_daemon.quoting.keeping.decode", buggy)
            assert outcome(await ended(start(desk, application)))["kind"] == "internal"
        assert outcome(await ended(start(desk, application)))["source"] == "cache"


async def test_a_time_that_no_calendar_has_cost_the_whole_run_its_outcomes(monkeypatch):
    application = another_application()
    async with desk_of(a=Slow(polls=0)) as desk:
        await ended(start(desk, application))
        (kept,) = await desk.store.peek(list(desk.store.hub.answers._values)[:1])
        monkeypatch.setattr(desk.store.hub, "claim", lambda *_, **__: kept._replace(kept_at=1e300))
        assert outcome(await ended(start(desk, application)))["source"] == "cache"


@pytest.mark.parametrize(
    ("kind", "creates"),
    [(TroubleKind.REJECTED, 1), (TroubleKind.GONE, 2), (TroubleKind.FAILED, 2)],
)
async def test_only_an_application_that_they_know_nothing_of_is_created_again(kind, creates):
    application = another_application()

    class Fickle(Slow):
        async def quote(self, call):
            if call.kept is not None:
                raise Trouble(kind, "4xx")
            return await super().quote(call)

    a = Fickle(polls=100)
    async with desk_of(a=a) as desk:
        await ended(start(desk, application, deadline_s=5.0))
        for _ in range(2):
            a.polls = 1 if creates > 1 else 100
            events = await ended(start(desk, application, deadline_s=5.0))
    assert a.creates == creates
    assert outcome(events)["type"] == ("offer" if creates > 1 else "failed")


async def test_another_process_joins_and_neither_asks_twice():
    application, hub = another_application(), virtual_hub()
    a = Slow()
    async with desk_on(hub, "one", a=a) as one, desk_on(hub, "two", a=a) as two:
        first = start(one, application)
        await anyio.sleep(0.5)
        joined = outcome(await ended(start(two, application)))
        assert outcome(await ended(first))["source"] == "live"
        assert outcome(await ended(start(two, application)))["source"] == "cache"
    assert joined["source"] == "joined"
    assert a.creates == 1


async def test_who_joined_another_process_is_told_its_failure_too():
    application, hub = another_application(), virtual_hub()
    a = Slow(Trouble(TroubleKind.REJECTED, "our words were wrong"), polls=0)
    async with desk_on(hub, "one", a=a) as one, desk_on(hub, "two", a=a) as two:
        first = start(one, application)
        await anyio.sleep(0.5)
        joined = outcome(await ended(start(two, application)))
        assert outcome(await ended(first))["kind"] == joined["kind"] == "rejected_request"
    assert joined["source"] == "joined"
    assert a.creates == 1


async def test_another_process_goes_on_when_the_one_that_asked_dies():
    application, hub = another_application(), virtual_hub()
    a = Slow(polls=30)
    async with desk_on(hub, "one", a=a) as one, desk_on(hub, "two", a=a) as two:
        start(one, application)
        await anyio.sleep(3)
        run = start(two, application)
        await anyio.sleep(1)
        hub.kill("one")
        assert outcome(await ended(run))["type"] == "offer"
        one._tasks.cancel_scope.cancel()
    assert a.creates == 1


async def test_a_configuration_that_reads_answers_otherwise_asks_anew():
    application, hub = another_application(), virtual_hub()
    a = Slow()
    async with desk_on(hub, "one", a=a) as one, desk_on(hub, "two") as two:
        await ended(start(one, application))
        two.insurers["a"] = type(one.insurers["a"])(
            **{
                name: getattr(one.insurers["a"], name)
                for name in ("id", "name", "adapter", "pipeline", "pacer")
            },
            version="another",
        )
        a.polls = 1
        assert outcome(await ended(start(two, application)))["source"] == "live"
    assert a.creates == 1  # what they have is polled for


async def test_everybody_who_asks_at_one_moment_is_told_the_same():
    application, hub = another_application(), virtual_hub()
    a = Slow()
    async with desk_on(hub, "one", a=a) as one, desk_on(hub, "two", a=a) as two:
        runs = [start(desk, application) for desk in (one, two) for _ in range(50)]
        premiums = {json.dumps(outcome(await ended(run))["premium"]) for run in runs}
    assert (a.creates, len(premiums)) == (1, 1)
