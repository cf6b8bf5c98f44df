"""The distribution of times: what it remembers, forgets, and is not fooled by."""

import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osago_daemon.resilience.polling.sketch import HALF_LIFE, Sketch

TIMES = st.floats(min_value=0.0, max_value=300.0)
OBSERVATIONS = st.lists(
    st.one_of(
        TIMES,
        st.tuples(TIMES, TIMES).map(lambda pair: (min(pair), max(pair))),
        st.tuples(TIMES),
    ),
    max_size=40,
)


def sketch_of(observations):
    sketch = Sketch()
    for observation in observations:
        match observation:
            case (low_s, high_s):
                sketch.add_between(low_s, high_s)
            case (low_s,):
                sketch.add_beyond(low_s)
            case value_s:
                sketch.add(value_s)
    return sketch


def lognormal(seed=1, median_s=10.0, sigma=0.4):
    source = random.Random(seed)
    while True:
        yield median_s * source.lognormvariate(0.0, sigma)


def test_nothing_is_known_of_nothing():
    assert Sketch().quantile(0.5) is None
    assert Sketch().count == 0


@given(OBSERVATIONS)
def test_counts_every_observation(observations):
    assert sketch_of(observations).count == len(observations)


@settings(max_examples=40)
@given(OBSERVATIONS.filter(bool), st.lists(st.floats(0.0, 1.0), min_size=2, max_size=5))
def test_quantiles_rise(observations, shares):
    sketch = sketch_of(observations)
    quantiles = [sketch.quantile(share) for share in sorted(shares)]
    assert quantiles == sorted(quantiles)


@settings(max_examples=40)
@given(OBSERVATIONS.filter(bool))
def test_shares_are_shares(observations):
    shares = sketch_of(observations).shares()
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) >= 0.0


@given(st.floats(min_value=0.06, max_value=110.0))
def test_an_exact_time_is_kept_to_a_few_per_cent(value_s):
    sketch = sketch_of([value_s] * 5)
    assert sketch.quantile(0.5) == pytest.approx(value_s, rel=0.07)


def test_what_lies_beyond_the_last_bucket_is_infinite():
    assert sketch_of([500.0]).quantile(0.5) == math.inf


def test_yesterday_counts_and_last_month_does_not():
    sketch = sketch_of([20.0] * 1000 + [5.0] * HALF_LIFE)
    assert sum(sketch.shares()[60:]) == pytest.approx(1.0)
    assert sketch.quantile(0.45) == pytest.approx(5.0, rel=0.07)
    assert sketch.quantile(0.60) == pytest.approx(20.0, rel=0.07)
    for _ in range(6 * HALF_LIFE):
        sketch.add(5.0)
    assert sketch.quantile(0.98) == pytest.approx(5.0, rel=0.07)


def test_forgetting_never_overflows():
    sketch = Sketch()
    for order in range(0, 10_000_000, 5_000):
        sketch.add(5.0, order)
    sketch.add_between(4.0, 6.0)
    assert sketch.quantile(0.5) == pytest.approx(5.0, rel=0.07)


def test_a_burst_of_thousands_was_all_forgotten_by_the_next_application():
    sketch, again = Sketch(), Sketch()
    for _ in range(50_000):
        sketch.add(5.0, 0)
    sketch.watch(sketch.count, 1.0)
    assert sketch.quantile(0.5) == pytest.approx(5.0, rel=0.07)
    again.load(sketch.snapshot())
    assert again.quantile(0.5) == pytest.approx(5.0, rel=0.07)


def test_what_has_become_faster_may_be_any_faster_and_is_soon_known():
    sketch = sketch_of([20.0] * 500)
    sketch.hasten()
    assert sketch.weight == pytest.approx(8.0)
    assert sketch.quantile(0.02) < 1.0
    assert 3.0 < sketch.quantile(0.5) < 5.0
    assert sketch.quantile(0.999) == pytest.approx(20.0, rel=0.07)
    for _ in range(16):
        sketch.add(4.0)
    assert sketch.quantile(0.3) == pytest.approx(4.0, rel=0.1)
    assert sketch.quantile(0.6) == pytest.approx(4.0, rel=0.1)


