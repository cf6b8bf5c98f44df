"""The breaker as a policy: what each result says to it, and who is released when it opens."""

import anyio
import pytest

from osago_daemon.resilience.bounds import AttemptTimeout, DeadlinePolicy
from osago_daemon.resilience.breaker import Breaker, BreakerPolicy, Reason, State
from osago_daemon.resilience.exchange import Answered, Health
from osago_daemon.resilience.trouble import SICKNESS, Trouble, TroubleKind
from tests.support.breaker import numbers_of
from tests.support.exchange import Server, exchange, kind_of

pytestmark = pytest.mark.anyio

SLOW_S = 5.0
RESET = TroubleKind.RESET
BROKEN_OFF = TroubleKind.BROKEN_OFF


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


def policy(**numbers):
    return BreakerPolicy(Breaker("a", numbers_of(**numbers), slow_s=SLOW_S, random_=lambda: 0.5))


async def ask(asked):
    """The innermost step."""
    try:
        value = await asked.send()
    except Trouble as trouble:
        return trouble
    return Answered(value, asked.health(value))


def sending(result=None, *, after_s=0.0):
    """A send that takes so long and then gives or raises this."""

    async def send():
        await anyio.sleep(after_s)
        if isinstance(result, BaseException):
            raise result
        return result

    return send


def counts(guard):
    return (guard.breaker.judged, guard.breaker.failures, guard.breaker.slow)


async def half_open(guard):
    for _ in range(5):
        await guard.run(exchange(Server(RESET)), ask)
    await anyio.sleep(15.0)
    assert guard.breaker.state is State.HALF_OPEN


async def test_it_is_named_as_in_the_documentation():
    assert (policy().name, policy().keys) == ("breaker", ("breaker",))


@pytest.mark.parametrize("kind", sorted(TroubleKind))
async def test_only_troubles_of_a_sick_insurer_are_failures(kind):
    guard = policy()
    assert kind_of(await guard.run(exchange(Server(kind)), ask)) is kind
    assert counts(guard) == ((1, 1, 0) if kind in SICKNESS else (0, 0, 0))


@pytest.mark.parametrize("health", Health)
@pytest.mark.parametrize("after_s", [0.0, SLOW_S])
async def test_an_answer_counts_by_its_health_and_its_time(health, after_s):
    guard = policy()
    asked = exchange(sending("answer", after_s=after_s), health=lambda _value: health)
    assert kind_of(await guard.run(asked, ask)) == "answer"
    assert counts(guard) == (1, 0, 1 if after_s == SLOW_S else 0)


async def test_a_refusal_that_took_too_long_is_slow():
    guard = policy()
    refusal = Trouble(TroubleKind.THROTTLED, "429")
    await guard.run(exchange(sending(refusal, after_s=SLOW_S)), ask)
    assert counts(guard) == (1, 0, 1)


async def test_an_open_breaker_answers_without_asking():
    guard, server = policy(), Server()
    guard.breaker.isolate(60.0)
    result = await guard.run(exchange(server), ask)
    assert (kind_of(result), result.retry_after_s, server.requests) == (BROKEN_OFF, 60.0, 0)


async def test_only_the_send_is_timed_and_not_what_lies_between():
    async def waits(asked):
        await anyio.sleep(30.0)
        result = await ask(asked)
        await anyio.sleep(30.0)
        return result

    guard = policy()
    await guard.run(exchange(left_s=100.0), waits)
    assert counts(guard) == (1, 0, 0)


async def test_an_attempt_that_times_out_is_a_failure():
    guard, timeout = policy(), AttemptTimeout(10.0)
    result = await guard.run(exchange(anyio.sleep_forever), lambda asked: timeout.run(asked, ask))
    assert kind_of(result) is TroubleKind.TIMEOUT
    assert counts(guard) == (1, 1, 0)


@pytest.mark.parametrize(("left_s", "slow"), [(SLOW_S / 2 - 0.1, 0), (SLOW_S / 2, 1), (20.0, 1)])
async def test_an_attempt_cut_by_our_own_deadline_is_slow_if_it_had_its_time(left_s, slow):
    guard = policy()
    asked = exchange(anyio.sleep_forever, left_s=left_s)
    result = await DeadlinePolicy().run(asked, lambda asked: guard.run(asked, ask))
    assert kind_of(result) is TroubleKind.TIMEOUT
    assert counts(guard) == (slow, 0, slow)


