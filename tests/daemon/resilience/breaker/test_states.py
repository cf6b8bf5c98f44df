"""What opens a breaker, and what it shows, on a clock that stands still unless told."""

import pytest

from osago_daemon.resilience.breaker import Reason, State
from tests.support.breaker import World, refused


def test_a_new_one_is_closed_and_has_never_been_anything_else():
    breaker = World().breaker
    assert (breaker.state, breaker.reason, breaker.since) == (State.CLOSED, Reason.NEW, None)
    assert (breaker.judged, breaker.failures, breaker.slow) == (0, 0, 0)
    assert breaker.blocked() is None
    assert breaker.free_in_s() == 0.0


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ("ffff", State.CLOSED),
        ("fffff", State.OPEN),
        ("gfgfgfgfg", State.CLOSED),
        ("gfgfgfgfgf", State.OPEN),
        ("fnnfnnfnnfnn", State.CLOSED),
        ("fnnfnnfnnfnnf", State.OPEN),
        ("ffffgggggg" + "g" + "fff", State.CLOSED),
        ("G" * 7, State.CLOSED),
        ("G" * 8, State.OPEN),
        ("R" * 8, State.OPEN),
        ("O" * 8, State.OPEN),
        ("N" * 8, State.OPEN),
        ("C" * 8, State.OPEN),
        ("c" * 50, State.CLOSED),
        ("G" * 7 + "g" * 10 + "G" * 7, State.CLOSED),
        ("ffff" + "NNN", State.CLOSED),
        ("ffff" + "NGNG", State.OPEN),
        ("n" * 50, State.CLOSED),
    ],
)
def test_it_opens_by_the_shares_of_the_last_ten(outcomes, state):
    assert World(window_s=0.0).attempts(outcomes) is state


@pytest.mark.parametrize(
    ("numbers", "outcomes", "state"),
    [
        ({"window": 1, "failure_rate": 1.0}, "f", State.OPEN),
        ({"window": 4, "failure_rate": 1.0, "slow_rate": 1.0}, "gfff", State.CLOSED),
        ({"window": 4, "failure_rate": 1.0, "slow_rate": 1.0}, "gffff", State.OPEN),
        ({"window": 4, "failure_rate": 1.0, "slow_rate": 0.25}, "G", State.OPEN),
        ({"window": 4, "failure_rate": 1.0, "slow_rate": 0.5}, "fgG", State.OPEN),
        ({"window": 4, "failure_rate": 1e-12}, "G", State.CLOSED),
    ],
)
def test_the_shares_are_of_whatever_the_numbers_say(numbers, outcomes, state):
    assert World(window_s=0.0, **numbers).attempts(outcomes) is state


def test_a_share_is_not_missed_by_a_rounding():
    # 0.07 * 100 is a little more than 7.
    assert World(window=100, failure_rate=0.07).attempts("f" * 7) is State.OPEN


def test_among_hundreds_of_outcomes_a_bad_streak_is_chance():
    world = World()
    world.attempts("g" * 100)
    assert world.attempts("f" * 49) is State.CLOSED
    assert (world.breaker.judged, world.breaker.failures) == (100, 49)
    assert world.attempts("f") is State.OPEN


def test_the_last_seconds_are_judged_only_as_long_as_they_last():
    world = World()
    world.attempts("g" * 50)
    world.now += 10.0
    assert (world.breaker.judged, world.breaker.failures) == (10, 0)
    assert world.attempts("f" * 4) is State.CLOSED
    assert world.attempts("f") is State.OPEN


def test_a_good_answer_never_opens_it_though_time_took_the_other_good_ones_away():
    world = World()
    world.attempts("g" * 20 + "f" * 9)
    world.now += 10.0
    assert world.attempts("g") is State.CLOSED
    assert world.attempts("f") is State.OPEN


def test_the_numbers_shown_while_open_are_those_it_was_judged_by():
    world = World()
    world.attempts("G" + "fffff")
    world.now += 1000.0
    breaker = world.breaker
    assert (breaker.judged, breaker.failures, breaker.slow) == (6, 5, 1)
    assert breaker.failure_count == 5


def test_open_refuses_and_says_when_to_come_back():
    world = World()
    world.open()
    world.now += 5.0
    assert refused(world.breaker.enter()).retry_after_s == pytest.approx(10.0)
    assert refused(world.breaker.blocked()).retry_after_s == pytest.approx(10.0)
    assert world.breaker.free_in_s() == pytest.approx(10.0)
    assert world.breaker.since == 1000.0


def test_a_look_is_right_also_when_time_passed_without_calls():
    world = World()
    world.open()
    world.now += 100.0
    breaker = world.breaker
    assert (breaker.state, breaker.reason) == (State.HALF_OPEN, Reason.TIME_UP)
    assert breaker.since == 1015.0
    assert breaker.free_in_s() == 0.0


@pytest.mark.parametrize(
    "look", ["since", "reason", "judged", "closed", "opened", "open_remaining"]
)
def test_any_look_notices_that_time_is_up(look):
    world = World()
    world.open()
    world.now += 15.0
    getattr(world.breaker, look)
    assert world.changes()[-1] == (State.OPEN, State.HALF_OPEN, Reason.TIME_UP)


def test_answers_that_are_no_success_are_judged_lest_polled_insurers_look_sicker():
    for other in "or":
        assert World().attempts(other * 6 + "fffff") is State.CLOSED
        assert World().attempts((other + "f") * 5) is State.OPEN
    assert World().attempts("nnnnnn" + "fffff") is State.OPEN


def test_who_has_not_decided_yet_closes_nothing():
    world = World()
    world.half_open()
    assert world.attempts("ooooO") is State.HALF_OPEN


def test_a_half_open_breaker_stayed_so_for_ever_though_every_probe_was_answered_with_a_refusal():
    world = World()
    world.half_open()
    assert world.attempts("r") is State.CLOSED


def test_a_merely_slow_insurer_was_switched_off_for_as_long_as_it_was_slow():
    world = World()
    assert world.attempts("G" * 8) is State.OPEN
    world.now += 15.0
    assert world.attempts("G") is State.CLOSED
    assert world.attempts("G" * 7) is State.CLOSED


@pytest.mark.parametrize("continuing", [False, True])
def test_polls_that_were_not_ready_hid_that_every_create_failed_and_the_other_way_round(continuing):
    world = World()
    for _ in range(4):
        assert world.attempts("f", continuing=continuing) is State.CLOSED
        assert world.attempts("ogogo", continuing=not continuing) is State.CLOSED
    assert world.attempts("f", continuing=continuing) is State.OPEN
    assert world.breaker.reason is Reason.FAILURES


def test_what_begins_and_what_continues_is_judged_apart_and_shown_together():
    world = World()
    world.attempts("ffffG")
    assert world.attempts("ffffGg", continuing=True) is State.CLOSED
    assert (world.breaker.judged, world.breaker.failures, world.breaker.slow) == (11, 8, 2)
    world.breaker.restore()
    assert world.breaker.judged == 0
    assert world.attempts("ffff", continuing=True) is State.CLOSED
