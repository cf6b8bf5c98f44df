"""The rules every poll keeps, whatever was learned."""

import json
import math
import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_daemon.resilience.numbers import PacingNumbers
from osago_daemon.resilience.polling.pacing import HANDFUL, MARGIN_S, Pacer

LEAST_S = 0.5


def learned(median_s, *, phase=0.5, observations=60, spread=0.3, **numbers):
    pacer = Pacer(PacingNumbers(**numbers), random_=lambda: phase)
    for number in range(observations):
        value_s = median_s * (1.0 + spread * (2 * number / observations - 1.0))
        pacer.times.add(value_s)
    return pacer


def polls_of(pacer, *, deadline_s=60.0, exchange_s=0.05):
    """When the polls of an application go out that never gets ready."""
    pace, now_s, sent_s = pacer.begin(), 0.0, []
    while (wait_s := pace.next_wait_s(now_s, deadline_s - now_s)) is not None:
        sent_s.append(now_s + wait_s)
        pace.pending(sent_s[-1])
        now_s = sent_s[-1] + exchange_s
    pace.given_up(now_s)
    return sent_s


@given(
    insurer=st.fixed_dictionaries(
        {
            "median_s": st.floats(0.1, 70.0),
            "spread": st.floats(0.0, 0.95),
            "phase": st.floats(0.0, 1.0, exclude_max=True),
            "observations": st.integers(0, 30),
        }
    ),
    deadline_s=st.floats(0.0, 90.0),
    exchange_s=st.floats(0.0, 3.0),
    least_s=st.floats(0.1, 5.0),
)
def test_polls_are_never_too_close_and_never_past_the_deadline(
    insurer, deadline_s, exchange_s, least_s
):
    pacer = learned(**insurer, least_s=least_s)
    sent_s = polls_of(pacer, deadline_s=deadline_s, exchange_s=exchange_s)
    gaps_s = [after - before for before, after in pairwise(sent_s)]
    assert all(gap_s >= least_s - 1e-9 for gap_s in gaps_s)
    assert all(poll_s <= deadline_s - MARGIN_S + 1e-9 for poll_s in sent_s[1:])
    assert all(poll_s <= deadline_s for poll_s in sent_s)


@given(
    median_s=st.floats(0.1, 50.0),
    elapsed_s=st.floats(0.0, 55.0),
    retry_after_s=st.floats(0.0, 100.0),
    observations=st.integers(0, 30),
    polled=st.booleans(),
)
def test_never_sooner_than_they_asked_for(median_s, elapsed_s, retry_after_s, observations, polled):
    pace = learned(median_s, observations=observations).begin()
    if polled:
        pace.pending(elapsed_s)
    wait_s = pace.next_wait_s(elapsed_s, 60.0 - elapsed_s, retry_after_s)
    if wait_s is None:
        room_s = max(retry_after_s, LEAST_S if polled else 0.0)
        assert room_s > 60.0 - elapsed_s - MARGIN_S - LEAST_S
    else:
        assert wait_s >= retry_after_s


def test_what_they_ask_for_wins_over_an_earlier_learned_poll():
    pace = learned(4.0).begin()
    assert pace.next_wait_s(0.0, 60.0, retry_after_s=30.0) == 30.0


def test_a_courtesy_retry_after_does_not_undo_what_was_learned():
    pacer = learned(20.0)
    without = pacer.begin().next_wait_s(0.0, 60.0)
    assert without > 10.0
    assert pacer.begin().next_wait_s(0.0, 60.0, retry_after_s=1.0) == without


@pytest.mark.parametrize(("observations", "learn"), [(0, True), (HANDFUL - 1, True), (100, False)])
def test_fixed_steps_while_nothing_is_known_or_learning_is_off(observations, learn):
    pacer = learned(
        20.0, phase=0.0, observations=observations, learn=learn, first_s=0.7, every_s=1.5
    )
    assert polls_of(pacer)[:4] == pytest.approx([0.7, 2.2, 3.7, 5.2])


def test_a_handful_of_answers_moves_the_first_poll_to_them():
    first_s = polls_of(learned(20.0, observations=HANDFUL))[0]
    assert first_s > 10.0


@pytest.mark.parametrize("median_s", [0.2, 4.0, 22.0, 55.0])
@pytest.mark.parametrize("deadline_s", [10.0, 33.0, 60.0])
def test_a_last_poll_goes_out_just_in_time_for_its_answer(median_s, deadline_s):
    last_s = polls_of(learned(median_s), deadline_s=deadline_s)[-1]
    assert deadline_s - MARGIN_S - LEAST_S <= last_s <= deadline_s - MARGIN_S


def test_the_last_poll_leaves_their_usual_exchange_time():
    pacer = learned(4.0, phase=0.0)
    for _ in range(50):
        pacer.exchange_took(2.0)
    assert 60.0 - 2.5 < polls_of(pacer)[-1] < 60.0 - 2.0
    for _ in range(5000):
        pacer.exchange_took(0.01)
    assert polls_of(pacer)[-1] == pytest.approx(60.0 - 0.2)


def test_no_poll_fits_when_there_is_no_time_for_its_answer():
    assert learned(4.0).begin().next_wait_s(59.9, 0.1) is None


def test_applications_begun_together_do_not_go_in_step(world):
    here = world()
    here.ask_lognormal(200, 10.0)
    firsts_s = [here.pacer.begin().next_wait_s(0.0, 60.0) for _ in range(200)]
    assert len(set(firsts_s)) == 200
    assert statistics.pstdev(firsts_s) > 0.1


