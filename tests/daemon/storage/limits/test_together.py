"""Several instances on one store, as the insurer sees them: never too much, and nothing lost.

Instances come, die, and all lose the store for a time and find it again one by one. Assumed is what
the promise says: while the store is away nobody comes or dies, and before that everybody had heard
how many they are.
"""

import asyncio
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from osago_daemon.resilience.limits.port import Ticket, Wait
from osago_daemon.storage.limits.shared import REJOIN_S, TRIP_S
from tests.daemon.storage.limits.machines import Instance, Machines

PERIODS_S = {"per_second": 1.0, "per_minute": 60.0, "per_day": 86400.0}
EIGHTHS = st.integers(0, 8).map(lambda n: n / 8)  # binary fractions: sums of them are exact
WHO = st.integers(0, 3)
FIRST = 3


@dataclass(eq=False)
class Request:
    ticket: Ticket
    taken_at: float
    late_s: float
    sent_at: float | None = None
    answered_at: float | None = None
    over: bool = False


class TogetherMachine(RuleBasedStateMachine):
    requests = Bundle("requests")

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.now = 100.0
        self.down = False
        self.back_at = {}
        self.made = []
        self.counted = []

    def teardown(self):
        self.loop.close()

    def do(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    @initialize(
        per_second=st.none() | st.integers(FIRST, 9),
        per_minute=st.none() | st.integers(FIRST, 20),
        per_day=st.none() | st.integers(FIRST, 40),
        arrival_s=st.sampled_from([0.0, 0.5, 1.0]),
    )
    def begin(self, per_second, per_minute, per_day, arrival_s):
        self.arrival_s = arrival_s
        self.numbers = {
            "per_second": per_second,
            "per_minute": per_minute,
            "per_day": per_day,
            "arrival_s": arrival_s,
        }
        self.machines = Machines(FIRST, clock=lambda: self.now, **self.numbers)
        self.names = FIRST
        self.do(self.machines.open())
        self.do(self.machines.refresh())  # the first one has not heard of the last one

    def one(self, who):
        return self.machines.all[who % len(self.machines.all)]

    def windows(self):
        return [(most, s) for name, s in PERIODS_S.items() if (most := self.numbers[name])]

    def pass_(self, seconds):
        """In steps of a second at most, each with the news that an instance asks for then."""
        until = self.now + seconds
        while True:
            for one in self.machines.all:
                if one.link.down and not self.down and self.back_at[one] <= self.now:
                    one.link.down = False
                self.do(one.refresh())
            if self.now >= until:
                return
            self.now = min(until, self.now + 1.0)

    @rule(seconds=EIGHTHS | st.sampled_from([2.5, 20.0, 61.0]))
    def wait(self, seconds):
        self.pass_(seconds)

    @rule()
    def wait_till_it_is_another_day(self):
        self.pass_(0.0)
        self.now += 86500.0
        self.pass_(2.0)

    @rule(target=requests, who=WHO, count=st.integers(1, 12), late_s=EIGHTHS)
    def take(self, who, count, late_s):
        return multiple(*self.taken_by(who, count, late_s))

    @rule(
        target=requests,
        whos=st.lists(WHO, min_size=1, max_size=4),
        late_s=EIGHTHS,
        answered=st.booleans(),
        wait_s=st.sampled_from([0.0, 2.0, 3.0, REJOIN_S + 11.0]),
    )
    def use_all_there_is(self, whos, late_s, answered, wait_s):
        """What a day's load comes to, and what shows at once who takes too much."""
        self.pass_(wait_s)
        requests = [one for who in whos for one in self.taken_by(who, 100, late_s)]
        self.send_them(requests)
        if answered:
            self.answer_them(requests)
        return multiple(*requests)

    def taken_by(self, who, count, late_s):
        one, taken = self.one(who), []
        for _ in range(count):
            got = self.do(one.limits.take(self.now))
            if isinstance(got, Wait):
                assert got.free_at > self.now, "would ask over and over"
                break
            taken.append(Request(got, self.now, min(late_s, self.arrival_s)))
        self.made += taken
        return taken

    @rule(requests=st.lists(requests, max_size=8, unique=True))
    def send(self, requests):
        self.send_them(requests)

    def send_them(self, requests):
        for request in requests:
            in_time = self.now <= request.taken_at + TRIP_S
            if in_time and not request.over and request.sent_at is None:
                request.sent_at = self.now
                request.ticket.sent(self.now)
                self.counted.append(request)

    @rule(requests=st.lists(requests, max_size=8, unique=True))
    def answer(self, requests):
        self.answer_them(requests)

    def answer_them(self, requests):
        for request in requests:
            if not request.over:
                request.over, request.answered_at = True, self.now
                request.ticket.answered(self.now)

    @rule(request=requests)
    def abandon(self, request):
        self.abandon_it(request)

    @staticmethod
    def abandon_it(request):
        if not request.over:
            request.over = True
            request.ticket.abandoned()

    @rule(request=requests)
    def reach_nobody(self, request):
        arrived = request.sent_at is not None and request.sent_at + request.late_s <= self.now
        if not request.over and not arrived:
            request.over = True
            request.ticket.unreached(self.now)
            if request in self.counted:
                self.counted.remove(request)

    def whole(self):
        """Whether the store is there for everybody and nobody is strict any more."""
        return not self.down and all(
            not one.link.down and one.limits._share_at(self.now) is None
            for one in self.machines.all
        )

    @precondition(lambda self: hasattr(self, "machines") and self.whole())
    @rule(who=WHO)
    def die_and_be_replaced(self, who):
        one = self.one(who)
        self.machines.hub.kill(one.link.store.name)
        self.machines.all.remove(one)
        for _ in range(2 if len(self.machines.all) < FIRST else 1):
            self.names += 1
            clock = self.machines.clock
            new = Instance(self.machines.hub, str(self.names), self.numbers, clock)
            self.do(new.link.store.open())
            self.machines.all.append(new)
        self.do(self.machines.refresh())

    @precondition(lambda self: hasattr(self, "machines") and self.whole())
    @rule(notice=st.lists(WHO))
    def lose_the_store(self, notice):
        # Where no shorter window bounds what came since the news, the news has to be new.
        self.do(self.machines.refresh())
        self.down = True
        self.machines.go_away()
        for who in notice:
            self.do(self.one(who).refresh())

    @precondition(lambda self: self.down)
    @rule(seconds=st.lists(st.integers(0, 10), min_size=5, max_size=5))
    def find_it_again(self, seconds):
        self.down = False
        later = dict(zip(self.machines.all, seconds, strict=False))
        self.back_at = {one: self.now + s for one, s in later.items()}

    @precondition(lambda self: hasattr(self, "machines") and self.whole())
    @rule(first=WHO)
    def all_places_are_of_use(self, first):
        """Whoever takes, and whatever was taken: once all is over, everything is there again."""
        if not self.windows():
            return
        for request in self.made:
            self.abandon_it(request)
        self.pass_(0.0)
        self.now += 2 * 86400.0 + REJOIN_S
        self.pass_(0.0)
        tickets = []
        for turn in range(first, first + 100):
            got = self.do(self.one(turn).limits.take(self.now))
            if not isinstance(got, Wait):
                tickets.append(got)
        assert len(tickets) == min(most for most, _ in self.windows())
        for ticket in tickets:
            ticket.abandoned()

    @invariant()
    def no_window_is_too_full(self):
        arrivals = sorted(at for r in self.counted if (at := self.arrived(r)) <= self.now)
        for most, period_s in self.windows() if arrivals else []:
            for first, last in zip(arrivals, arrivals[most:], strict=False):
                assert last - first >= period_s, f"{most + 1} arrived within {period_s} s"

    @staticmethod
    def arrived(request):
        at = request.sent_at + request.late_s
        return at if request.answered_at is None else min(at, request.answered_at)


TogetherMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=50, deadline=None)
TestTogether = TogetherMachine.TestCase
