"""The breaker beside a naive model of it, through every sequence that hypothesis can think of.

The model keeps the whole history and looks through all of it for every answer.
"""

from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from osago_daemon.resilience.breaker import Breaker, Reason, State
from osago_daemon.resilience.numbers import BreakerNumbers
from osago_daemon.resilience.trouble import Trouble

SLOW_S = 4
OUTCOMES = ["good", "refused", "failed", "answered", "nothing", "cut"]
numbers = st.builds(
    BreakerNumbers,
    window=st.integers(1, 6),
    window_s=st.sampled_from([0.0, 2.0, 8.0]),
    failure_rate=st.sampled_from([0.25, 0.5, 1.0]),
    slow_rate=st.sampled_from([0.25, 0.75, 1.0]),
    open_s=st.just(8.0),
    max_open_s=st.sampled_from([8.0, 64.0]),
    jitter=st.just(0.0),
    probes=st.integers(1, 3),
)


class Model:
    """What the documentation says, word by word. Times are whole seconds, so nothing is rounded."""

    def __init__(self, numbers_):
        self.numbers = numbers_
        self.now = 0
        self.state, self.since, self.until = "closed", None, None
        self.history = {False: [], True: []}  # by whether it goes on with something begun
        self.openings = 0
        self.era = 0
        self.probes, self.successes = set(), 0
        self.found_well = False

    def become(self, state, since, until=None):
        if state != self.state:
            self.since = since
        self.state, self.until = state, until
        self.era += 1
        self.probes, self.successes = set(), 0
        self.found_well = False
        if state == "closed":
            self.history, self.openings = {False: [], True: []}, 0

    def pass_time(self, seconds):
        self.now += seconds
        if self.until is not None and self.now >= self.until:
            self.become("half_open", self.until)

    def lets_through(self):
        free = len(self.probes) < self.numbers.probes
        return self.state == "closed" or (self.state == "half_open" and free)

    def judged(self, *, continuing):
        """The marks of one kind."""
        history = self.history[continuing]
        recent = [e for e in history if e[0] > self.now - self.numbers.window_s]
        judged = history[-max(len(recent), self.numbers.window) :][-100:]
        return [mark for _, mark in judged]

    def open(self):
        self.openings += 1
        open_s = min(self.numbers.max_open_s, self.numbers.open_s * 2 ** (self.openings - 1))
        self.become("open", self.now, self.now + open_s)

    def outcome(self, how, took_s, continuing):
        if how == "cut" and took_s < SLOW_S / 2:
            how = "nothing"
        if self.state == "half_open":
            self.probed(how)
            return
        slow = how == "cut" or (how != "failed" and took_s >= SLOW_S)
        if how != "nothing" or slow:
            self.history[continuing].append((self.now, "slow" if slow else how))
        if how == "failed" or slow:
            marks = self.judged(continuing=continuing)
            whole = max(self.numbers.window, len(marks))
            failed = Fraction(marks.count("failed"), whole)
            bad = failed + Fraction(marks.count("slow"), whole)
            if failed >= self.numbers.failure_rate or bad >= self.numbers.slow_rate:
                self.open()

    def probed(self, how):
        if how in {"failed", "cut"}:
            self.open()
        elif how in {"good", "refused"}:
            self.successes += 1
            if self.successes == self.numbers.probes:
                self.become("closed", self.now)
                self.found_well = True

    def open_elsewhere(self, for_s, *, still):
        if self.state == "isolated" or (still and self.found_well):
            return
        end = self.now + min(for_s, self.numbers.max_open_s)
        if end > (self.until or self.now):
            self.openings += self.state != "open"
            self.become("open", self.now, end)

    def isolated_elsewhere(self, for_s):
        end = None if for_s is None else self.now + for_s
        if for_s == 0:
            if self.state == "isolated":
                self.become("half_open", self.now)
        elif self.state != "isolated" or not self.ends_about(end):
            self.become("isolated", self.now, end)

    def ends_about(self, end):
        if end is None or self.until is None:
            return end == self.until
        return abs(end - self.until) <= 1


class Attempt:
    """A permit, and what the model knows of it."""

    def __init__(self, permit, era, continuing):
        self.permit = permit
        self.era = era
        self.continuing = continuing
        self.began = None
        self.stale = False