async def test_a_probe_that_our_own_deadline_cut_is_no_answer_however_slow():
    guard = policy()
    await half_open(guard)
    asked = exchange(anyio.sleep_forever, left_s=SLOW_S)
    await DeadlinePolicy().run(asked, lambda asked: guard.run(asked, ask))
    assert (guard.breaker.state, guard.breaker.reason) == (State.OPEN, Reason.PROBE_SLOW)


@pytest.mark.parametrize("after_s", [0.0, SLOW_S])
@pytest.mark.parametrize(
    ("health", "state"),
    [
        (Health.GOOD, State.CLOSED),
        (Health.REFUSED, State.CLOSED),
        (Health.NOTHING, State.HALF_OPEN),
    ],
)
async def test_a_probe_counts_by_what_was_answered_however_long_it_took(health, state, after_s):
    guard = policy()
    await half_open(guard)
    await guard.run(exchange(sending(after_s=after_s), health=lambda _value: health), ask)
    assert guard.breaker.state is state


async def test_polls_that_were_not_ready_hid_that_every_create_failed():
    guard = policy()
    for _ in range(5):
        assert guard.breaker.state is State.CLOSED
        await guard.run(exchange(Server(RESET)), ask)
        for _ in range(5):
            poll = exchange(continuing=True, health=lambda _value: Health.NOTHING)
            assert kind_of(await guard.run(poll, ask)) in {"answer", BROKEN_OFF}
    assert guard.breaker.state is State.OPEN


async def test_a_wait_cut_by_our_own_deadline_says_nothing():
    async def waits(_asked):
        await anyio.sleep_forever()

    guard = policy()
    asked = exchange(left_s=20.0)
    await DeadlinePolicy().run(asked, lambda asked: guard.run(asked, waits))
    assert counts(guard) == (0, 0, 0)


async def test_a_cancelled_attempt_is_neutral_and_gives_its_place_back():
    guard = policy()
    await half_open(guard)
    with anyio.move_on_after(30.0) as cancelled:
        await guard.run(exchange(anyio.sleep_forever, left_s=60.0), ask)
    assert cancelled.cancelled_caught
    assert guard.breaker.state is State.HALF_OPEN
    assert kind_of(await guard.run(exchange(), ask)) == "answer"
    assert guard.breaker.state is State.CLOSED


async def test_an_attempt_that_somebody_cancels_is_neutral_however_long_it_ran():
    guard = policy()
    with anyio.move_on_after(30.0):
        await guard.run(exchange(anyio.sleep_forever, left_s=60.0), ask)
    assert counts(guard) == (0, 0, 0)


async def test_a_bug_is_neutral_raised_on_and_gives_its_place_back():
    guard = policy()
    await half_open(guard)
    with pytest.raises(ZeroDivisionError):
        await guard.run(exchange(sending(ZeroDivisionError())), ask)
    assert guard.breaker.state is State.HALF_OPEN
    await guard.run(exchange(), ask)
    assert guard.breaker.state is State.CLOSED


@pytest.mark.parametrize("probes", [1, 3])
@pytest.mark.parametrize("outcome", ["good", "refused", "nothing", "reset", "bug"])
async def test_a_hundred_callers_never_make_more_probes_than_permits(probes, outcome):
    guard = policy(probes=probes)
    await half_open(guard)
    under_way, most, refused = 0, 0, 0

    async def send():
        nonlocal under_way, most
        assert guard.breaker.state is State.HALF_OPEN
        under_way += 1
        most = max(most, under_way)
        await anyio.sleep(1.0)
        under_way -= 1
        if outcome == "reset":
            raise Trouble(RESET, "broke")
        if outcome == "bug":
            raise ZeroDivisionError

    async def call():
        nonlocal refused
        answers = {"good": Health.GOOD, "refused": Health.REFUSED}
        health = answers.get(outcome, Health.NOTHING)
        try:
            result = await guard.run(exchange(send, health=lambda _value: health), ask)
        except ZeroDivisionError:
            return
        refused += kind_of(result) is BROKEN_OFF

    async with anyio.create_task_group() as tasks:
        for _ in range(100):
            tasks.start_soon(call)
    assert (most, refused) == (probes, 100 - probes)
    states = {"good": State.CLOSED, "refused": State.CLOSED, "reset": State.OPEN}
    assert guard.breaker.state is states.get(outcome, State.HALF_OPEN)
