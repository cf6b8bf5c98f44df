"""The pipeline as a whole: what reaches the insurer, what comes back, what a watcher hears."""

import anyio
import pytest

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.guard import Guard, Policy
from osago_daemon.resilience.trouble import Trouble, TroubleKind

pytestmark = pytest.mark.anyio

POLICY = Policy(attempt_timeout_s=10.0, attempts=3, breaker_failures=4, breaker_recovery_s=30.0)


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


class Server:
    """Fails with the given troubles in turn, then answers."""

    def __init__(self, *troubles):
        self.troubles = list(troubles)
        self.requests = 0

    async def __call__(self):
        self.requests += 1
        if self.troubles:
            raise Trouble(self.troubles.pop(0), "as told")
        return "answer"


async def call(guard, send, *, repeatable=True, left_s=60.0):
    heard = []
    result = "cut short"
    deadline = Deadline.after(left_s)
    with deadline.scope():
        try:
            result = await guard.call(
                send, repeatable=repeatable, deadline=deadline, on_retry=heard.append
            )
        except Trouble as trouble:
            result = trouble.kind
    return result, heard


async def test_a_passing_trouble_costs_one_more_request():
    server = Server(TroubleKind.SERVER_ERROR)
    result, heard = await call(Guard("a", POLICY), server)
    assert (result, server.requests) == ("answer", 2)
    assert [(retry.attempt, retry.trouble.kind) for retry in heard] == [
        (2, TroubleKind.SERVER_ERROR)
    ]


async def test_attempts_are_counted_over_all_kinds():
    server = Server(TroubleKind.CONNECT, TroubleKind.SERVER_ERROR, TroubleKind.RESET)
    result, heard = await call(Guard("a", POLICY), server)
    assert (result, server.requests, len(heard)) == (TroubleKind.RESET, 3, 2)


async def test_an_attempt_is_bounded_in_wall_clock_time_however_it_spends_it():
    async def drip():
        for _ in range(1000):
            await anyio.sleep(0.1)

    start = anyio.current_time()
    result, _ = await call(Guard("a", POLICY), drip, left_s=15.0)
    assert result is TroubleKind.TIMEOUT
    assert anyio.current_time() - start == pytest.approx(10.0)  # no room for a second attempt


async def test_no_attempt_outlives_the_deadline():
    start = anyio.current_time()
    guard = Guard("a", POLICY)
    result, _ = await call(guard, anyio.sleep_forever, left_s=4.0)
    assert (result, guard.breaker.failure_count) == ("cut short", 0)
    assert anyio.current_time() - start == pytest.approx(4.0)


async def test_a_dead_server_is_left_alone_and_the_retry_does_not_get_past_the_breaker():
    guard, server = Guard("a", POLICY), Server(*[TroubleKind.SERVER_ERROR] * 100)
    kinds = [(await call(guard, server))[0] for _ in range(10)]
    assert server.requests == POLICY.breaker_failures
    assert kinds == [TroubleKind.SERVER_ERROR] + [TroubleKind.BROKEN_OFF] * 9
    assert guard.breaker.state == "open"


async def test_what_says_nothing_about_health_neither_opens_nor_closes_the_breaker():
    guard = Guard("a", POLICY)
    sick = Server(*[TroubleKind.SERVER_ERROR] * 3)
    await call(guard, sick)
    for kind in (TroubleKind.REJECTED, TroubleKind.AUTH, TroubleKind.BAD_ANSWER):
        await call(guard, Server(kind))
    with anyio.move_on_after(1):
        await call(guard, anyio.sleep_forever)
    assert guard.breaker.failure_count == 3
    await call(guard, Server())
    assert guard.breaker.failure_count == 0


async def test_cancellation_passes_through():
    finished = []

    async def caller():
        await Guard("a", POLICY).call(
            anyio.sleep_forever,
            repeatable=True,
            deadline=Deadline.after(60),
            on_retry=finished.append,
        )
        finished.append("came back")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(caller)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert finished == []
