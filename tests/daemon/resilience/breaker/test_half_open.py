"""Finding out whether it is well again: who may, what it proves, how long until the next time."""

import pytest

from osago_daemon.resilience.breaker import Reason, State
from osago_daemon.resilience.breaker.states import PROBE_S
from tests.support.breaker import World, refused


def test_blocked_takes_no_place():
    world = World()
    world.half_open()
    assert [world.breaker.blocked() for _ in range(5)] == [None] * 5
    world.permit()
    assert refused(world.breaker.blocked()).retry_after_s == PROBE_S


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        ("g", State.CLOSED, Reason.PROBES_GOOD),
        ("r", State.CLOSED, Reason.PROBES_GOOD),
        ("G", State.CLOSED, Reason.PROBES_GOOD),
        ("R", State.CLOSED, Reason.PROBES_GOOD),
        ("f", State.OPEN, Reason.PROBE_FAILED),
        ("C", State.OPEN, Reason.PROBE_SLOW),
        ("c", State.HALF_OPEN, Reason.TIME_UP),
        ("o", State.HALF_OPEN, Reason.TIME_UP),
        ("O", State.HALF_OPEN, Reason.TIME_UP),
        ("n", State.HALF_OPEN, Reason.TIME_UP),
        ("N", State.HALF_OPEN, Reason.TIME_UP),
    ],
)
def test_what_a_probe_says_decides(outcome, state, reason):
    world = World()
    world.half_open()
    assert world.attempts(outcome) is state
    assert world.breaker.reason is reason


def test_half_open_lets_as_many_at_a_time_through_as_must_succeed():
    world = World(probes=3)
    world.half_open()
    probes = [world.permit() for _ in range(3)]
    assert refused(world.breaker.enter()).retry_after_s == PROBE_S
    assert world.breaker.free_in_s() is None
    probes[0].good()
    probes[1].nothing()
    probes += [world.permit(), world.permit()]
    refused(world.breaker.enter())
    probes[2].good()
    assert world.breaker.state is State.HALF_OPEN
    probes[3].refused()
    assert world.breaker.state is State.CLOSED
    assert world.breaker.judged == 0


def test_one_failed_probe_among_good_ones_opens_it_again_and_the_good_ones_are_forgotten():
    world = World(probes=2)
    world.half_open()
    assert world.attempts("gf") is State.OPEN
    world.now += 30.0
    assert world.attempts("g") is State.HALF_OPEN
    assert world.attempts("g") is State.CLOSED


def test_a_probe_that_is_given_up_gives_its_place_back():
    world = World()
    world.half_open()
    with world.permit():
        refused(world.breaker.enter())
    assert world.attempts("g") is State.CLOSED


def test_open_times_double_up_to_the_longest_and_begin_anew_after_it_was_closed():
    world = World(max_open_s=100.0)
    world.open()
    times = []
    for _ in range(5):
        times.append(world.breaker.free_in_s())
        world.now += times[-1]
        assert world.attempts("f") is State.OPEN
    assert times == pytest.approx([15.0, 30.0, 60.0, 90.0, 90.0])  # the cap's jitter only shortens
    world.now += 100.0
    assert world.attempts("g") is State.CLOSED
    world.open()
    assert world.breaker.free_in_s() == pytest.approx(15.0)


def test_growth_of_a_thousand_failed_trials_overflows_nothing():
    world = World(open_s=0.001, max_open_s=3600.0)
    world.attempts("f" * 5)
    for _ in range(1000):
        world.now += 3600.0
        world.attempts("f")
    assert world.breaker.free_in_s() == pytest.approx(3240.0)
    world.breaker.load(world.breaker.snapshot(1e9), 1e9)
    assert world.breaker.free_in_s() == pytest.approx(3240.0)


@pytest.mark.parametrize(
    ("chance", "open_s", "longest_s"), [(0.0, 12.0, 80.0), (0.5, 15.0, 90.0), (1.0, 18.0, 100.0)]
)
def test_jitter_goes_both_ways_but_never_beyond_the_longest(chance, open_s, longest_s):
    world = World(max_open_s=100.0, chance=chance)
    world.open()
    assert world.breaker.free_in_s() == pytest.approx(open_s)
    for _ in range(5):
        world.now += 100.0
        world.attempts("f")
    assert world.breaker.free_in_s() == pytest.approx(longest_s)


def test_a_first_open_time_beyond_the_longest_is_no_configuration():
    with pytest.raises(ValueError, match="open_s is longer than max_open_s"):
        World(open_s=50.0, max_open_s=10.0)
