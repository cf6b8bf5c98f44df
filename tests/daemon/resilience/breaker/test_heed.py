"""What a breaker becomes by what another instance's came to be, on a clock that stands still."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from osago_daemon.resilience.breaker import Change, Reason, State
from osago_daemon.resilience.breaker.heed import SAME_S
from osago_daemon.resilience.breaker.library import LONGEST_S
from osago_daemon.resilience.trouble import Trouble
from tests.support.breaker import World, refused

MAX_OPEN_S = 300.0


def open_there(world, free_in_s, reason=Reason.FAILURES):
    return world.breaker.heed(State.OPEN, reason, free_in_s)


def isolated_there(world, free_in_s=None):
    return world.breaker.heed(State.ISOLATED, Reason.BY_HAND, free_in_s)


def restored_there(world):
    return world.breaker.heed(State.CLOSED, Reason.BY_HAND, 0.0)


def well_there(world):
    return world.breaker.heed(State.CLOSED, Reason.PROBES_GOOD, 0.0)


def world_in(state):
    world = World()
    {
        State.CLOSED: lambda: None,
        State.OPEN: world.open,
        State.HALF_OPEN: world.half_open,
        State.ISOLATED: lambda: world.breaker.isolate(None),
    }[state]()
    world.heard.clear()
    return world


@pytest.mark.parametrize("state", [State.CLOSED, State.HALF_OPEN])
def test_open_there_is_open_here_for_as_long_and_then_tried(state):
    world = world_in(state)
    waiting = world.breaker.enter()
    assert open_there(world, 7.0)
    assert world.heard == [Change("a", state, State.OPEN, Reason.ELSEWHERE, 7.0)]
    assert refused(world.breaker.enter()).retry_after_s == 7.0
    assert "another instance" in world.breaker.blocked().message
    with pytest.raises(Trouble):
        waiting.began()
    world.now += 7.0
    assert world.attempts("g") is State.CLOSED


def test_open_there_is_never_longer_here_than_here_may_be():
    world = World()
    open_there(world, 1e9)
    assert world.breaker.free_in_s() == MAX_OPEN_S


def test_open_for_longer_there_is_open_for_longer_here_since_when_it_was():
    world = world_in(State.OPEN)
    world.now += 5.0
    assert open_there(world, 12.0)
    assert (world.breaker.free_in_s(), world.breaker.since) == (12.0, 1000.0)
    assert world.changes() == [(State.OPEN, State.OPEN, Reason.ELSEWHERE)]


@pytest.mark.parametrize("free_in_s", [9.0, 10.0, 0.0, -5.0, None])
def test_what_is_open_for_longer_here_stays_as_it_is(free_in_s):
    world = world_in(State.OPEN)
    world.now += 5.0
    assert not open_there(world, free_in_s)
    assert (world.breaker.free_in_s(), world.breaker.reason) == (10.0, Reason.FAILURES)
    assert world.heard == []


@pytest.mark.parametrize("free_in_s", [0.0, -5.0, None])
def test_what_is_over_there_opens_nothing_here(free_in_s):
    world = world_in(State.CLOSED)
    assert not open_there(world, free_in_s)
    assert world.breaker.state is State.CLOSED


@pytest.mark.parametrize("heed", [open_there, lambda world, _: well_there(world)])
def test_only_a_hand_ends_what_is_isolated_by_hand(heed):
    world = world_in(State.ISOLATED)
    assert not heed(world, 200.0)
    assert (world.breaker.state, world.breaker.free_in_s()) == (State.ISOLATED, None)
    assert world.heard == []
    assert restored_there(world)
    assert world.changes() == [(State.ISOLATED, State.CLOSED, Reason.ELSEWHERE)]


def test_open_times_grow_with_those_there():
    world = World()
    for _ in range(2):
        open_there(world, 10.0)
        world.now += 10.0
        assert world.breaker.state is State.HALF_OPEN
    world.attempts("f")
    assert world.breaker.free_in_s() == pytest.approx(60.0)  # 15, 30, 60


@pytest.mark.parametrize("reason", [Reason.PROBE_FAILED, Reason.PROBE_SLOW])
def test_whom_our_own_probes_found_well_theirs_do_not_open(reason):
    world = world_in(State.HALF_OPEN)
    world.attempts("g")
    assert not open_there(world, 10.0, reason)
    assert world.breaker.state is State.CLOSED
    assert open_there(world, 10.0, Reason.SLOW)
    new = World()
    assert open_there(new, 10.0, reason)  # of which nothing is known here


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("free_in_s", [None, 3600.0])
def test_isolated_there_is_isolated_here_and_said_alike(state, free_in_s):
    world = world_in(state)
    isolated_there(world, free_in_s)
    assert (world.breaker.state, world.breaker.free_in_s()) == (State.ISOLATED, free_in_s)
    assert world.breaker.blocked().message == "isolated by hand"


@pytest.mark.parametrize(
    ("here_s", "there_s", "changes"),
    [
        (None, None, False),
        (60.0, 60.0 + SAME_S / 2, False),
        (60.0, 90.0, True),
        (60.0, None, True),
        (None, 60.0, True),
    ],
)
def test_isolated_with_another_end_there_has_that_end_here(here_s, there_s, changes):
    world = World()
    world.breaker.isolate(here_s)
    world.heard.clear()
    assert isolated_there(world, there_s) is changes
    assert world.breaker.free_in_s() == (there_s if changes else here_s)
    assert len(world.heard) == changes


def test_an_isolation_that_is_over_there_is_over_here():
    world = world_in(State.ISOLATED)
    assert isolated_there(world, -1.0)
    assert world.breaker.state is State.HALF_OPEN
    assert not isolated_there(world, -1.0)


def test_restored_there_is_closed_here_and_forgets():
    world = world_in(State.HALF_OPEN)
    assert restored_there(world)
    assert world.attempts("ffff") is State.CLOSED
    assert restored_there(world)
    assert world.breaker.judged == 0
    assert world.changes() == [(State.HALF_OPEN, State.CLOSED, Reason.ELSEWHERE)]


@pytest.mark.parametrize("state", list(State))
def test_well_again_there_may_be_tried_here_and_no_more(state):
    world = world_in(state)
    open_ = state is State.OPEN
    assert well_there(world) is open_
    assert world.breaker.state is (State.HALF_OPEN if open_ else state)


def test_what_is_said_by_hand_is_heard_also_where_it_changes_nothing_and_what_is_heeded_is_not():
    world, said = World(), []
    world.breaker.announcer.by_hand.append(said.append)
    world.breaker.restore()
    world.breaker.isolate(5.0)
    world.breaker.restore()
    assert [change.new for change in said] == [State.CLOSED, State.ISOLATED, State.CLOSED]
    assert [change.new for change in world.heard] == [State.ISOLATED, State.CLOSED]
    isolated_there(world)
    restored_there(world)
    world.open()
    assert len(said) == 3


hints = st.tuples(
    st.sampled_from([State.OPEN, State.ISOLATED, State.CLOSED, State.HALF_OPEN]),
    st.sampled_from(list(Reason)),
    st.none() | st.floats(allow_nan=False),
)


@given(steps=st.lists(hints | st.floats(0.0, 400.0) | st.text("gfroncGFC", max_size=6)))
@example(steps=[349.0, 399.57853304989, (State.OPEN, Reason.NEW, 300.0)])  # rounding
def test_whatever_is_heeded_the_breaker_works_on(steps):
    world = World()
    for step in steps:
        if isinstance(step, float):
            world.now += step
        elif isinstance(step, str):
            for outcome in step:
                if world.breaker.blocked() is None:
                    world.attempts(outcome)
        else:
            before = (world.breaker.state, world.breaker.free_in_s(), world.breaker.reason)
            changed = world.breaker.heed(*step)
            after = (world.breaker.state, world.breaker.free_in_s(), world.breaker.reason)
            assert changed or before == after
            assert not changed or after[2] in {Reason.ELSEWHERE, Reason.TIME_UP}  # 1e-217 s
            # Only a hand isolates, and only a hand or time ends it.
            if State.ISOLATED in {before[0], after[0]} and changed:
                assert step[0] is State.ISOLATED or step[1] is Reason.BY_HAND
        free_in_s = world.breaker.free_in_s()
        if free_in_s is not None:
            assert 0 <= free_in_s <= LONGEST_S
            assert math.isfinite(free_in_s)
        if world.breaker.state is State.OPEN:
            assert free_in_s <= MAX_OPEN_S
        again = World()
        again.breaker.load(world.breaker.snapshot(1e9), 1e9)
        rounded = free_in_s is not None and 0 < free_in_s < 1e-3
        assert rounded or again.breaker.state is world.breaker.state
    world.breaker.restore()
    assert world.attempts("g") is State.CLOSED
