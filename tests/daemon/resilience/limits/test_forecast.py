"""The forecast against working out every grant before it."""

import math

from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.resilience.limits.log import Window, WindowLog

NOW = 1000.0


def worked_out(ahead, ends, windows, start):
    """The earliest grant of the last of `ahead` + 1, one after another; `ends` in order."""
    grants = list(ends)
    for _ in range(ahead + 1):
        at = start
        for window in windows:
            if len(grants) >= window.most:
                at = max(at, grants[len(grants) - window.most] + window.period_s)
        grants.append(at)
    return grants[-1]


def lived(windows, gaps, open_):
    """A log as it comes about: requests at such distances, each as soon as there is room."""
    log = WindowLog(windows, 0.0, lambda: None)
    now, ends = 0.0, []
    flights = []
    for gap in gaps:
        now = max(now + gap, log.forecast(0, now, now).free_at)
        flight = log.take()
        flight.sent(now)
        ends.append(now)
    now = max(now, NOW)
    for _ in range(open_):
        if not log.has_room(now):
            break
        flights.append(log.take())
        ends.append(now)
    return log, ends, now


LIMITS = st.tuples(
    st.none() | st.integers(1, 12), st.none() | st.integers(1, 40), st.none() | st.integers(1, 60)
)
GAPS = st.lists(st.sampled_from([0.0, 0.125, 0.5, 1.0, 7.0, 59.5, 61.0]), max_size=80)


def windows_of(limits, periods_s):
    return [
        Window(f"per {period_s}", most, period_s)
        for most, period_s in zip(limits, periods_s, strict=True)
        if most is not None
    ]


@given(limits=LIMITS, gaps=GAPS, open_=st.integers(0, 20), ahead=st.integers(0, 300))
def test_it_is_what_comes_of_granting_one_after_another(limits, gaps, open_, ahead):
    windows = windows_of(limits, (1.0, 60.0, 3600.0))
    log, ends, now = lived(windows, gaps, open_)
    wait = log.forecast(ahead, now, now)
    assert wait.free_at == worked_out(ahead, ends, windows, now)
    assert (wait.limit == "") == (wait.free_at == now)


@given(
    limits=LIMITS,
    gaps=GAPS,
    open_=st.integers(0, 20),
    ahead=st.integers(0, 300),
    start=st.floats(0, 99),
)
def test_it_is_never_too_late_whatever_the_windows(limits, gaps, open_, ahead, start):
    windows = windows_of(limits, (1.0, 4.0, 15.0))
    log, ends, now = lived(windows, gaps, open_)
    most_s = worked_out(ahead, ends, windows, now + start)
    forecast_s = log.forecast(ahead, now, now + start).free_at
    assert forecast_s <= most_s or math.isclose(forecast_s, most_s)
    assert forecast_s > most_s - 5.0  # nor far too early
