"""Isolating and restoring by hand, and who hears of it."""

import pytest

from osago_daemon.resilience.breaker import Change, Reason, State
from tests.support.breaker import World, refused


@pytest.mark.parametrize("start", ["open", "half_open"])
def test_isolated_wins_over_everything(start):
    world = World()
    getattr(world, start)()
    world.breaker.isolate(None)
    world.now += 1e6
    assert world.breaker.state is State.ISOLATED
    assert refused(world.breaker.enter()).retry_after_s is None
    assert world.breaker.free_in_s() is None


def test_an_answer_under_way_does_not_end_an_isolation():
    world = World()
    world.half_open()
    probe = world.permit()
    world.breaker.isolate(None)
    probe.good()
    assert world.breaker.state is State.ISOLATED


def test_isolated_for_a_time_is_then_tried():
    world = World()
    world.breaker.isolate(3600.0)
    world.now += 3599.0
    assert refused(world.breaker.enter()).retry_after_s == pytest.approx(1.0)
    world.now += 1.0
    assert world.attempts("f") is State.OPEN
    assert world.breaker.free_in_s() == pytest.approx(15.0)  # the first time it is left alone


def test_isolating_again_gives_it_another_end():
    world = World()
    world.breaker.isolate(10.0)
    world.now += 5.0
    world.breaker.isolate(None)
    world.now += 100.0
    assert world.breaker.state is State.ISOLATED
    assert world.breaker.since == 1000.0
    assert [change.free_in_s for change in world.heard] == [10.0, None]


@pytest.mark.parametrize("for_s", [0.0, -1.0, float("nan"), float("inf"), 1e12])
def test_a_time_that_is_none_is_refused_and_isolates_nothing(for_s):
    world = World()
    with pytest.raises(ValueError, match="isolate"):
        world.breaker.isolate(for_s)
    assert world.breaker.state is State.CLOSED


def test_restore_closes_and_forgets():
    world = World()
    world.half_open()
    world.attempts("f")
    world.breaker.isolate(None)
    world.breaker.restore()
    assert (world.breaker.state, world.breaker.judged) == (State.CLOSED, 0)
    assert world.attempts("ffff") is State.CLOSED
    world.attempts("f")
    assert world.breaker.free_in_s() == pytest.approx(15.0)


def test_restore_of_a_closed_one_forgets_its_window_and_changes_nothing():
    world = World()
    world.attempts("ffff")
    late = world.permit()
    world.breaker.restore()
    late.failed()
    assert world.breaker.judged == 0
    assert world.heard == []


def test_listeners_hear_every_change_with_its_reason():
    world = World()
    world.half_open()
    world.attempts("f")
    world.now += 30.0
    world.attempts("g")
    world.breaker.isolate(60.0)
    world.breaker.restore()
    assert world.heard[0] == Change("a", State.CLOSED, State.OPEN, Reason.FAILURES, 15.0)
    assert world.changes() == [
        (State.CLOSED, State.OPEN, Reason.FAILURES),
        (State.OPEN, State.HALF_OPEN, Reason.TIME_UP),
        (State.HALF_OPEN, State.OPEN, Reason.PROBE_FAILED),
        (State.OPEN, State.HALF_OPEN, Reason.TIME_UP),
        (State.HALF_OPEN, State.CLOSED, Reason.PROBES_GOOD),
        (State.CLOSED, State.ISOLATED, Reason.BY_HAND),
        (State.ISOLATED, State.CLOSED, Reason.BY_HAND),
    ]


def test_a_listener_that_raises_is_a_bug_that_breaks_neither_breaker_nor_listeners():
    def broken(_change):
        raise KeyError("oops")

    world, bugs = World(), []
    world.breaker.listeners.insert(0, broken)
    world.breaker.announcer.on_bug = bugs.append
    world.half_open()
    assert world.attempts("g") is State.CLOSED
    assert [type(bug) for bug in bugs] == [KeyError] * 3
    assert len(world.heard) == 3


def test_an_unheard_bug_is_logged_without_its_text(capsys):
    def broken(_change):
        raise KeyError("a person's name")

    world = World()
    world.breaker.listeners.append(broken)
    world.breaker.isolate(None)
    logged = "".join(capsys.readouterr())
    assert "KeyError" in logged
    assert "person" not in logged


def test_a_listener_that_causes_a_change_leaves_the_order_as_it_was():
    def restore(change):
        if change.new is State.OPEN:
            world.breaker.restore()

    world = World()
    world.breaker.listeners.insert(0, restore)
    assert world.attempts("f" * 5) is State.CLOSED
    assert [change.new for change in world.heard] == [State.OPEN, State.CLOSED]