class BreakerBesideModel(RuleBasedStateMachine):
    @initialize(numbers_=numbers)
    def build(self, numbers_):
        self.model = Model(numbers_)
        self.breaker = self.breaker_of(self.model)
        self.heard = [State.CLOSED]
        self.breaker.listeners.append(self.hear)
        self.attempts = []

    def breaker_of(self, model):
        return Breaker(
            "a",
            model.numbers,
            slow_s=SLOW_S,
            clock=lambda: float(model.now),
            random_=lambda: 0.5,
        )

    def hear(self, change):
        assert change.old == self.heard[-1]
        self.heard.append(change.new)

    def revoke(self):
        if self.model.state != "closed":
            for attempt in self.attempts:
                attempt.stale |= attempt.began is None and attempt.era != self.model.era

    @rule(seconds=st.integers(1, 10))
    def time_passes(self, seconds):
        self.model.pass_time(seconds)

    @rule(begin=st.booleans(), continuing=st.booleans())
    def enter(self, begin, continuing):
        permit = self.breaker.enter(continuing=continuing)
        assert isinstance(permit, Trouble) is not self.model.lets_through()
        if isinstance(permit, Trouble):
            return
        attempt = Attempt(permit, self.model.era, continuing)
        if self.model.state == "half_open":
            self.model.probes.add(attempt)
        self.attempts.append(attempt)
        if begin:
            self.begin(attempt)

    def begin(self, attempt):
        attempt.permit.began()
        attempt.began = self.model.now
        attempt.era = self.model.era

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def a_waiting_one_begins(self, data):
        attempt = data.draw(st.sampled_from(self.attempts))
        if attempt.began is not None:
            return
        try:
            self.begin(attempt)
        except Trouble:
            assert attempt.stale
        else:
            assert not attempt.stale

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), how=st.sampled_from([*OUTCOMES, "dropped"]))
    def an_attempt_ends(self, data, how):
        attempt = data.draw(st.sampled_from(self.attempts))
        self.attempts.remove(attempt)
        if how == "dropped":
            with attempt.permit:
                pass
        else:
            getattr(attempt.permit, how)()
        if attempt.era == self.model.era:
            self.model.probes.discard(attempt)
            took_s = 0 if attempt.began is None else self.model.now - attempt.began
            if how == "dropped":
                how, took_s = "nothing", 0
            self.model.outcome(how, took_s, attempt.continuing)
            self.revoke()

    @rule(
        how=st.sampled_from(["failed", *OUTCOMES]),
        took_s=st.sampled_from([0, 0, SLOW_S // 2, SLOW_S]),
        times=st.integers(1, 6),
        continuing=st.booleans(),
    )
    def a_streak(self, how, took_s, times, continuing):
        for _ in range(times):
            permit = self.breaker.enter(continuing=continuing)
            if isinstance(permit, Trouble):
                return
            permit.began()
            era = self.model.era
            self.model.pass_time(took_s)
            getattr(permit, how)()
            assert self.model.era == era  # nobody is let through where time alone changes it
            self.model.outcome(how, took_s, continuing)
            self.revoke()

    @rule(for_s=st.none() | st.integers(1, 20))
    def isolate(self, for_s):
        self.breaker.isolate(for_s)
        self.model.become("isolated", self.model.now, for_s and self.model.now + for_s)
        self.revoke()

    @rule()
    def restore(self):
        self.breaker.restore()
        self.model.become("closed", self.model.now)

    @rule(for_s=st.integers(0, 80), reason=st.sampled_from(["failures", "probe_failed"]))
    def open_elsewhere(self, for_s, reason):
        self.breaker.heed(State.OPEN, Reason(reason), float(for_s))
        self.model.open_elsewhere(for_s, still=reason == "probe_failed")
        self.revoke()

    @rule(for_s=st.none() | st.integers(0, 20))
    def isolated_elsewhere(self, for_s):
        self.breaker.heed(State.ISOLATED, Reason.BY_HAND, for_s if for_s is None else float(for_s))
        self.model.isolated_elsewhere(for_s)
        self.revoke()

    @rule()
    def restored_elsewhere(self):
        self.breaker.heed(State.CLOSED, Reason.BY_HAND, 0.0)
        self.model.become("closed", self.model.now)

    @rule()
    def well_elsewhere(self):
        self.breaker.heed(State.CLOSED, Reason.PROBES_GOOD, 0.0)
        if self.model.state == "open":
            self.model.become("half_open", self.model.now)
        self.revoke()

    @precondition(lambda self: not self.attempts)
    @rule(away_s=st.integers(0, 5))
    def restart(self, away_s):
        data = self.breaker.snapshot(1e9)
        self.model.pass_time(away_s)
        self.breaker = self.breaker_of(self.model)
        self.breaker.load(data, 1e9 + away_s)
        self.heard = [State(data["state"])]
        self.breaker.listeners.append(self.hear)
        self.model.successes = 0  # a restart begins the trial anew

    @invariant()
    def they_agree(self):
        model, breaker = self.model, self.breaker
        assert (breaker.state, breaker.since) == (model.state, model.since)
        assert (breaker.blocked() is None) is model.lets_through()
        assert self.heard[-1] is breaker.state
        if model.state in {"open", "isolated"}:
            left_s = None if model.until is None else model.until - model.now
            assert breaker.free_in_s() == breaker.blocked().retry_after_s == left_s
        if model.state == "closed":
            marks = model.judged(continuing=False) + model.judged(continuing=True)
            assert (breaker.judged, breaker.failures, breaker.slow) == (
                len(marks),
                marks.count("failed"),
                marks.count("slow"),
            )


TestBreakerBesideModel = BreakerBesideModel.TestCase
TestBreakerBesideModel.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
