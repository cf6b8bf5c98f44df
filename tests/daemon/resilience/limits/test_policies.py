"""What becomes of tickets, of "be quiet", and of both policies around one another."""

from functools import partial

import anyio
import pytest

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import Answered, Exchange, Policy
from osago_daemon.resilience.numbers import PipelineNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio


def left(insurer, name="per_second"):
    states = {state.name: state for state in insurer.limiter.status(anyio.current_time())}
    return states[name].left


async def answer(exchange):
    return Answered(await exchange.send())


async def test_they_are_policies_whose_keys_are_in_the_table(make_insurer):
    insurer = make_insurer()
    policies: list[Policy] = [insurer.bulkhead, insurer.rate_limit]
    assert [policy.name for policy in policies] == ["bulkhead", "rate limit"]
    limits = PipelineNumbers().limits
    for policy in policies:
        for key in policy.keys:
            table, name = key.split(".")
            assert table == "limits"
            assert hasattr(limits, name)


async def test_all_but_the_sending_goes_on_as_it_came(make_insurer):
    insurer = make_insurer(per_second=1)
    exchange = insurer.exchange("a", client="c", continuing=True)
    seen = []

    async def inner(exchange):
        seen.append(exchange)
        return await answer(exchange)

    assert await insurer.rate_limit.run(exchange, inner) == Answered("a")
    for name in Exchange.__slots__:
        same = getattr(seen[0], name) is getattr(exchange, name)
        assert same == (name != "send"), name


@pytest.mark.parametrize("kind", [TroubleKind.BROKEN_OFF, TroubleKind.MISCONFIGURED])
async def test_what_was_never_sent_gives_its_ticket_back(kind, make_insurer):
    insurer = make_insurer(per_day=1)

    async def unsent(_exchange):
        return Trouble(kind, "not sent")

    for _ in range(3):
        assert (await insurer.rate_limit.run(insurer.exchange("a"), unsent)).kind is kind
    assert left(insurer, "per_day") == 1


async def test_a_ticket_that_comes_back_is_passed_on_at_once(make_insurer):
    insurer = make_insurer(per_day=1)

    async def never(_exchange):
        await anyio.sleep(5.0)
        return Trouble(TroubleKind.BROKEN_OFF, "not sent")

    async with anyio.create_task_group() as group:
        # Until then nobody knows that it will not be sent, so those who come are told: no room.
        group.start_soon(insurer.rate_limit.run, insurer.exchange("a"), never)
        await anyio.sleep(1.0)
        group.start_soon(partial(insurer.ask, "waits", left_s=100_000.0))
    assert insurer.came == [("waits", 5)]


async def test_cancelled_before_it_was_sent_gives_its_ticket_back_and_after_it_does_not(
    make_insurer,
):
    insurer = make_insurer(per_second=1, latency_s=5.0, arrival_s=0.5)

    async def late(exchange):
        await anyio.sleep(1.0)
        return await answer(exchange)

    with anyio.move_on_after(0.5):
        await insurer.rate_limit.run(insurer.exchange("a"), late)
    assert left(insurer) == 1
    with anyio.move_on_after(1.25):  # sent a quarter of a second before
        await insurer.rate_limit.run(insurer.exchange("b"), late)
    assert left(insurer) == 0
    await anyio.sleep(1.125)  # 0.5 s until it must have arrived, and a second; 0.25 s are over
    assert left(insurer) == 0
    await anyio.sleep(0.125)
    assert left(insurer) == 1


@pytest.mark.parametrize(
    ("kind", "counts_s"),
    [
        (TroubleKind.SERVER_ERROR, 1.0),
        (TroubleKind.REJECTED, 1.0),
        (TroubleKind.CONNECT, 0.0),
        (TroubleKind.TIMEOUT, 3.0),
        (TroubleKind.RESET, 3.0),
    ],
)
async def test_what_ended_in_silence_may_yet_arrive(kind, counts_s, make_insurer):
    insurer = make_insurer(per_second=1, arrival_s=2.0)
    insurer.troubles = [Trouble(kind, "as told")]
    await insurer.ask("a")
    await insurer.ask("b")
    assert insurer.came == [("a", 0), ("b", counts_s)]