def test_intervals_at_changing_places_reveal_the_shape():
    source, times, sketch = random.Random(2), lognormal(), Sketch()
    for number in range(1500):
        time_s, look_s, last_s = next(times), source.uniform(0.0, 3.0), 0.0
        while look_s < time_s:
            last_s, look_s = look_s, look_s + 3.0
        sketch.add_between(last_s, look_s)
        if number % 50 == 0:
            sketch.quantile(0.5)
    assert sketch.quantile(0.1) == pytest.approx(6.0, rel=0.1)
    assert sketch.quantile(0.5) == pytest.approx(10.0, rel=0.1)
    assert sketch.quantile(0.9) == pytest.approx(16.7, rel=0.1)


def test_giving_up_early_does_not_bias():
    times, sketch = lognormal(), Sketch()
    for number in range(2000):
        time_s = next(times)
        given_up_s = 8.0 if number % 2 else 60.0
        if time_s > given_up_s:
            sketch.add_beyond(given_up_s)
        else:
            sketch.add(time_s)
    assert sketch.quantile(0.5) == pytest.approx(10.0, rel=0.1)
    assert sketch.quantile(0.8) == pytest.approx(14.0, rel=0.12)


def test_of_many_begun_at_once_the_quick_ones_are_not_taken_for_all():
    times = lognormal()
    thousand = sorted(next(times) for _ in range(1000))
    alone, watching = Sketch(), Sketch()
    for time_s in thousand:
        watching.watch(0, min(time_s, 6.5))
    for time_s in thousand:
        if time_s > 7.0:
            break
        for sketch in (alone, watching):
            sketch.add(time_s, 0)
        watching.watch(0, None, min(time_s, 6.5))
    assert alone.quantile(0.9) < 7.0
    assert watching.quantile(0.1) == pytest.approx(6.0, rel=0.1)
    assert watching.quantile(0.3) > 6.9


def test_a_burst_that_has_only_begun_does_not_wipe_out_what_was_known():
    sketch = Sketch()
    sketch.load(sketch_of([5.0] * 200).snapshot())
    for _ in range(2000):
        sketch.watch(sketch.count, 1.0)
    assert sketch.quantile(0.5) == pytest.approx(5.0, rel=0.07)


def test_the_slow_ones_of_many_begun_at_once_are_not_all_that_is_remembered():
    times, sketch = lognormal(), Sketch()
    begun_at = sketch.count
    for time_s in sorted(next(times) for _ in range(5 * HALF_LIFE)):
        sketch.add(time_s, begun_at)
    assert sketch.quantile(0.5) == pytest.approx(10.0, rel=0.1)


def test_what_is_no_longer_watched_leaves_nothing_behind():
    sketch = sketch_of([5.0] * 50)
    before = sketch.shares()
    for order in range(20):
        sketch.watch(order, 9.0)
    assert sketch.shares() != before
    for order in range(20):
        sketch.watch(order, 11.0, 9.0)
        sketch.watch(order, None, 11.0)
    assert sketch.shares() == pytest.approx(before, abs=1e-6)


@settings(max_examples=40)
@given(OBSERVATIONS)
def test_a_snapshot_brings_it_all_back(observations):
    sketch, again = sketch_of(observations), Sketch()
    again.load(json.loads(json.dumps(sketch.snapshot())))
    assert again.count == sketch.count
    assert again.shares() == pytest.approx(sketch.shares(), abs=1e-3)


@pytest.mark.parametrize(
    "junk",
    [
        None,
        [],
        {},
        {"count": 1},
        {"count": "1", "weights": {}},
        {"count": -1, "weights": {}},
        {"count": 1, "weights": {}},
        {"count": 0, "weights": {"3": 1.0}},
        {"count": 1, "weights": {"3": 1.0}, "more": 1},
        {"count": 1, "weights": {"x": 1.0}},
        {"count": 1, "weights": {"²": 1.0}},
        {"count": 1, "weights": {"-1": 1.0}},
        {"count": 1, "weights": {"999": 1.0}},
        {"count": 1, "weights": {"3": -1.0}},
        {"count": 1, "weights": {"3": math.nan}},
        {"count": 1, "weights": {"3": math.inf}},
        {"count": 1, "weights": {"3": "1"}},
    ],
)
def test_junk_is_refused_and_changes_nothing(junk):
    sketch = sketch_of([5.0] * 9)
    before = sketch.snapshot()
    with pytest.raises(ValueError, match=r"time|bucket"):
        sketch.load(junk)
    assert sketch.snapshot() == before
