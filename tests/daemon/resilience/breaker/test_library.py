"""What callers of the circuitbreaker library know does nothing wrong on our breaker."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from circuitbreaker import CircuitBreaker, CircuitBreakerError, CircuitBreakerMonitor

from osago_daemon.resilience.breaker import Breaker, State
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.support.breaker import numbers_of

pytestmark = pytest.mark.anyio

RESET = TroubleKind.RESET


@pytest.fixture
def breaker():
    return Breaker("library", numbers_of(window=1), slow_s=5.0, clock=lambda: 1000.0)


def fail(kind=RESET):
    raise Trouble(kind, "as told")


def test_every_public_name_of_the_library_works_in_every_state(breaker):
    names = [name for name in dir(CircuitBreaker) if not name.startswith("_")]
    for change in (breaker.restore, lambda: breaker.isolate(None), lambda: breaker.isolate(60.0)):
        change()
        for name in names:
            getattr(breaker, name)
        assert str(breaker) == breaker.name == "library"


def test_it_shows_as_closed_or_open(breaker):
    assert (breaker.closed, breaker.opened) == (True, False)
    assert (breaker.open_remaining, breaker.open_until) == (0, None)
    breaker.isolate(59.5)
    assert (breaker.closed, breaker.opened) == (False, True)
    assert breaker.open_remaining == 60
    assert abs(breaker.open_until - datetime.now(UTC) - timedelta(seconds=59.5)) < timedelta(
        hours=1
    )


def test_without_an_end_there_is_no_time_to_show(breaker):
    breaker.isolate(None)
    assert breaker.open_until is None
    assert breaker.open_remaining > 1e8
    assert 'Circuit "library" OPEN' in str(CircuitBreakerError(breaker))


def test_reset_restores(breaker):
    breaker.isolate(None)
    breaker.reset()
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize(
    ("kind", "state"),
    [(RESET, State.OPEN), (TroubleKind.THROTTLED, State.CLOSED), (TroubleKind.AUTH, State.CLOSED)],
)
def test_a_call_counts_by_the_kind_of_its_trouble(breaker, kind, state):
    with pytest.raises(Trouble, match="as told"):
        breaker.call(fail, kind)
    assert breaker.state is state


def test_a_call_gives_what_the_function_gives_and_counts_as_good(breaker):
    assert breaker.call(max, 1, 2) == 2
    assert (breaker.judged, breaker.failures) == (1, 0)


def test_a_call_that_took_too_long_is_slow():
    times = iter([1000.0, 1005.0, 1005.0])
    breaker = Breaker("library", numbers_of(), slow_s=5.0, clock=lambda: next(times, 1005.0))
    breaker.call(max, 1, 2)
    assert (breaker.judged, breaker.slow) == (1, 1)


def test_a_bug_in_a_call_is_neutral(breaker):
    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 / 0)
    assert (breaker.state, breaker.judged) == (State.CLOSED, 0)


async def test_an_async_call_is_refused_while_isolated(breaker):
    async def ask():
        raise AssertionError("nobody is asked")

    breaker.isolate(60.0)
    with pytest.raises(Trouble) as raised:
        await breaker.call_async(ask)
    assert (raised.value.kind, raised.value.retry_after_s) == (TroubleKind.BROKEN_OFF, 60.0)


async def test_a_cancelled_call_is_neutral(breaker):
    async def cut():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await breaker.call_async(cut)
    assert breaker.judged == 0


def test_a_generator_is_one_attempt_to_its_last_item(breaker):
    def items():
        yield 1
        yield fail()

    assert list(breaker.call_generator(lambda: iter([1, 2]))) == [1, 2]
    assert breaker.judged == 1
    with pytest.raises(Trouble):
        list(breaker.call_generator(items))
    assert breaker.state is State.OPEN


async def test_an_async_generator_is_one_attempt_to_its_last_item(breaker):
    async def items(last):
        yield 1
        yield last()

    assert [item async for item in breaker.call_async_generator(items, int)] == [1, 0]
    assert breaker.judged == 1
    with pytest.raises(Trouble):
        [item async for item in breaker.call_async_generator(items, fail)]
    assert breaker.state is State.OPEN


def test_a_generator_left_early_is_neutral(breaker):
    going = breaker.call_generator(lambda: iter([1, 2]))
    next(going)
    going.close()
    assert breaker.judged == 0


async def test_decorated_functions_obey_it(breaker):
    @breaker
    async def ask(kind):
        fail(kind)

    with pytest.raises(Trouble):
        await ask(RESET)
    with pytest.raises(CircuitBreakerError, match="library"):
        await ask(RESET)
    assert breaker in CircuitBreakerMonitor.get_open()
    del CircuitBreakerMonitor.circuit_breakers["library"]


def test_the_library_s_own_with_is_refused_as_many_attempts_would_share_it(breaker):
    with pytest.raises(TypeError, match="enter"), breaker:
        raise AssertionError("not reached")
    with pytest.raises(TypeError, match="enter"):
        breaker.__exit__(None, None, None)