async def test_a_connect_longer_than_arrival_s_arrived_with_the_next_one(make_insurer):
    insurer = make_insurer(per_second=1, arrival_s=1.0, latency_s=0.125)
    arrived = []

    async def connects_slowly(exchange):
        async def send():
            await anyio.sleep(1.5)
            arrived.append(insurer.now())
            return await exchange.send()

        return await answer(exchange.sent_by(send))

    async with anyio.create_task_group() as group:
        group.start_soon(insurer.rate_limit.run, insurer.exchange("slow"), connects_slowly)
        await anyio.lowlevel.checkpoint()
        group.start_soon(insurer.ask, "next")
    assert arrived == [1.5]
    assert insurer.came[1] == ("next", 1.625 + 1.0)


async def test_a_connect_that_fails_late_costs_no_longer_than_silence(make_insurer):
    insurer = make_insurer(per_second=1, arrival_s=1.0, latency_s=1.5)
    insurer.troubles = [Trouble(TroubleKind.CONNECT, "no route")]
    await insurer.ask_all("ab")
    assert insurer.came == [("a", 0), ("b", 2.0)]


async def test_a_permit_revoked_in_the_waking_tick_cost_a_ticket_though_nothing_was_sent(
    make_insurer,
):
    insurer = make_insurer(per_day=1)

    async def revoked():
        raise Trouble(TroubleKind.BROKEN_OFF, "isolated by hand")

    exchange = insurer.exchange("a").sent_by(revoked)
    for _ in range(3):
        result = await insurer.rate_limit.run(exchange, insurer._attempt)
        assert result.kind is TroubleKind.BROKEN_OFF
    assert left(insurer, "per_day") == 1
    await insurer.ask("b")
    assert insurer.came == [("b", 0)]


async def test_a_bug_further_in_costs_no_place(make_insurer):
    insurer = make_insurer(at_once=1)

    async def bug(_exchange):
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await insurer.bulkhead.run(insurer.exchange("a"), bug)
    assert insurer.idle()


async def test_one_is_asked_to_be_quiet_and_nobody_else_finds_out_by_asking(make_insurer):
    insurer = make_insurer(per_second=100)
    insurer.troubles = [Trouble(TroubleKind.THROTTLED, "429", retry_after_s=5.0)]
    await insurer.ask("told")
    async with anyio.create_task_group() as group:
        group.start_soon(partial(insurer.ask, "patient", left_s=6.0))
        group.start_soon(partial(insurer.ask, "in a hurry", left_s=4.0))
    assert insurer.came == [("told", 0), ("patient", 5)]
    assert insurer.queued == {"patient": [5]}
    at, trouble = insurer.refused()["in a hurry"]
    assert (at, trouble.kind, trouble.retry_after_s) == (0, TroubleKind.OVER_LIMIT, 5)
    assert trouble.message == "they asked to be left alone until after the deadline"


async def test_one_retry_after_of_a_day_silenced_an_insurer_for_a_day(make_insurer):
    insurer = make_insurer()
    insurer.troubles = [Trouble(TroubleKind.THROTTLED, "429", retry_after_s=86_400.0)]
    await insurer.ask("told")
    assert (await insurer.ask("in a hurry")).retry_after_s == 300.0
    await insurer.ask("patient", left_s=1000.0)
    assert insurer.came == [("told", 0), ("patient", 300)]


async def test_a_pause_that_is_ended_wakes_all_who_wait_at_either_queue(make_insurer):
    insurer = make_insurer(per_second=2)
    async with anyio.create_task_group() as group:
        insurer.limiter.pause(50.0)
        for name in "abc":
            group.start_soon(insurer.ask, name)
        group.start_soon(insurer._limited, insurer.exchange("further in"))
        await anyio.sleep(5.0)
        insurer.limiter.resume()
    assert [at for _, at in insurer.came] == [5, 5, 6, 6]
    assert insurer.limiter.status(anyio.current_time())[0].paused_for_s == 0