def test_last_polls_of_runs_begun_together_do_not_go_in_step():
    lasts_s = [polls_of(learned(4.0, phase=phase))[-1] for phase in (0.0, 0.3, 0.6, 0.9)]
    gaps_s = [before - after for before, after in pairwise(lasts_s)]
    assert gaps_s == pytest.approx([0.15, 0.15, 0.15])


def test_resumed_applications_are_polled_soon_but_not_in_one_moment():
    waits_s = [
        learned(4.0, phase=phase).begin().next_wait_s(30.0, 30.0) for phase in (0.0, 0.5, 0.9)
    ]
    assert waits_s == pytest.approx([0.0, 0.25, 0.45])


def test_a_poll_that_failed_is_no_news():
    pacer = learned(20.0)
    pace = pacer.begin()
    first_s = pace.next_wait_s(0.0, 60.0)
    assert pace.next_wait_s(first_s, 60.0 - first_s) >= LEAST_S
    pace.decided(25.0)
    assert pacer.times.count == 61


def test_never_polled_teaches_nothing():
    pacer = learned(20.0)
    before = pacer.times.snapshot()
    pacer.begin().given_up(5.0)
    assert pacer.times.snapshot() == before


def test_a_plan_is_made_anew_only_now_and_then(world, monkeypatch):
    made = []
    here = world()
    module = "osago_daemon.resilience.polling.pacing.make_plan"
    from osago_daemon.resilience.polling.plan import make_plan

    monkeypatch.setattr(module, lambda *a, **k: made.append(1) or make_plan(*a, **k))
    here.ask_lognormal(500, 4.0)
    first = len(made)
    here.ask_lognormal(640, 4.0)
    assert first < 50
    assert len(made) - first <= 11


def test_a_snapshot_brings_back_what_was_learned(world):
    here = world()
    here.ask_lognormal(300, 10.0)
    again = Pacer(PacingNumbers(), random_=lambda: 0.5)
    again.load(json.loads(json.dumps(here.pacer.snapshot())))
    here.pacer._random = lambda: 0.5
    assert again.margin_s == pytest.approx(here.pacer.margin_s, rel=0.05)
    assert polls_of(again)[:3] == pytest.approx(polls_of(here.pacer)[:3], abs=1.5)


def test_an_insurer_slower_than_any_run_still_gets_its_last_poll():
    pacer = learned(61.0, phase=0.0, spread=0.0, observations=HANDFUL)
    assert polls_of(pacer)[-1] == pytest.approx(59.0)


def test_a_poll_just_before_the_last_one_left_no_time_for_it():
    """Its answer took until the last one was due, and the last seconds went unwatched."""
    pacer = learned(4.0, phase=0.0)
    for _ in range(50):
        pacer.exchange_took(2.0)
    lasts_s = [
        polls_of(pacer, deadline_s=d / 4, exchange_s=2.0)[-1] - d / 4 for d in range(80, 240)
    ]
    assert max(lasts_s) - min(lasts_s) < 0.01


def test_a_few_slow_answers_made_every_last_poll_early():
    pacer = learned(4.0)
    for number in range(400):
        pacer.exchange_took(4.0 if number % 30 == 0 else 0.1)
    assert pacer.margin_s < 0.3


JUNK = [
    {"times": 1},
    {"exchanges": None},
    {"price": "1"},
    {"price": 0},
    {"price": -1.0},
    {"price": math.nan},
    {"faster": -1},
    {"faster": math.nan},
    {"faster": 10**400},
    {"faster": None},
    {"times": {"count": 10**400, "weights": {"50": 10.0}}},
    {"times": {"count": 9, "weights": {"50": 5e-324}}},
]


def test_a_price_of_400_digits_stopped_the_daemon(world):
    pacer = world().pacer
    pacer.load(pacer.snapshot() | {"price": 10**400})
    assert pacer.snapshot()["price"] == 10.0


def test_a_snapshot_taken_during_the_first_applications_did_not_load():
    pacer, again = Pacer(PacingNumbers()), Pacer(PacingNumbers())
    pace = pacer.begin()
    pace.next_wait_s(0.0, 60.0)
    pace.pending(1.0)
    pacer.exchange_took(0.1)
    again.load(json.loads(json.dumps(pacer.snapshot())))
    assert again.times.count == 0


@pytest.mark.parametrize("change", JUNK)
def test_junk_is_refused_and_changes_nothing(world, change):
    here = world()
    here.ask_lognormal(50, 10.0)
    before = here.pacer.snapshot()
    with pytest.raises(ValueError, match=r"snapshot|time"):
        here.pacer.load(before | change)
    assert here.pacer.snapshot() == before
    with pytest.raises(ValueError, match="snapshot"):
        here.pacer.load("junk")


@pytest.mark.parametrize(
    ("left_s", "retry_after_s", "wait_s"),
    [(10.0, 9.0, 9.0), (60.0, 59.0, 59.0), (1.0, None, 0.5), (10.0, 9.9, None)],
)
def test_the_only_poll_that_there_can_be_is_sent_although_its_answer_may_be_late(
    left_s, retry_after_s, wait_s
):
    pace = Pacer(PacingNumbers(first_s=5.0), random_=lambda: 0.5).begin()
    assert pace.next_wait_s(0.0, left_s, retry_after_s) == wait_s


def test_after_an_answer_no_poll_is_sent_whose_answer_would_be_late():
    pace = Pacer(PacingNumbers(), random_=lambda: 0.5).begin()
    pace.pending(1.0)
    assert pace.next_wait_s(1.0, 0.9) is None
