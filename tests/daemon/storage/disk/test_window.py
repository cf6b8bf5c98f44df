"""Grains against the exact log: never a request too few, never longer than a grain too many."""

import math

from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.storage.disk.schema import GRAINS
from osago_daemon.storage.disk.window import Window

PERIODS = st.sampled_from([1.0, 60.0, 86_400.0, 0.37])
NEWS = st.lists(st.tuples(st.floats(0, 1.5), st.booleans()), max_size=60)


@given(period_s=PERIODS, start=st.floats(0, 1e8), news=NEWS)
def test_it_counts_all_that_counts_and_nothing_a_grain_later(period_s, start, news):
    window, exact, now = Window(period_s, {}), [], start
    slack = 1e-9 * max(start, 1.0)
    for periods, comes in news:
        now += periods * period_s / 4
        if comes:
            window.add(window.grain(now))
            exact.append(now)
        held = window.held(now)
        assert held >= sum(end + period_s > now + slack for end in exact)
        longest = period_s * (1 + 1 / GRAINS)
        assert held <= sum(end + longest > now - slack for end in exact)


@given(period_s=PERIODS, start=st.floats(0, 1e8), news=NEWS, most=st.integers(1, 20))
def test_when_it_says_there_is_room_there_is_and_not_before(period_s, start, news, most):
    window, now = Window(period_s, {}), start
    for periods, comes in news:
        now += periods * period_s / 20
        if comes:
            window.add(window.grain(now))
    free_at = window.free_at(most, now)
    if free_at <= now:
        assert window.held(now) < most
        return
    before = math.nextafter(free_at, 0.0)
    assert before <= now or Window(period_s, dict(window.counts)).held(before) >= most
    assert window.held(free_at) < most


def test_what_is_under_way_may_end_now_and_is_free_a_window_later():
    window = Window(1.0, {})
    window.add(window.grain(110.0))
    assert math.isclose(window.free_at(1, 100.0), 101.0, abs_tol=2 / GRAINS)


def test_taking_away_what_is_not_there_leaves_nothing_owed():
    window = Window(1.0, {})
    window.add(5, -1)
    window.add(5)
    assert window.counts == {5: 1}
