"""One attempt: when it counts, when it is too late, when it must not begin."""

import pytest

from osago_daemon.resilience.breaker import State
from osago_daemon.resilience.trouble import Trouble
from tests.support.breaker import SLOW_S, World, refused


def test_a_late_answer_says_nothing_about_the_present():
    world = World()
    late = [world.permit() for _ in range(20)]
    world.open()
    late[0].good()
    late[1].failed()
    assert world.breaker.free_in_s() == pytest.approx(15.0)
    world.now += 15.0
    assert world.breaker.state is State.HALF_OPEN
    late[2].good()
    late[3].failed()
    assert world.breaker.state is State.HALF_OPEN
    probe = world.permit()
    late[4].nothing()  # gives back no place that it never had
    refused(world.breaker.enter())
    probe.good()
    late[5].failed()
    assert (world.breaker.state, world.breaker.judged) == (State.CLOSED, 0)


def test_a_probe_that_answers_after_the_next_opening_gives_no_place_back():
    world = World(probes=2)
    world.half_open()
    late = world.permit()
    world.permit().failed()
    world.now += 30.0
    world.permit(), world.permit()
    late.good()
    refused(world.breaker.enter())
    assert world.breaker.state is State.HALF_OPEN


def test_slowness_counts_from_when_the_attempt_really_began():
    world = World(window=1)
    permit = world.breaker.enter()
    world.now += 100.0  # it waited for a rate limit
    permit.began()
    world.now += SLOW_S - 0.1
    permit.ended()
    world.now += 100.0  # and was looked at late
    permit.good()
    assert (world.breaker.state, world.breaker.slow) == (State.CLOSED, 0)


def test_an_attempt_that_never_began_was_not_slow():
    world = World(window=1)
    permit = world.breaker.enter()
    world.now += 100.0
    permit.ended()
    permit.nothing()
    assert world.breaker.judged == 0


@pytest.mark.parametrize(
    ("ran_s", "slow"), [(SLOW_S / 2 - 0.1, 0), (SLOW_S / 2, 1), (SLOW_S, 1), (100.0, 1)]
)
def test_an_attempt_that_is_cut_is_slow_if_it_had_half_of_what_is_slow(ran_s, slow):
    world = World()
    permit = world.permit()
    world.now += ran_s
    permit.ended()
    world.now += 100.0
    permit.cut()
    assert (world.breaker.judged, world.breaker.failures, world.breaker.slow) == (slow, 0, slow)


def test_an_attempt_that_is_cut_before_it_began_says_nothing():
    world = World()
    permit = world.breaker.enter()
    world.now += 100.0
    permit.cut()
    assert world.breaker.judged == 0


def test_an_attempt_that_is_given_up_says_nothing_however_long_it_ran():
    world = World()
    with world.permit():
        world.now += 100.0
    assert world.breaker.judged == 0


def test_a_permit_is_settled_once():
    permit = World().permit()
    permit.good()
    with pytest.raises(RuntimeError, match="twice"):
        permit.failed()
    with pytest.raises(RuntimeError, match="settled"):
        permit.began()


def test_a_permit_that_waits_while_it_opens_must_not_begin():
    world = World()
    waiting = world.breaker.enter()
    world.open()
    with pytest.raises(Trouble) as raised:
        waiting.began()
    assert refused(raised.value).retry_after_s == pytest.approx(15.0)
    waiting.nothing()
    world.now += 15.0
    assert world.attempts("g") is State.CLOSED


def test_a_permit_that_waits_while_it_closes_is_an_attempt_at_a_closed_one():
    world = World(probes=2)
    world.half_open()
    waiting = world.breaker.enter()
    world.attempts("gg")
    waiting.began()
    waiting.failed()
    assert (world.breaker.judged, world.breaker.failures) == (1, 1)


def test_a_probe_that_waits_is_taken_back_with_the_next_opening():
    world = World(probes=2)
    world.half_open()
    waiting = world.breaker.enter()
    world.attempts("f")
    with pytest.raises(Trouble, match="still fails"):
        waiting.began()


def test_settled_permits_are_not_kept():
    world = World()
    world.attempts("gfnrocGNC")
    with world.breaker.enter():
        pass
    assert world.breaker._permits.waiting == set()
