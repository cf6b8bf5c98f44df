"""What a restart must not forget."""

import json

import pytest

from osago_daemon.resilience.limits.limiter import Limiter
from osago_daemon.resilience.limits.memory import MemoryStore
from osago_daemon.resilience.limits.port import Wait
from osago_daemon.resilience.numbers import LimitNumbers

NUMBERS = LimitNumbers(per_second=5, per_day=5, arrival_s=2.0)


class Process:
    """A limiter whose clock begins at `now`, in a world whose wall clock shows `wall_s`."""

    def __init__(self, now, numbers=NUMBERS):
        self.now = now
        self.store = MemoryStore(numbers)
        self.limiter = Limiter(numbers, store=self.store, clock=lambda: self.now)

    def take(self):
        coroutine = self.store.take(self.now)
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value
        raise AssertionError

    def left(self):
        return {state.name: state.left for state in self.limiter.status(self.now)}


def restarted(old, *, wall_s, later_s=10.0, now=7.0):
    data = json.loads(json.dumps(old.limiter.snapshot(wall_s)))
    new = Process(now)
    new.limiter.load(data, wall_s + later_s)
    return new


def lived():
    """One answered at 100.25; at 101 one just sent, one not yet; paused until 131."""
    process = Process(100.0)
    first, second = process.take(), process.take()
    process.take()
    first.sent(100.0)
    first.answered(100.25)
    process.now = 101.0
    second.sent(101.0)
    process.limiter.pause(30.0)
    return process


def test_windows_and_pause_go_on_in_wall_clock_time():
    new = restarted(lived(), wall_s=1_700_000_000.0)
    assert new.left()["per_day"] == 2
    assert new.limiter.status(new.now)[0].paused_for_s == 20.0
    # The day of the first ends 86,400 s after its answer, 10.75 s of which are over.
    new.now = 7.0 + 86400.0 - 10.75 - 0.25
    assert new.left()["per_day"] == 2
    new.now += 0.25
    assert new.left()["per_day"] == 3
    # The others are taken to have arrived two seconds after the snapshot.
    new.now = 7.0 + 86400.0 - 8.0 - 0.25
    assert new.left()["per_day"] == 3
    new.now += 0.25
    assert new.left()["per_day"] == 5


def test_what_is_still_under_way_counts_as_under_way_after_a_quick_restart():
    new = restarted(lived(), wall_s=1_700_000_000.0, later_s=0.5)
    assert new.left() == {"per_second": 3, "per_day": 2, "at_once": 500}
    new.now += 1.5 + 1.0 - 0.25
    assert new.left()["per_second"] == 3
    new.now += 0.25
    assert new.left()["per_second"] == 5


def test_a_snapshot_is_taken_in_beside_what_counts_already():
    old, new = lived(), Process(7.0)
    new.take().sent(7.0)
    new.limiter.load(old.limiter.snapshot(1_700_000_000.0), 1_700_000_010.0)
    assert new.left()["per_day"] == 1


def test_fewer_allowed_after_the_restart_than_were_asked_before():
    data = lived().limiter.snapshot(1_700_000_000.0)
    new = Process(7.0, LimitNumbers(per_day=1))
    new.limiter.load(data, 1_700_000_050.0)
    wait = new.take()
    assert isinstance(wait, Wait)
    assert wait.limit == "per_day"
    assert wait.free_at == pytest.approx(7.0 + 86400.0 - 48.0)  # the last of them, not the first
    assert new.left()["per_day"] <= 0


def test_a_wall_clock_put_back_holds_nothing_for_longer_than_its_window():
    new = restarted(lived(), wall_s=1_700_000_000.0, later_s=-1_000_000.0)
    new.now += 86400.0 + 2.0
    assert new.left()["per_day"] == 5
    assert new.limiter.status(new.now)[0].paused_for_s == 0.0


def test_nothing_used_is_nothing_remembered():
    assert Process(0.0).limiter.snapshot(0.0) == {"paused_until_ms": None, "ends_ms": []}


GOOD = {"paused_until_ms": None, "ends_ms": [1_700_000_000_000, 5]}


@pytest.mark.parametrize(
    "junk",
    [
        None,
        [],
        {},
        "x",
        {"ends_ms": []},
        GOOD | {"more": 1},
        GOOD | {"paused_until_ms": "soon"},
        GOOD | {"paused_until_ms": True},
        GOOD | {"paused_until_ms": 1.5},
        GOOD | {"paused_until_ms": -1},
        GOOD | {"ends_ms": {}},
        GOOD | {"ends_ms": [1.5]},
        GOOD | {"ends_ms": [5, -1]},
        GOOD | {"ends_ms": [True]},
        GOOD | {"ends_ms": [10**400]},
        GOOD | {"ends_ms": [float("nan")]},
        GOOD | {"ends_ms": [None]},
        GOOD | {"paused_until_ms": 1_800_000_000_000, "ends_ms": ["1"]},
    ],
)
def test_junk_is_refused_whole(junk):
    process = lived()
    before = process.limiter.snapshot(1_700_000_000.0)
    with pytest.raises(ValueError, match="snapshot"):
        process.limiter.load(junk, 1_700_000_000.0)
    assert process.limiter.snapshot(1_700_000_000.0) == before
