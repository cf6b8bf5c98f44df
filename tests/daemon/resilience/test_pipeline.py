"""The pipeline as a whole: its order, and what each policy means for the next one."""

import anyio
import pytest

from osago_daemon.resilience.numbers import (
    BreakerNumbers,
    LimitNumbers,
    PipelineNumbers,
    ResetRule,
    RetryNumbers,
)
from osago_daemon.resilience.pipeline import Pipeline, compose
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.exchange import Heard, Server, exchange, kind_of

pytestmark = pytest.mark.anyio

SERVER_ERROR = TroubleKind.SERVER_ERROR


@pytest.fixture
def anyio_backend(virtual_time):
    return virtual_time


def pipeline(**numbers):
    return Pipeline("a", PipelineNumbers(attempt_timeout_s=10.0, **numbers), random_=lambda: 0.5)


async def test_the_order_of_the_policies():
    assert [policy.name for policy in pipeline().policies] == [
        "deadline",
        "bulkhead",
        "retry",
        "breaker",
        "rate limit",
        "attempt timeout",
    ]


async def test_every_number_belongs_to_a_policy():
    keys = [key.split(".")[0] for policy in pipeline().policies for key in policy.keys]
    assert set(keys) == set(PipelineNumbers.model_fields)


async def test_composition_runs_the_first_policy_outermost():
    class Named:
        keys = ()

        def __init__(self, name):
            self.name = name

        async def run(self, asked, inner):
            passed.append(f"into {self.name}")
            result = await inner(asked)
            passed.append(f"out of {self.name}")
            return result

    passed = []
    await compose([Named("a"), Named("b")])(exchange())
    assert passed == ["into a", "into b", "out of b", "out of a"]


async def test_a_passing_trouble_costs_one_more_request():
    server, heard = Server(SERVER_ERROR), Heard()
    assert kind_of(await pipeline().run(exchange(server, observer=heard))) == "answer"
    assert (server.requests, heard.attempts, len(heard.retries)) == (2, 2, 1)


async def test_retry_and_breaker_a_retry_does_not_get_past_an_open_breaker():
    house = pipeline(retry=RetryNumbers(budget=100.0))
    server = Server(*[SERVER_ERROR] * 100)
    kinds = [kind_of(await house.run(exchange(server))) for _ in range(10)]
    assert server.requests == 8
    assert kinds == [SERVER_ERROR] * 2 + [TroubleKind.BROKEN_OFF] * 8


async def test_retry_and_breaker_an_open_breaker_is_not_retried():
    house, heard = pipeline(), Heard()
    house.breaker.isolate(None)
    result = await house.run(exchange(observer=heard))
    assert (kind_of(result), heard.retries, heard.attempts) == (TroubleKind.BROKEN_OFF, [], 0)


async def test_retry_and_rate_limit_every_attempt_takes_a_token():
    house = pipeline(limits=LimitNumbers(per_day=2))
    server = Server(*[SERVER_ERROR] * 5)
    result = await house.run(exchange(server))
    assert (kind_of(result), server.requests) == (TroubleKind.OVER_LIMIT, 2)


async def test_retry_and_attempt_timeout_each_attempt_begins_afresh():
    began = anyio.current_time()
    heard = Heard()
    result = await pipeline().run(exchange(anyio.sleep_forever, observer=heard))
    assert (kind_of(result), heard.attempts) == (TroubleKind.TIMEOUT, 2)
    assert anyio.current_time() - began == pytest.approx(20.0)


async def test_bulkhead_and_retry_a_place_is_kept_through_the_retries():
    house = pipeline(limits=LimitNumbers(at_once=1))
    log = []

    class Named(Server):
        def __init__(self, name, *troubles):
            super().__init__(*troubles)
            self.name = name

        async def __call__(self):
            log.append(self.name)
            return await super().__call__()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(house.run, exchange(Named("first", SERVER_ERROR)))
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(house.run, exchange(Named("second")))
    assert log == ["first", "first", "second"]


async def test_breaker_and_rate_limit_our_own_limits_say_nothing_about_the_insurer():
    house = pipeline(limits=LimitNumbers(per_day=1), breaker=BreakerNumbers(window=1))
    assert kind_of(await house.run(exchange())) == "answer"
    for _ in range(5):
        assert kind_of(await house.run(exchange())) is TroubleKind.OVER_LIMIT
    assert house.breaker.state == "closed"


async def test_breaker_and_rate_limit_who_waits_for_a_token_hears_at_once_that_it_opened():
    house = pipeline(limits=LimitNumbers(per_minute=8), retry=RetryNumbers(attempts=1))
    results = []

    async def ask(server):
        results.append(
            (kind_of(await house.run(exchange(server, left_s=100.0))), anyio.current_time() - began)
        )

    began = anyio.current_time()
    async with anyio.create_task_group() as tasks:
        for _ in range(11):
            tasks.start_soon(ask, Server(SERVER_ERROR))
    assert sorted(results) == [(TroubleKind.BROKEN_OFF, 0.0)] * 3 + [(SERVER_ERROR, 0.0)] * 8


async def test_breaker_and_attempt_timeout_a_hanging_server_is_left_alone():
    house = pipeline(retry=RetryNumbers(attempts=1))
    for _ in range(8):
        await house.run(exchange(anyio.sleep_forever))
    assert house.breaker.state == "open"


async def test_breaker_and_bulkhead_who_waits_for_a_place_hears_at_once_that_it_is_isolated():
    house = pipeline(limits=LimitNumbers(at_once=1))
    results = []

    async def ask():
        result = await house.run(exchange(anyio.sleep_forever))
        results.append((kind_of(result), anyio.current_time() - began))

    began = anyio.current_time()
    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(ask)
        await anyio.sleep(1.0)
        house.breaker.isolate(None)
        await anyio.sleep(1.0)
        tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        assert results == [(TroubleKind.BROKEN_OFF, 1.0), (TroubleKind.BROKEN_OFF, 2.0)]
        tasks.cancel_scope.cancel()


async def test_deadline_and_rate_limit_a_wait_that_does_not_fit_is_answered_at_once():
    house = pipeline(limits=LimitNumbers(per_minute=1, arrival_s=0.0))
    await house.run(exchange())
    began = anyio.current_time()
    result = await house.run(exchange(left_s=30.0))
    assert kind_of(result) is TroubleKind.OVER_LIMIT
    assert result.retry_after_s == pytest.approx(60.0)
    assert anyio.current_time() == began


async def test_deadline_and_retry_no_wait_goes_past_it():
    began = anyio.current_time()
    told = Trouble(TroubleKind.THROTTLED, "429", retry_after_s=50.0)
    result = await pipeline().run(exchange(Server(told), left_s=40.0))
    assert kind_of(result) is TroubleKind.THROTTLED
    assert result.retry_after_s == 50.0
    assert anyio.current_time() == began


async def test_a_trouble_keeps_nothing_of_the_request_alive():
    async def broken():
        try:
            int("Иванов")
        except ValueError:
            raise Trouble(TroubleKind.RESET, "the connection broke") from None

    for retries in (0, 1):
        numbers = RetryNumbers(reset=ResetRule(retries=retries))
        trouble = await pipeline(retry=numbers).run(exchange(broken))
        assert (trouble.__traceback__, trouble.__context__, trouble.__cause__) == (None,) * 3


async def test_cancellation_passes_through():
    finished = []

    async def caller():
        await pipeline().run(exchange(anyio.sleep_forever))
        finished.append("came back")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(caller)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert finished == []
