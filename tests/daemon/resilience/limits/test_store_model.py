"""Every store, against counting by hand: no window ever too full, and none kept emptier than it is.

Another backend runs through the same machine: subclass `StoreMachine`, override `open_store` and,
where it really waits, `wait_for`, and name the subclass's `TestCase`.
"""

import math
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from osago_daemon.resilience.limits.memory import MemoryStore
from osago_daemon.resilience.limits.port import UNKNOWN, Ticket, Wait
from osago_daemon.resilience.numbers import LimitNumbers

PERIODS_S = {"per_second": 1.0, "per_minute": 60.0, "per_day": 86400.0}
EIGHTHS = st.integers(0, 24).map(lambda n: n / 8)  # binary fractions: sums of them are exact


@dataclass(eq=False)
class Request:
    """What the rules of the windows say of one request, told in the plainest way."""

    ticket: Ticket
    granted_at: float
    sent_at: float | None = None
    answered_at: float | None = None
    unreached_at: float | None = None
    arrives_after_s: float = 0.0

    def end(self, arrival_s, shortest_s):
        """The last moment at which it can have arrived, as far as is known."""
        if self.sent_at is None:
            return math.inf
        silent = self.sent_at + arrival_s
        if self.unreached_at is not None:
            return min(self.unreached_at, silent)
        # An answer is heard as long as nobody else was let through for it.
        heard = self.answered_at is not None and self.answered_at < silent + shortest_s
        return self.answered_at if heard else silent


class StoreMachine(RuleBasedStateMachine):
    """Takes, sends, answers, gives back and waits in any order."""

    requests = Bundle("requests")
    leases = Bundle("leases")

    def open_store(self, numbers):
        return MemoryStore(numbers)

    def wait_for(self, coroutine):
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value
        raise AssertionError("this store is to answer without waiting")

    @initialize(
        per_second=st.none() | st.integers(1, 4),
        per_minute=st.none() | st.integers(1, 12),
        per_day=st.none() | st.integers(1, 30),
        at_once=st.integers(1, 3),
        arrival_s=st.sampled_from([0.0, 0.5, 2.0]),
    )
    def begin(self, per_second, per_minute, per_day, at_once, arrival_s):
        self.numbers = LimitNumbers(
            per_second=per_second,
            per_minute=per_minute,
            per_day=per_day,
            at_once=at_once,
            arrival_s=arrival_s,
        )
        self.store = self.open_store(self.numbers)
        self.freed = []
        self.store.listen(
            ticket=lambda: self.freed.append("ticket"), lease=lambda: self.freed.append("lease")
        )
        self.now = 100.0
        self.paused_until = 0.0
        self.counted = []
        self.inside = 0

    def windows(self):
        return [
            (most, period_s)
            for name, period_s in PERIODS_S.items()
            if (most := getattr(self.numbers, name)) is not None
        ]

    def end(self, request):
        shortest_s = min((period_s for _, period_s in self.windows()), default=0.0)
        return request.end(self.numbers.arrival_s, shortest_s)

    def held(self, period_s, at):
        ends = [self.end(request) for request in self.counted]
        return sum(end + period_s > at for end in ends)

    def free_at(self):
        """When there is room, if whatever is under way were answered now."""
        ends = [min(max(self.end(r), 0), self.now) for r in self.counted]
        moments = {self.now, max(self.now, self.paused_until)}
        moments |= {end + period_s for end in ends for _, period_s in self.windows()}
        for at in sorted(moments):
            if at < max(self.now, self.paused_until):
                continue
            if all(
                sum(end + period_s > at for end in ends) < most for most, period_s in self.windows()
            ):
                return at
        raise AssertionError("there is room once everything is over")

    @rule(seconds=EIGHTHS | st.sampled_from([20.0, 59.875, 3600.0, 86000.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule(target=requests, arrives_after_s=EIGHTHS)
    def take(self, arrives_after_s):
        got = self.wait_for(self.store.take(self.now))
        full = any(self.held(period_s, self.now) >= most for most, period_s in self.windows())
        if full or self.now < self.paused_until:
            assert isinstance(got, Wait), "more than the limit"
            assert got.free_at == self.free_at()
            return Request(None, self.now)
        assert not isinstance(got, Wait), "there was room"
        request = Request(got, self.now, arrives_after_s=arrives_after_s)
        self.counted.append(request)
        return request

    @rule(request=requests)
    def send(self, request):
        if request.ticket and request.sent_at is None:
            request.ticket.sent(self.now)
            request.sent_at = self.now

    @rule(request=requests)
    def send_not_after_all(self, request):
        if request.ticket and request.sent_at is None:
            request.ticket.sent(self.now)
            request.ticket.unsent()
            request.ticket.answered(self.now)
            self.given_back(request)

    @rule(request=requests)
    def reach_nobody(self, request):
        if request.ticket is None or request.answered_at or request.unreached_at:
            return
        request.ticket.unreached(self.now)
        if request.sent_at is None or self.now < request.sent_at + self.numbers.arrival_s:
            self.given_back(request)
        else:
            request.unreached_at = self.now

    @rule(request=requests)
    def answer(self, request):
        if request.ticket is None or request.unreached_at:
            return
        request.ticket.answered(self.now)
        if request.sent_at is None:
            self.given_back(request)
        elif request.answered_at is None:
            request.answered_at = self.now

    @rule(request=requests)
    def abandon(self, request):
        if request.ticket is None:
            return
        request.ticket.abandoned()
        if request.sent_at is None:
            self.given_back(request)

    def given_back(self, request):
        self.counted.remove(request)
        request.ticket = None
        if self.windows():
            assert "ticket" in self.freed, "nobody heard that a place was given back"
            self.freed.clear()

    @rule(seconds=EIGHTHS)
    def pause(self, seconds):
        self.paused_until = max(self.paused_until, self.now + seconds)
        self.store.pause(self.now + seconds)

    @rule()
    def resume(self):
        self.paused_until = 0.0
        self.store.resume()

    @rule(target=leases)
    def enter(self):
        got = self.wait_for(self.store.enter(self.now))
        if self.inside >= self.numbers.at_once:
            assert got == Wait(UNKNOWN, "at_once")
            return []
        self.inside += 1
        return [got]

    @rule(lease=leases)
    def leave(self, lease):
        if lease:
            lease.pop().leave()
            self.inside -= 1
            assert self.freed.pop() == "lease"

    @invariant()
    def levels_are_counted_right(self):
        if not hasattr(self, "store"):
            return
        levels = {level.limit: level for level in self.store.levels(self.now)}
        for name, period_s in PERIODS_S.items():
            most = getattr(self.numbers, name)
            if most is None:
                assert name not in levels
            else:
                assert levels[name].left == most - self.held(period_s, self.now)
                assert self.store.has_room(self.now) <= (levels[name].left > 0)
                assert (levels[name].free_at > self.now) == (levels[name].left == 0)
        assert levels["at_once"].left == self.numbers.at_once - self.inside

    @invariant()
    def no_window_of_arrivals_is_too_full(self):
        if not hasattr(self, "store"):
            return
        # An arrival is somewhere between the sending and the end, wherever the network puts it.
        arrivals = sorted(
            min(r.sent_at + r.arrives_after_s, self.end(r), self.now)
            for r in self.counted
            if r.sent_at is not None and r.unreached_at is None
        )
        for most, period_s in self.windows():
            for first, last in zip(arrivals, arrivals[most:], strict=False):
                assert last - first >= period_s, f"{most + 1} arrived within {period_s} s"


StoreMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestMemoryStore = StoreMachine.TestCase