async def test_those_who_wait_are_told_when_silence_is_asked_for(make_insurer):
    insurer = make_insurer(per_second=1, latency_s=0.5)
    insurer.troubles = [Trouble(TroubleKind.THROTTLED, "429", retry_after_s=30.0)]
    async with anyio.create_task_group() as group:
        group.start_soon(insurer.ask, "told")
        await anyio.lowlevel.checkpoint()
        for name, left_s in {"short": 20.0, "long": 50.0, "shorter": 10.0}.items():
            group.start_soon(partial(insurer.ask, name, left_s=left_s))
    assert {name: at for name, (at, _) in insurer.refused().items() if name != "told"} == {
        "short": 0.5,
        "shorter": 0.5,
    }
    assert insurer.came == [("told", 0), ("long", 30.5)]


async def test_a_pause_holds_without_any_windows_and_for_those_at_the_bulkhead(make_insurer):
    insurer = make_insurer(at_once=1, latency_s=1.0)
    insurer.troubles = [Trouble(TroubleKind.THROTTLED, "429", retry_after_s=30.0)]
    async with anyio.create_task_group() as group:
        group.start_soon(insurer.ask, "told")
        await anyio.lowlevel.checkpoint()
        group.start_soon(partial(insurer.ask, "short", left_s=20.0))
        group.start_soon(partial(insurer.ask, "long", left_s=40.0))
    assert insurer.refused()["short"][0] == 1
    assert insurer.came == [("told", 0), ("long", 31)]


async def test_who_waits_for_a_place_is_told_of_the_silence_though_no_place_became_free(
    make_insurer,
):
    insurer = make_insurer(at_once=1)
    insurer.troubles = [Trouble(TroubleKind.THROTTLED, "429", retry_after_s=30.0)]

    async def throttled_and_waits_for_its_retry(exchange):
        await anyio.sleep(1.0)
        result = await insurer._limited(exchange)
        await anyio.sleep(40.0)
        return result

    async with anyio.create_task_group() as group:
        told = insurer.exchange("told")
        group.start_soon(insurer.bulkhead.run, told, throttled_and_waits_for_its_retry)
        await anyio.lowlevel.checkpoint()
        group.start_soon(partial(insurer.ask, "short", left_s=20.0))
    at, trouble = insurer.refused()["short"]
    assert (at, trouble.retry_after_s) == (1, 30)


async def test_throttled_without_a_time_stops_nobody_else(make_insurer):
    insurer = make_insurer(per_second=100)
    insurer.troubles = [Trouble(TroubleKind.THROTTLED, "429")]
    await insurer.ask("a")
    await insurer.ask("b")
    assert insurer.came == [("a", 0), ("b", 0)]


async def test_a_place_is_kept_through_the_retries_and_each_attempt_takes_a_ticket(make_insurer):
    insurer = make_insurer(per_second=2, at_once=1)

    async def thrice(exchange):
        for _ in range(3):
            result = await insurer.rate_limit.run(exchange, answer)
        return result

    async with anyio.create_task_group() as group:
        for name in "ab":
            group.start_soon(insurer.bulkhead.run, insurer.exchange(name), thrice)
            await anyio.lowlevel.checkpoint()
    assert insurer.came == [("a", 0), ("a", 0), ("a", 1), ("b", 1), ("b", 2), ("b", 2)]


async def test_status_says_what_is_left_who_waits_and_how_long_silence_lasts(make_insurer):
    insurer = make_insurer(per_second=2, per_minute=50, at_once=3, latency_s=0.25)
    async with anyio.create_task_group() as group:
        for name in range(5):
            group.start_soon(insurer.ask, name)
        await anyio.sleep(0.5)
        insurer.limiter.pause(10.0)
        states = insurer.limiter.status(anyio.current_time())
        group.cancel_scope.cancel()
    assert [(s.name, s.limit, s.left, s.free_in_s, s.waiting) for s in states] == [
        ("per_second", 2, 0, 0.75, 3),
        ("per_minute", 50, 48, 0, 3),
        ("at_once", 3, 3, 0, 0),
    ]
    assert {s.paused_for_s for s in states} == {10}


async def test_a_deadline_that_has_passed_never_waits(make_insurer):
    insurer = make_insurer(at_once=1, latency_s=1.0)
    async with anyio.create_task_group() as group:
        group.start_soon(insurer.ask, "a")
        await anyio.sleep(0.5)
        exchange = Exchange(None, Deadline(anyio.current_time()), None)
        result = await insurer.bulkhead.run(exchange, answer)
    assert result.kind is TroubleKind.OVER_LIMIT
    assert result.message == "at_once = 1 leaves no room before the deadline"
