"""What is learned is the truth, although polling late makes what is seen late."""

import statistics

import pytest

from osago_daemon.resilience.polling.sketch import HALF_LIFE, Sketch


def plain_polls(ready_s):
    """Of polling every 2 s."""
    return -(-ready_s // 2.0)


@pytest.mark.parametrize("median_s", [4.0, 22.0])
def test_half_the_polls_and_no_later_in_the_median(world, median_s):
    here = world()
    here.ask_lognormal(500, median_s, sigma=0.25)
    late, polls, plain = [], 0, 0.0
    for _ in range(1500):
        ready_s = here.lognormal(median_s, 0.25)
        sent = here.ask(ready_s)
        late.append(sent[-1] - ready_s)
        polls += len(sent)
        plain += plain_polls(ready_s)
    assert polls < 0.54 * plain
    assert statistics.median(late) <= 1.0
    assert statistics.quantiles(late, n=10)[-1] < 4.0


@pytest.mark.parametrize("start_s", [1.0, 40.0])
def test_finds_the_truth_from_a_bad_start(world, start_s):
    here = world()
    for _ in range(HALF_LIFE):
        here.pacer.times.add(start_s)
    here.ask_lognormal(5 * HALF_LIFE, 10.0)
    times = here.pacer.times
    assert times.quantile(0.25) == pytest.approx(7.6, rel=0.12)
    assert times.quantile(0.5) == pytest.approx(10.0, rel=0.12)
    assert times.quantile(0.75) == pytest.approx(13.1, rel=0.12)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_follows_an_insurer_that_changes_its_speed(world, factor):
    here = world()
    here.ask_lognormal(500, 10.0)
    here.ask_lognormal(5 * HALF_LIFE, 10.0 * factor)
    assert here.pacer.times.quantile(0.5) == pytest.approx(10.0 * factor, rel=0.12)
    late = here.ask_lognormal(500, 10.0 * factor)
    assert statistics.median(late) < 1.3


def test_a_first_poll_that_always_finds_it_ready_moves_earlier(world):
    here = world()
    for _ in range(100):
        here.ask(12.0)
    before = here.ask(12.0)[0]
    for _ in range(100):
        here.ask(3.0)
    assert here.ask(3.0)[0] < before - 3.0


def late_after(here, answers, median_s, sigma=0.25):
    """Median lateness of twenty after so many answers of a new speed; without spread for 0."""
    late = here.ask_lognormal(answers + 20, median_s, sigma)
    return statistics.median(late[answers:])


@pytest.mark.parametrize(
    ("before_s", "after_s", "answers"),
    [
        (40.0, 4.0, 8),
        (22.0, 2.0, 8),
        (22.0, 0.05, 8),
        (4.0, 0.4, 20),
        (22.0, 11.0, 20),
        (4.0, 2.0, 30),
    ],
)
def test_a_faster_insurer_was_asked_at_its_old_times_for_hundreds_of_answers(
    world, before_s, after_s, answers
):
    late_s = []
    for seed in range(1, 8):
        here = world(seed)
        here.ask_lognormal(500, before_s, sigma=0.25)
        late_s.append(late_after(here, answers, after_s))
    assert statistics.median(late_s) < 1.5


def test_faster_after_a_restart_is_noticed_as_soon(world):
    here, late_s = world(), []
    here.ask_lognormal(500, 22.0, sigma=0.25)
    for _ in range(8):
        again = world()
        again.pacer.load(here.pacer.snapshot())
        late_s += again.ask_lognormal(1, 2.0, sigma=0.25)
        here = again
    assert late_s[0] > 10.0
    assert late_s[-1] < 2.0


def test_an_unchanged_insurer_is_hardly_ever_taken_for_a_faster_one(world, monkeypatch):
    taken, hasten = [], Sketch.hasten
    monkeypatch.setattr(Sketch, "hasten", lambda sketch: taken.append(1) or hasten(sketch))
    for median_s in (4.0, 10.0, 22.0):
        world().ask_lognormal(2000, median_s)
    assert len(taken) <= 3


def test_many_at_once_are_not_taken_for_faster_ones_by_chance(world, monkeypatch):
    taken, hasten = [], Sketch.hasten
    monkeypatch.setattr(Sketch, "hasten", lambda sketch: taken.append(1) or hasten(sketch))
    for seed in range(5):
        here = world(seed)
        here.ask_lognormal(200, 10.0)
        paces = [here.pacer.begin() for _ in range(2000)]
        firsts = sorted(((pace.next_wait_s(0.0, 60.0), i) for i, pace in enumerate(paces)))
        for at_s, i in firsts:
            (paces[i].decided if here.lognormal(10.0) <= at_s else paces[i].pending)(at_s)
    assert len(taken) <= 1


def test_many_at_once_learn_the_same_as_one_after_the_other(world):
    here = world()
    here.ask_lognormal(100, 10.0)
    pending = []
    for _ in range(1000):
        pace = here.pacer.begin()
        pending.append([pace.next_wait_s(0.0, 60.0), here.lognormal(10.0), pace])
    late = []
    while pending:
        pending.sort(key=lambda one: one[0])
        now_s, ready_s, pace = pending[0]
        if ready_s <= now_s:
            pace.decided(now_s)
            late.append(now_s - ready_s)
            del pending[0]
        else:
            pace.pending(now_s)
            pending[0][0] = now_s + pace.next_wait_s(now_s, 120.0 - now_s)
    assert statistics.median(late) < 1.5
    assert here.pacer.times.quantile(0.5) == pytest.approx(10.0, rel=0.12)
    assert here.pacer.times.quantile(0.9) == pytest.approx(16.7, rel=0.15)
