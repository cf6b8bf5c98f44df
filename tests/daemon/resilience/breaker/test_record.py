"""A breaker survives a restart, and whatever may stand on a disk."""

import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.resilience.breaker import Breaker, Reason, State
from osago_daemon.resilience.trouble import Trouble
from tests.support.breaker import numbers_of

WALL_S = 1_790_000_000.0


class Time:
    """A clock of one process: it begins anywhere."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


def process(now=1000.0, **numbers):
    return Breaker("a", numbers_of(**numbers), slow_s=5.0, clock=Time(now), random_=lambda: 0.5)


def attempts(breaker, outcomes, *, continuing=False):
    for outcome in outcomes:
        permit = breaker.enter(continuing=continuing)
        assert not isinstance(permit, Trouble)
        permit.began()
        breaker._clock.now += 5.0 if outcome in "sc" else 0.0
        ways = {"f": permit.failed, "o": permit.answered, "r": permit.refused, "c": permit.cut}
        ways.get(outcome, permit.good)()
    return breaker


def restarted(breaker, *, after_s=0.0, now=3.0, **numbers):
    """The breaker of another process, begun `after_s` later, through real JSON."""
    data = json.loads(json.dumps(breaker.snapshot(WALL_S), allow_nan=False))
    other = process(now, **numbers)
    other.load(data, WALL_S + after_s)
    return other


def counts(breaker):
    return (breaker.judged, breaker.failures, breaker.slow)


def test_a_window_goes_on():
    other = restarted(attempts(process(), "gfsfff"), after_s=86_400.0)
    assert counts(other) == (6, 4, 1)
    assert attempts(other, "f").state is State.OPEN


def test_both_windows_go_on_each_with_its_own():
    breaker = attempts(attempts(process(), "ffffg"), "orcffff", continuing=True)
    assert breaker.snapshot(WALL_S)["continued"]["marks"] == "orcffff"
    other = restarted(breaker)
    assert counts(other) == (12, 8, 1)
    assert attempts(other, "og").state is State.CLOSED
    assert attempts(other, "f", continuing=True).state is State.OPEN
    assert attempts(restarted(breaker), "f").state is State.OPEN


def test_a_new_one_stays_new():
    other = restarted(process())
    assert (other.state, other.reason, other.since) == (State.CLOSED, Reason.NEW, None)


def test_the_last_seconds_are_those_of_the_wall():
    breaker = attempts(process(), "g" * 30)
    assert counts(restarted(breaker, after_s=9.0)) == (30, 0, 0)
    assert counts(restarted(breaker, after_s=11.0)) == (10, 0, 0)


def test_open_goes_on_with_what_is_left_of_it():
    breaker = attempts(process(), "fffff")
    other = restarted(breaker, after_s=5.0)
    assert (other.state, other.reason) == (State.OPEN, Reason.FAILURES)
    assert other.free_in_s() == pytest.approx(10.0)
    assert other.since == pytest.approx(-2.0)
    assert restarted(breaker, after_s=16.0).state is State.HALF_OPEN


def test_growth_goes_on():
    breaker = attempts(process(), "fffff")
    breaker._clock.now += 15.0
    attempts(breaker, "f")
    other = restarted(breaker, after_s=30.0)
    attempts(other, "f")
    assert other.free_in_s() == pytest.approx(60.0)


def test_half_open_stays_half_open_with_all_its_places():
    breaker = attempts(process(), "fffff")
    breaker._clock.now += 15.0
    breaker.enter()
    other = restarted(breaker)
    assert other.state is State.HALF_OPEN
    assert attempts(other, "g").state is State.CLOSED


@pytest.mark.parametrize(
    ("for_s", "after_s", "state", "free_in_s"),
    [
        (None, 1e9, State.ISOLATED, None),
        (3600.0, 600.0, State.ISOLATED, 3000.0),
        (3600.0, 3601.0, State.HALF_OPEN, 0.0),
    ],
)
def test_isolated_stays_isolated(for_s, after_s, state, free_in_s):
    breaker = process()
    breaker.isolate(for_s)
    other = restarted(breaker, after_s=after_s)
    assert other.state is state
    assert other.free_in_s() == (free_in_s and pytest.approx(free_in_s))


def test_a_wall_clock_set_back_makes_nothing_longer_than_it_was_meant_to_be():
    other = restarted(attempts(process(), "fffff"), after_s=-86_400.0)
    assert other.free_in_s() == pytest.approx(15.0)
    assert other.since == 3.0


def test_outcomes_from_a_future_are_taken_as_of_now():
    other = restarted(attempts(process(), "g" * 30), after_s=-86_400.0)
    assert counts(other) == (30, 0, 0)
    other._clock.now += 11.0
    assert counts(other) == (10, 0, 0)


def test_a_shorter_longest_time_holds_for_what_was_open_before():
    breaker = attempts(process(open_s=300.0, jitter=0.0), "fffff")
    assert restarted(breaker, max_open_s=20.0).free_in_s() == pytest.approx(20.0)


def test_a_smaller_window_takes_the_latest():
    other = restarted(attempts(process(window=20), "ffff" + "g" * 8), window=5, window_s=0.0)
    assert counts(other) == (5, 0, 0)


def test_listeners_are_not_told_again():
    other, heard = process(3.0), []
    other.listeners.append(heard.append)
    other.load(attempts(process(), "fffff").snapshot(WALL_S), WALL_S)
    assert heard == []


def test_those_who_wait_are_released_where_what_was_loaded_lets_nobody_through():
    other = process(3.0)
    waiting = other.enter()
    other.load(attempts(process(), "fffff").snapshot(WALL_S), WALL_S)
    with pytest.raises(Trouble):
        waiting.began()


def spoilt(**changes):
    return attempts(process(), "fffff").snapshot(WALL_S) | changes


def judging(times, marks):
    return {"times": times, "marks": marks}


FINE = judging([1.0, 2.0, 3.0, 4.0, 5.0], "fffff")


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "open",
        {},
        spoilt(version=1),
        spoilt(version=3),
        {"version": 1, "times": [], "marks": ""},
        spoilt(more=1),
        spoilt(state="ajar"),
        spoilt(state=None),
        spoilt(state=["open"]),
        spoilt(reason="because"),
        spoilt(until=None),
        spoilt(until=math.nan),
        spoilt(until=math.inf),
        spoilt(until="tomorrow"),
        spoilt(until=10**400),
        spoilt(until=3e10),
        spoilt(since=-9e10),
        spoilt(since=None),
        spoilt(since=True),
        spoilt(state="closed"),
        spoilt(state="half_open"),
        spoilt(state="closed", until=None),
        spoilt(openings=-1),
        spoilt(openings=10**30),
        spoilt(openings=1.5),
        *(
            spoilt(**{window: junk})
            for window in ("begun", "continued")
            for junk in (
                None,
                {},
                FINE | {"more": 1},
                FINE | {"marks": "ffffx"},
                FINE | {"marks": "ffff"},
                FINE | {"marks": "ffff\n"},
                FINE | {"marks": ["f"] * 5},
                FINE | {"times": [1.0, 2.0, math.nan, 3.0, 4.0]},
                FINE | {"times": [5.0, 4.0, 3.0, 2.0, 1.0]},
                FINE | {"times": {}},
                judging([0.0] * 101, "f" * 101),
            )
        ),
    ],
)
def test_junk_is_refused_and_changes_nothing(data):
    breaker = attempts(process(), "fsg")
    before = breaker.snapshot(WALL_S)
    with pytest.raises(ValueError):  # noqa: PT011  # pydantic's texts are its own
        breaker.load(data, WALL_S)
    assert breaker.snapshot(WALL_S) == before


def test_junk_that_is_too_deep_for_an_error_message_is_refused():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(ValueError, match="nested"):
        process().load(spoilt(state=nested), WALL_S)


def test_what_junk_is_made_of_is_taken_where_nothing_is_spoilt():
    process().load(spoilt(begun=FINE, continued=FINE), WALL_S)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
moments = st.none() | st.floats(-1e12, 1e12) | st.just(WALL_S) | st.floats(WALL_S, WALL_S + 100)


@st.composite
def nearly_windows(draw):
    marks = draw(st.text("gscfro", max_size=12))
    times = st.lists(
        st.floats(WALL_S - 100, WALL_S + 100), min_size=len(marks), max_size=len(marks)
    )
    return judging(sorted(draw(times)), marks)


@st.composite
def nearly_records(draw):
    """Of the right shape, with values from likely to absurd, and now and then a field of junk."""
    record = {
        "version": 2,
        "state": draw(st.sampled_from(list(map(str, State)))),
        "reason": draw(st.sampled_from(list(map(str, Reason)))),
        "since": draw(moments),
        "until": draw(moments),
        "openings": draw(st.integers(0, 70)),
        "begun": draw(nearly_windows()),
        "continued": draw(nearly_windows()),
    }
    if draw(st.booleans()):
        record[draw(st.sampled_from(sorted(record)))] = draw(json_values)
    return record


@given(data=nearly_records() | json_values, outcomes=st.text("gscfro", max_size=12))
def test_whatever_is_loaded_the_breaker_works_on(data, outcomes):
    breaker = process()
    try:
        breaker.load(data, WALL_S)
    except ValueError:
        assert breaker.state is State.CLOSED
    for outcome in outcomes:
        free_in_s = breaker.free_in_s()
        if free_in_s is None:
            breaker.restore()
        elif free_in_s:
            assert breaker.state is State.ISOLATED or free_in_s <= 300.0
            breaker._clock.now += free_in_s * 1.001 + 1e-3
        attempts(breaker, outcome)
        shown = datetime.fromtimestamp(WALL_S, UTC)
        shown += timedelta(seconds=(breaker.since or 0.0) - breaker._clock.now)
        assert breaker.open_remaining >= 0
        assert isinstance(breaker.open_until, datetime)
    json.dumps(breaker.snapshot(WALL_S), allow_nan=False)
    breaker.restore()
    assert attempts(breaker, "g").state is State.CLOSED
