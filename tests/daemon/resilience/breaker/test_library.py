"""What callers of the circuitbreaker library know does nothing wrong on our breaker."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from circuitbreaker import CircuitBreaker, CircuitBreakerError, CircuitBreakerMonitor

from osago_daemon.resilience.breaker import Breaker, State
from tests.support.breaker import World, numbers_of


@pytest.fixture
def breaker():
    return Breaker("library", numbers_of(window=1), slow_s=5.0, clock=lambda: 1000.0)


def test_every_public_name_of_the_library_works_in_every_state(breaker):
    names = [name for name in dir(CircuitBreaker) if not name.startswith("_")]
    for change in (breaker.restore, lambda: breaker.isolate(None), lambda: breaker.isolate(60.0)):
        change()
        for name in names:
            getattr(breaker, name)
        assert str(breaker) == breaker.name == "library"


def test_it_shows_as_closed_or_open(breaker):
    assert (breaker.closed, breaker.opened, breaker.open_remaining) == (True, False, 0)
    breaker.isolate(59.5)
    assert (breaker.closed, breaker.opened, breaker.open_remaining) == (False, True, 60)
    until = datetime.now(UTC) + timedelta(seconds=60)
    assert abs(breaker.open_until - until) < timedelta(hours=1)


def test_half_open_is_neither_closed_nor_open():
    world = World()
    world.half_open()
    breaker = world.breaker
    assert (breaker.closed, breaker.opened, breaker.open_remaining) == (False, False, 0)


def test_without_an_end_it_is_open_for_years(breaker):
    breaker.isolate(None)
    assert breaker.open_remaining > 1e8
    assert 'Circuit "library" OPEN' in str(CircuitBreakerError(breaker))


def test_the_library_s_monitor_sees_it_open_and_closed(breaker, monkeypatch):
    monkeypatch.setattr(CircuitBreakerMonitor, "circuit_breakers", {})
    CircuitBreakerMonitor.register(breaker)
    assert list(CircuitBreakerMonitor.get_closed()) == [breaker]
    breaker.isolate(60.0)
    assert list(CircuitBreakerMonitor.get_open()) == [breaker]


def test_it_counts_failures_by_the_library_s_name_and_keeps_none_of_them():
    world = World()
    world.attempts("gff")
    assert (world.breaker.failure_count, world.breaker.last_failure) == (2, None)


def test_reset_restores(breaker):
    breaker.isolate(None)
    breaker.reset()
    assert breaker.state is State.CLOSED


def with_it(breaker, ask):
    with breaker:
        ask()


def decorated_async(breaker, ask):
    @breaker
    async def call():
        ask()

    asyncio.run(call())


async def listed(items):
    return [item async for item in items]


@pytest.mark.parametrize(
    "way",
    [
        with_it,
        lambda breaker, _ask: breaker.__exit__(ValueError, ValueError(), None),
        lambda breaker, ask: breaker(ask)(),
        lambda breaker, ask: breaker.decorate(ask)(),
        decorated_async,
        lambda breaker, ask: breaker.call(ask),
        lambda breaker, ask: list(breaker.call_generator(ask)),
        lambda breaker, ask: asyncio.run(breaker.call_async(ask)),
        lambda breaker, ask: asyncio.run(listed(breaker.call_async_generator(ask))),
    ],
)
@pytest.mark.parametrize("isolated", [False, True])
def test_the_library_s_own_ways_to_call_are_refused_as_many_attempts_would_share_one(
    breaker, way, isolated
):
    def ask():
        raise AssertionError("somebody was asked")

    if isolated:
        breaker.isolate(None)
    with pytest.raises(TypeError, match="enter"):
        way(breaker, ask)
    assert breaker.state is (State.ISOLATED if isolated else State.CLOSED)
    assert (breaker.judged, "library" in CircuitBreakerMonitor.circuit_breakers) == (0, False)
