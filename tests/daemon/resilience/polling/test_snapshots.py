"""Whatever is learned can be written down; whatever is read back either works or is refused."""

import copy
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osago_daemon.resilience.numbers import PacingNumbers
from osago_daemon.resilience.polling.pacing import HANDFUL, Pacer
from osago_daemon.resilience.polling.plan import make_plan

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 10**400, -(10**400), 1e308, 5e-324, 1e-9]),
    st.floats(),
    st.text(max_size=3),
)
JUNK = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.text(), SCALARS))


def used(seed, steps, median_s):
    """A pacer with some applications decided, some given up, and some under way."""
    source = random.Random(seed)
    pacer, under_way = Pacer(PacingNumbers(), random_=source.random), []
    for _ in range(steps):
        action = source.random()
        if action < 0.4 or not under_way:
            pace = pacer.begin()
            under_way.append([pace, pace.next_wait_s(0.0, 60.0), source.lognormvariate(0, 0.4)])
            continue
        one = under_way.pop(source.randrange(len(under_way)))
        pace, sent_s, factor = one
        pacer.exchange_took(source.random())
        if factor * median_s <= sent_s:
            pace.decided(sent_s)
            continue
        pace.pending(sent_s)
        wait_s = pace.next_wait_s(sent_s, 60.0 - sent_s)
        if wait_s is None or action > 0.97:
            pace.given_up(sent_s)
        else:
            one[1] = sent_s + wait_s
            under_way.append(one)
        if source.random() < 0.002:
            median_s /= 8
    return pacer


PACERS = st.builds(
    used, st.integers(0, 99), st.integers(0, 600), st.sampled_from([0.3, 4.0, 30.0, 90.0])
)


@settings(max_examples=60, deadline=None)
@given(PACERS)
def test_every_snapshot_of_ours_loads_and_gives_the_same_plan(pacer):
    again, once_more = Pacer(PacingNumbers()), Pacer(PacingNumbers())
    again.load(json.loads(json.dumps(pacer.snapshot())))
    once_more.load(json.loads(json.dumps(again.snapshot())))
    assert once_more.margin_s == pytest.approx(again.margin_s, rel=0.01)
    if pacer.times.count >= HANDFUL:
        before, after = (make_plan(p.times, least_s=0.5) for p in (pacer, again))
        assert after.polls == pytest.approx(before.polls, rel=0.02)
        assert after.first_s == pytest.approx(before.first_s, abs=0.6)


@settings(max_examples=200, deadline=None)
@given(PACERS, st.data())
def test_every_mutation_of_a_snapshot_works_or_is_refused(pacer, data):
    mutated = copy.deepcopy(pacer.snapshot())
    place = mutated
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        holder, place = place, place[key]
        if not isinstance(place, dict) or data.draw(st.booleans()):
            break
    if data.draw(st.integers(0, 4)):
        holder[key] = data.draw(JUNK)
    else:
        holder[data.draw(st.text(max_size=4))] = holder.pop(key)
    again = used(1, 60, 4.0)
    before = again.snapshot()
    try:
        again.load(mutated)
    except ValueError:
        assert again.snapshot() == before
        return
    for _ in range(2 * HANDFUL):
        pace = again.begin()
        wait_s = pace.next_wait_s(0.0, 60.0)
        pace.pending(wait_s)
        pace.next_wait_s(wait_s, 60.0 - wait_s)
        pace.exchange_took(0.1)
        pace.decided(wait_s + 1.0)
    Pacer(PacingNumbers()).load(json.loads(json.dumps(again.snapshot())))
