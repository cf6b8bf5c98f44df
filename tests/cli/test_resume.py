"""A run goes on across connections: nothing twice, nothing lost, an end to all waiting."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_cli import resume
from osago_cli.client import (
    ConnectionLost,
    NoAnswer,
    NoPermission,
    NotRunning,
    OtherProtocol,
    Refused,
)
from osago_cli.run_view import RunView
from tests.cli.conftest import NOON

PATH = Path("/run/osago.sock")
PARAMS = {"application": {}, "deadline_s": 60.0}
EVENTS = [
    {"quote_id": "q1", "seq": 1, "type": "insurer_state", "insurer": "a", "state": "asking"}
    | {"attempt": 1},
    {"quote_id": "q1", "seq": 2, "type": "offer", "insurer": "a", "premium": 5000.0},
    {"quote_id": "q1", "seq": 3, "type": "notice", "code": "resumed", "message": "resumed"},
    {"quote_id": "q1", "seq": 4, "type": "declined", "insurer": "b", "reason": "other"},
    {"quote_id": "q1", "seq": 5, "type": "done", "reason": "complete", "counts": {}},
]


class Clock:
    """Time that goes by only where somebody sleeps."""

    def __init__(self):
        self.at = 100.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += seconds

    def times(self, random=1.0):
        return resume.Times(lambda: self.at, self.sleep, lambda: random, lambda: NOON)


class World:
    """A daemon that lives and dies as told; each connection tells `budget` events at most."""

    def __init__(self, budgets=(), refusals=()):
        self.clock = Clock()
        self.budgets = iter(budgets)
        self.refusals = list(refusals)
        self.events = EVENTS
        self.asked = []
        self.dialled_at = []
        self.lost = []
        self.open = 0

    def dial(self):
        self.dialled_at.append(self.clock.at)
        budget = next(self.budgets, len(EVENTS))
        if isinstance(budget, Exception):
            raise budget
        self.open += 1
        return Connection(self, budget)

    def link(self, **options):
        return resume.Link(self.dial, self.lost.append, self.clock.times(**options))


class Connection:
    def __init__(self, world, budget):
        self.world = world
        self.left = budget
        self.pending = []

    def send(self, method, params=None):
        self.world.asked.append((method, params))
        return method, params

    def answer(self, asked):
        return self.request(*asked, note=False)

    def request(self, method, params=None, *, note=True):
        if note:
            self.world.asked.append((method, params))
        if self.left < 0:  # dies before it answers
            raise ConnectionLost(PATH)
        if self.world.refusals and (refused := self.world.refusals.pop(0)) is not None:
            raise refused
        after = params.get("after_seq", 0)
        events = self.world.events
        if after > len(events):
            raise refusal("invalid_params", problems=[{"path": "after_seq"}])
        self.pending = events[after:]
        return {
            "quote_id": "q1",
            "deadline_at": (NOON + timedelta(seconds=60)).isoformat(),
            "insurers": [{"id": "a", "name": "А"}, {"id": "b", "name": "Б"}],
            "state": "done",
            "seq": len(events),
        }

    def event(self, timeout_s):
        if self.left <= 0:
            raise ConnectionLost(PATH)
        self.left -= 1
        if not self.pending:
            self.world.clock.sleep(timeout_s)
            return None
        event, *self.pending = self.pending
        return event

    def close(self):
        self.world.open -= 1


def refusal(kind, **data):
    return Refused({"message": kind, "data": {"kind": kind, **data}})


def told(run, most=1000):
    """Everything up to `done`."""
    found = []
    for event in itertools.islice(iter(lambda: run.event(0.5), object()), most):
        if event is not None:
            found.append(event)
            if event["type"] == "done":
                return found
    raise AssertionError(f"no end: {found}")


deaths = st.integers(0, 3) | st.builds(NotRunning, st.just(PATH)) | st.just(-1)


@given(st.lists(deaths, max_size=30), st.floats(0, 1))
def test_however_often_the_daemon_dies_every_event_is_told_once_and_in_order(budgets, random):
    world = World([0, *budgets])
    with resume.start(world.link(random=random), PARAMS) as run:
        assert told(run) == EVENTS
        assert world.open == 1
    assert world.open == 0


def test_it_watches_after_the_last_event_seen_and_tells_of_the_loss_before_it_tries():
    world = World([2, 9])
    run = resume.start(world.link(), PARAMS)
    assert [run.event(0.5), run.event(0.5)] == EVENTS[:2]
    assert run.event(0.5) is None
    assert (run.client, world.lost, len(world.dialled_at)) == (None, [PATH], 1)
    assert told(run) == EVENTS[2:]
    assert world.asked == [
        ("quote.start", PARAMS),
        ("quote.watch", {"quote_id": "q1", "after_seq": 2}),
    ]
    assert world.clock.slept == []  # at once


def test_what_is_told_again_or_of_another_run_is_not_passed_on():
    world = World([9])
    other = EVENTS[3] | {"quote_id": "q2"}
    world.events = [EVENTS[0], EVENTS[1], EVENTS[0], EVENTS[1], other, *EVENTS[2:]]
    assert told(resume.start(world.link(), PARAMS)) == EVENTS


def test_it_tries_at_once_and_then_at_growing_intervals_up_to_a_second():
    gone = NotRunning(PATH)
    world = World([0, *[gone] * 6])
    assert told(resume.start(world.link(random=1.0), PARAMS)) == EVENTS
    at = world.dialled_at[1:]
    gaps = [round(b - a, 3) for a, b in itertools.pairwise(at)]
    assert at[0] == world.dialled_at[0]
    assert gaps == [0.2, 0.4, 0.8, 1.0, 1.0, 1.0]


@given(st.floats(0, 1))
def test_chance_spreads_clients_over_half_of_each_interval(random):
    world = World([0, NotRunning(PATH), NotRunning(PATH)])
    told(resume.start(world.link(random=random), PARAMS))
    _, first, second, third = world.dialled_at
    assert 0.1 <= round(second - first, 6) <= 0.2
    assert 0.2 <= round(third - second, 6) <= 0.4


def test_a_screen_hears_that_time_goes_by_while_nobody_is_there():
    world = World([0, *[NotRunning(PATH)] * 8])
    run = resume.start(world.link(), PARAMS)
    for _ in range(10):
        before = world.clock.at
        assert run.event(0.5) is None
        assert world.clock.at - before <= 0.5


def test_it_gives_up_15_seconds_after_the_deadline_and_never_before():
    world = World([0, *itertools.repeat(NotRunning(PATH), 500)])
    run = resume.start(world.link(), PARAMS)
    with pytest.raises(resume.GaveUp) as gave_up:
        told(run)
    assert gave_up.value.path == PATH
    assert world.clock.at == pytest.approx(100 + 60 + resume.GRACE_S)
    assert world.dialled_at[-1] == world.clock.at  # one last look


def test_a_daemon_that_comes_back_after_the_deadline_still_tells_the_end():
    world = World([0])
    run = resume.start(world.link(), PARAMS)
    assert run.event(0.5) is None
    world.clock.at += 60 + resume.GRACE_S - 0.1
    assert told(run) == EVENTS


def test_a_daemon_that_hangs_up_as_soon_as_it_is_there_is_not_called_without_a_pause():
    world = World(itertools.repeat(0))
    run = resume.start(world.link(), PARAMS)
    with pytest.raises(resume.GaveUp):
        told(run)
    assert len(world.dialled_at) < 100


def test_a_daemon_that_does_not_know_the_run_any_more_ends_the_waiting():
    world = World([1, NotRunning(PATH)], refusals=[None, refusal("unknown_quote")])
    run = resume.start(world.link(), PARAMS)
    with pytest.raises(resume.Forgotten):
        told(run)
    assert world.open == 0


@pytest.mark.parametrize(
    "error", [NotRunning(PATH), NoPermission(PATH), ConnectionLost(PATH), refusal("draining")]
)
def test_what_a_daemon_looks_like_while_it_starts_is_waited_for(error):
    assert told(resume.start(World([0, error]).link(), PARAMS)) == EVENTS


@pytest.mark.parametrize("error", [OtherProtocol(PATH), refusal("internal")])
def test_what_no_waiting_mends_is_told_at_once(error):
    world = World([0, error])
    run = resume.start(world.link(), PARAMS)
    with pytest.raises(type(error)):
        told(run)
    assert world.clock.slept == []


def test_a_start_that_was_never_answered_is_made_again():
    world = World([-1, NotRunning(PATH), -1, 9])
    assert told(resume.start(world.link(), PARAMS)) == EVENTS
    assert world.asked == [("quote.start", PARAMS)] * 3
    assert world.lost == [PATH]


def test_a_start_that_is_never_answered_ends_after_its_own_deadline():
    world = World([-1, *itertools.repeat(NotRunning(PATH), 500)])
    with pytest.raises(resume.GaveUp):
        resume.start(world.link(), PARAMS)
    assert world.clock.at == pytest.approx(100 + 60 + resume.GRACE_S)


def test_a_daemon_that_is_stuck_is_not_given_the_same_request_again(monkeypatch):
    world = World()

    def stuck(*_arguments, **_options):
        raise NoAnswer(PATH)

    monkeypatch.setattr(Connection, "request", stuck)
    with pytest.raises(NoAnswer):
        resume.start(world.link(), PARAMS)
    assert (len(world.asked), world.open, world.clock.slept) == (1, 0, [])


def test_where_nobody_was_there_to_begin_with_nobody_is_waited_for():
    world = World([NotRunning(PATH)])
    with pytest.raises(NotRunning):
        resume.start(world.link(), PARAMS)
    with pytest.raises(NotRunning):
        resume.watch(World([NotRunning(PATH)]).link(), "q1", 0)
    assert (world.lost, world.clock.slept) == ([], [])


def test_ctrl_c_before_the_answer_cancels_the_run_that_begins():
    world = World()

    class Interrupted(Connection):
        def answer(self, asked):
            if len(world.asked) == 1:
                world.asked.append("interrupted")
                raise KeyboardInterrupt
            return super().answer(asked)

    with pytest.raises(KeyboardInterrupt):
        resume.start(resume.Link(lambda: Interrupted(world, 9)), PARAMS)
    assert world.asked[-1] == ("quote.cancel", {"quote_id": "q1"})


def test_ctrl_c_while_nobody_is_there_is_not_waited_out(monkeypatch):
    world = World([0, NotRunning(PATH)])
    run = resume.start(world.link(), PARAMS)
    monkeypatch.setattr(world.clock, "sleep", lambda _s: (_ for _ in ()).throw(KeyboardInterrupt))
    world.clock.slept = []
    object.__setattr__(run._patience, "_times", world.clock.times())
    assert run.event(0.5) is None
    assert run.event(0.5) is None
    with pytest.raises(KeyboardInterrupt):
        run.event(0.5)
    assert run.client is None


@pytest.mark.parametrize(("after_seq", "expected"), [(0, EVENTS), (3, EVENTS[3:]), (5, EVENTS[4:])])
def test_watching_begins_after_the_event_that_is_named_and_always_tells_the_end(
    after_seq, expected
):
    world = World([1, 9])
    assert told(resume.watch(world.link(), "q1", after_seq)) == expected


def test_a_watch_that_was_never_answered_is_made_again():
    assert told(resume.watch(World([-1, 9]).link(), "q1", 3)) == EVENTS[3:]


@pytest.mark.parametrize("kinds", [("declined", "done"), ("offer", "declined", "done")])
def test_a_daemon_that_had_not_written_down_what_it_told_loses_nothing(kinds):
    """It counts on from before what it told; then everything is told again, and shown once."""
    world = World([3])
    run = resume.start(world.link(), PARAMS)
    view = RunView.of(run.started)
    for _ in range(3):
        assert view.apply(run.event(0.5))
    by_kind = {event["type"]: event for event in EVENTS}
    world.events = [by_kind[kind] | {"seq": seq} for seq, kind in enumerate(kinds, 1)]
    shown = [event["type"] for event in told(run) if view.apply(event)]
    assert shown == ["declined", "done"]
    assert [outcome["insurer"] for outcome in view.outcomes] == ["a", "b"]
