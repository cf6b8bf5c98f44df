"""The retry table of the design, line by line, and the budget."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.resilience.budget import Budget
from osago_daemon.resilience.exchange import Health
from osago_daemon.resilience.numbers import RetryNumbers, ServerErrorRule
from osago_daemon.resilience.pipeline import send
from osago_daemon.resilience.retry import NOT_ACTED_UPON, RetryPolicy, rules
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.exchange import Heard, Server, exchange, kind_of

pytestmark = pytest.mark.anyio

NEVER = {
    TroubleKind.REJECTED,
    TroubleKind.BAD_ANSWER,
    TroubleKind.BROKEN_OFF,
    TroubleKind.OVER_LIMIT,
    TroubleKind.MISCONFIGURED,
    TroubleKind.DOUBTFUL,
    TroubleKind.FAILED,
    TroubleKind.GONE,
}
PLENTY = RetryNumbers(budget=1000.0)


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


def retry(numbers=PLENTY, *, jitter=1.0):
    return RetryPolicy(numbers, attempt_timeout_s=10.0, random_=lambda: jitter)


async def outcome(*troubles, policy=None, **options):
    """What came of it, the requests it took, and the waits between them."""
    server, heard = Server(*troubles), Heard()
    asked = exchange(server, observer=heard, **options)
    result = await (policy or retry()).run(asked, send)
    return kind_of(result), server.requests, [told.wait_s for told in heard.retries]


async def waits(kind, **options):
    return (await outcome(*[kind] * 50, **options))[2]


def test_every_kind_is_either_in_the_table_or_never_retried():
    assert set(rules(PLENTY)) | NEVER == set(TroubleKind)
    assert not set(rules(PLENTY)) & NEVER


@pytest.mark.parametrize("kind", sorted(NEVER))
async def test_asking_again_changes_nothing_for(kind):
    assert await outcome(kind) == (kind, 1, [])


@pytest.mark.parametrize("kind", [TroubleKind.CONNECT, TroubleKind.RESET])
async def test_a_broken_connection_doubles_from_a_fifth_of_a_second(kind):
    assert await waits(kind) == [0.2, 0.4, 0.8, 1.6]


async def test_server_errors_get_three_attempts_doubling_from_half_a_second():
    assert await outcome(*[TroubleKind.SERVER_ERROR] * 9) == (
        TroubleKind.SERVER_ERROR,
        3,
        [0.5, 1.0],
    )


async def test_throttled_without_a_hint_doubles_from_a_second_up_to_the_longest_wait():
    numbers = RetryNumbers(budget=100.0, max_wait_s=3.0)
    found = await waits(TroubleKind.THROTTLED, policy=retry(numbers))
    assert found == [1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]


async def test_a_timeout_is_tried_once_more_and_without_a_wait():
    assert await waits(TroubleKind.TIMEOUT) == [0.0]


async def test_a_timeout_is_not_tried_again_without_room_for_a_whole_attempt():
    assert await waits(TroubleKind.TIMEOUT, left_s=9.9) == []


async def test_what_they_say_is_waited_at_least():
    began = anyio.current_time()
    told = Trouble(TroubleKind.THROTTLED, "429", retry_after_s=7.0)
    assert await outcome(told, policy=retry(jitter=0.0)) == ("answer", 2, [7.0])
    assert anyio.current_time() - began == pytest.approx(7.0)


async def test_those_who_were_told_the_same_moment_do_not_all_come_back_at_it():
    told = Trouble(TroubleKind.THROTTLED, "429", retry_after_s=7.0)
    assert (await outcome(told, told, policy=retry(jitter=0.5)))[2] == [7.5, 8.0]


async def test_told_to_come_back_at_once_we_wait_as_usual_and_pay_for_it():
    policy = retry(RetryNumbers(budget=2.0))
    told = [Trouble(TroubleKind.THROTTLED, "429", retry_after_s=0.0)] * 9
    assert await outcome(*told, policy=policy) == (TroubleKind.THROTTLED, 3, [1.0, 2.0])


async def test_a_wait_that_does_not_fit_the_deadline_gives_up_now():
    began = anyio.current_time()
    told = Trouble(TroubleKind.THROTTLED, "429", retry_after_s=7.0)
    assert await outcome(told, left_s=6.9) == (TroubleKind.THROTTLED, 1, [])
    assert anyio.current_time() == began


async def test_jitter_is_full():
    assert await waits(TroubleKind.SERVER_ERROR, policy=retry(jitter=0.25)) == [0.125, 0.25]


async def test_one_request_has_so_many_attempts_whatever_its_troubles():
    policy = retry(RetryNumbers(attempts=3, budget=100.0))
    troubles = [TroubleKind.CONNECT, TroubleKind.SERVER_ERROR, TroubleKind.RESET]
    kind, requests, told = await outcome(*troubles, policy=policy)
    assert (kind, requests, len(told)) == (TroubleKind.RESET, 3, 2)


async def test_one_attempt_means_none_is_repeated():
    policy = retry(RetryNumbers(attempts=1))
    assert await outcome(TroubleKind.CONNECT, policy=policy) == (TroubleKind.CONNECT, 1, [])


async def test_every_line_can_be_set():
    numbers = RetryNumbers(server_error=ServerErrorRule(retries=1, first_wait_s=3.0))
    assert await waits(TroubleKind.SERVER_ERROR, policy=retry(numbers)) == [3.0]


@pytest.mark.parametrize("kind", sorted(rules(PLENTY)))
async def test_a_create_without_idempotency_key_is_repeated_only_if_it_was_not_acted_upon(kind):
    async def log_in():
        pass

    _, requests, _ = await outcome(kind, repeatable=False, log_in=log_in)
    assert (requests == 2) is (kind in NOT_ACTED_UPON)


async def test_a_refused_login_is_made_good_once():
    logins = []

    async def log_in():
        logins.append(anyio.current_time())

    assert await outcome(TroubleKind.AUTH, log_in=log_in) == ("answer", 2, [0.0])
    assert (await outcome(*[TroubleKind.AUTH] * 5, log_in=log_in))[:2] == (TroubleKind.AUTH, 2)
    assert len(logins) == 2


async def test_without_a_login_a_refusal_is_final():
    assert await outcome(TroubleKind.AUTH) == (TroubleKind.AUTH, 1, [])


async def test_a_login_that_fails_ends_it_without_another_request():
    async def log_in():
        raise Trouble(TroubleKind.AUTH, "wrong password")

    assert (await outcome(TroubleKind.AUTH, log_in=log_in))[:2] == (TroubleKind.AUTH, 1)


async def test_many_calls_to_a_sick_insurer_share_one_budget():
    policy = retry(RetryNumbers(budget=10.0))
    requests = [
        (await outcome(*[TroubleKind.SERVER_ERROR] * 9, policy=policy))[1] for _ in range(20)
    ]
    assert sum(requests) == 20 + 10


@pytest.mark.parametrize("health", Health)
async def test_every_answer_earns_a_part_of_a_retry(health):
    policy = retry(RetryNumbers(budget=1.0, budget_return=0.5))
    assert (await outcome(TroubleKind.RESET, policy=policy, health=lambda _: health))[1] == 2
    assert policy.budget.left == 0.5
    assert (await outcome(TroubleKind.RESET, policy=policy))[1] == 1
    await outcome(policy=policy, health=lambda _: health)
    assert (await outcome(TroubleKind.RESET, policy=policy))[1] == 2


async def test_coming_back_when_they_said_costs_nothing_but_only_once():
    policy = retry(RetryNumbers(budget=0.0))
    told = Trouble(TroubleKind.THROTTLED, "429", retry_after_s=2.0)
    assert (await outcome(told, policy=policy))[0] == "answer"
    assert (await outcome(told, told, policy=policy))[0] is TroubleKind.THROTTLED
    assert (await outcome(TroubleKind.THROTTLED, policy=policy))[0] is TroubleKind.THROTTLED


@pytest.mark.parametrize("unsent", [TroubleKind.BROKEN_OFF, TroubleKind.OVER_LIMIT])
@pytest.mark.parametrize("named_s", [None, 2.0])
async def test_a_retry_that_was_never_sent_is_not_paid_for(unsent, named_s):
    policy = retry(RetryNumbers(budget=3.0))
    results = [
        Trouble(TroubleKind.THROTTLED, "429", retry_after_s=named_s),
        Trouble(unsent, "not sent"),
    ]

    async def inner(_asked):
        return results.pop(0)

    assert kind_of(await policy.run(exchange(), inner)) is unsent
    assert policy.budget.left == 3.0


async def test_who_hangs_up_before_the_retry_does_not_empty_everybodys_budget():
    policy = retry(RetryNumbers(budget=3.0))
    for _ in range(5):
        with anyio.move_on_after(0.1):
            await policy.run(exchange(Server(*[TroubleKind.SERVER_ERROR] * 9)), send)
    assert policy.budget.left == 3.0


async def test_ten_tenths_are_one_retry():
    budget = Budget(1.0, 0.1)
    assert budget.spend()
    for _ in range(10):
        budget.succeeded()
    assert budget.spend()


async def test_a_bug_is_raised_and_not_repeated():
    calls = []

    async def buggy():
        calls.append(1)
        raise KeyError

    with pytest.raises(KeyError):
        await retry().run(exchange(buggy), send)
    assert len(calls) == 1


async def test_a_wait_is_cut_by_cancellation():
    policy, server = retry(), Server(*[TroubleKind.THROTTLED] * 5)
    with anyio.move_on_after(0.5) as scope:
        await policy.run(exchange(server), send)
    assert scope.cancelled_caught
    assert server.requests == 1


@given(st.lists(st.booleans(), max_size=200), st.floats(0, 20), st.floats(0, 1))
def test_a_budget_is_never_overdrawn_nor_overfull(spends, most, returns):
    budget, spent, succeeded = Budget(most, returns), 0, 0
    for spend in spends:
        if spend:
            spent += budget.spend()
        else:
            budget.succeeded()
            succeeded += 1
        assert 0 <= budget.left <= most
    assert spent <= most + succeeded * returns + 1e-6


@given(
    st.lists(st.sampled_from(sorted(TroubleKind)), max_size=30),
    st.floats(0, 1, exclude_max=True),
)
def test_no_wait_is_negative_longer_than_the_longest_or_past_the_deadline(kinds, jitter):
    import trio
    import trio.testing

    async def run():
        began = anyio.current_time()
        found = await outcome(*kinds, policy=retry(jitter=jitter), left_s=30.0)
        assert all(0 <= wait_s <= PLENTY.max_wait_s for wait_s in found[2])
        assert anyio.current_time() - began < 30.0

    trio.run(run, clock=trio.testing.MockClock(autojump_threshold=0))
