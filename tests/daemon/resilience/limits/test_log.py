"""The log over many requests: it keeps counting right, and keeps no more than it needs."""

import random

from osago_daemon.resilience.limits.log import MIN_ENDS, Window, WindowLog


def test_it_forgets_what_counts_nowhere_and_nothing_else():
    chance = random.Random(7)
    windows = [Window("per_second", 50, 1.0), Window("per_minute", 1500, 60.0)]
    log = WindowLog(windows, 1.0, lambda: None)
    now, ends, longest = 0.0, [], 0
    for _ in range(20_000):
        now += chance.choice([0.0, 0.0, 0.0, 0.0, 0.125])
        if log.has_room(now):
            flight = log.take()
            flight.sent(now)
            flight.answered(now)
            ends.append(now)
        longest = max(longest, len(log._ends))
        for window in windows:
            counted = sum(end + window.period_s > now for end in ends[-window.most :])
            assert log.held(window, now) == counted
            assert log.has_room(now) is False or counted < window.most
    assert len(ends) > 5 * MIN_ENDS
    assert longest <= 2 * 1500


def test_a_long_unanswered_request_does_not_keep_the_answered_ones_behind_it():
    log = WindowLog([Window("per_second", 1_000_000, 1.0)], 3600.0, lambda: None)
    log.take().sent(0.0)
    for n in range(20_000):
        flight = log.take()
        flight.sent(float(n))
        flight.answered(float(n))
    assert len(log._flights) <= MIN_ENDS + 4
    assert len(log._ends) <= 2 * MIN_ENDS


def test_one_that_went_unanswered_counts_from_when_it_must_have_arrived_though_nobody_looked():
    (window,) = windows = [Window("per_minute", 5, 60.0)]
    log = WindowLog(windows, 1.0, lambda: None)
    silent, late, other = log.take(), log.take(), log.take()
    silent.sent(0.0)
    late.sent(0.5)
    other.sent(4.0)
    late.answered(4.25)
    other.answered(4.5)
    # The late answer counts from when it came, as it may have arrived as late.
    assert [log.held(window, at) for at in (60.75, 61.0, 61.5, 64.25, 64.5)] == [3, 2, 2, 1, 0]


def test_what_was_given_away_is_not_taken_back_by_a_later_answer():
    windows = [Window("per_second", 1, 1.0), Window("per_minute", 2, 60.0)]
    log = WindowLog(windows, 1.0, lambda: None)
    slow, other = log.take(), None
    slow.sent(0.0)
    assert log.has_room(2.0)
    other = log.take()
    other.sent(2.0)
    slow.answered(2.5)  # its second is over, and used by the other one
    assert [log.held(window, 2.5) for window in windows] == [1, 2]
    assert log.held(windows[1], 61.0) == 1


def test_a_window_that_only_a_snapshot_could_fill_was_forecast_free_and_asked_without_end():
    windows = [Window("per_second", 2, 1.0), Window("per_minute", 120, 60.0)]
    log = WindowLog(windows, 1.0, lambda: None)
    log.add_ends([970.0 + n / 128 for n in range(500)], 1000.0)
    assert not log.has_room(1000.0)
    wait = log.forecast(0, 1000.0, 1000.0)
    assert (wait.free_at, wait.limit) == (970.0 + 380 / 128 + 60.0, "per_minute")
    assert not log.has_room(wait.free_at - 1 / 256)
    assert log.has_room(wait.free_at)
