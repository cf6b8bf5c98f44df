"""One `Pacer` per insurer says when each of its applications is to be polled.

Owns what was learned of the insurer's times and the plan made from it. Knows no clock: times are
seconds since the application was accepted, and the caller's. Knows nothing of requests either.
"""

import random
from collections.abc import Callable
from typing import Any

from osago_daemon.resilience.numbers import PacingNumbers
from osago_daemon.resilience.polling.faster import Suspicion
from osago_daemon.resilience.polling.plan import START_PRICE, Plan, make_plan, read_price
from osago_daemon.resilience.polling.sketch import HANDFUL, Sketch

REPLAN_SHARE = 8
"""A plan is made anew when an eighth more is known, and ..."""
REPLAN_MOST = 64
"""... at least after so many observations: a fifth of what the sketch remembers."""
MEASURE_MOST = 512
"""The margin is reckoned anew whenever twice as much is known, and after so many exchanges."""
HALF = 0.5
"""Of the applications are polled sooner while they are likely to have become faster."""
MARGIN_S = 1.0
"""For the last poll's answer to come back, while their exchange times are not known."""
MARGIN_BOUNDS_S = (0.2, 5.0)
MARGIN_SHARE = 0.75
"""The last poll leaves time for so many of their exchanges: for more of them it would have to go
out so early that more offers are lost than late answers would lose."""
MARGIN_TIMES, MARGIN_PLUS_S = 1.1, 0.1
"""And something more: a sketch is only as exact as its buckets."""


class Pacer:
    """Learns when one insurer's answers get ready, and places polls there."""

    def __init__(
        self, numbers: PacingNumbers, *, random_: Callable[[], float] = random.random
    ) -> None:
        """`random_` gives each application its phase, a number in [0, 1)."""
        self.numbers = numbers
        self.times = Sketch()
        self.margin_s = MARGIN_S
        self._exchanges = Sketch()
        self._faster = Suspicion()
        self._under_way = 0
        self._known_from = 0
        """The count at which what is known now began to be learned."""
        self._proven_at = 0
        self._random = random_
        self._price = START_PRICE
        self._plan: Plan | None = None
        self._replan_at = HANDFUL
        self._measure_at = HANDFUL

    def follow(self, numbers: PacingNumbers) -> None:
        """Go by these numbers from now on, with all that was learned."""
        self.numbers = numbers
        self._plan, self._replan_at = None, HANDFUL

    def begin(self) -> "Pace":
        """The pace of one application, from the moment it was accepted."""
        self._under_way += 1
        return Pace(self, self.times.count, self._random())

    def exchange_took(self, seconds: float) -> None:
        """A poll was answered so long after it was sent; without waits of ours before that."""
        self._exchanges.add(seconds)
        if self._exchanges.count >= self._measure_at:
            self._measure()

    def plan(self) -> Plan | None:
        """Where to poll; None while nothing is known. Made anew only now and then."""
        if self.times.count >= self._replan_at and self.numbers.learn:
            self._plan = make_plan(self.times, least_s=self.numbers.least_s, price=self._price)
            self._price = self._plan.better_price()
            self._replan_at = self.times.count + _step(self.times.count - self._known_from)
        return self._plan

    def first_poll(self, order: int, at_s: float, *, ready: bool) -> None:
        """The first poll of an application, at `at_s`, found it ready or not; told before `times`.

        Where that proves that they have become faster, what was known hardly counts any more.
        """
        if self._plan is None or order < self._proven_at:
            return  # begun before the last proof: it would be proof of the same once more
        known, times = self._plan.known, self.times
        if self._faster.first_poll(known, at_s, ready=ready, under_way=self._under_way):
            times.hasten()
            self._replan_at = self._proven_at = times.count
            self._known_from = times.count - int(times.weight)

    def first_at_s(self, plan: Plan, phase: float) -> float:
        """When to poll for the first time: as planned, or half of them sooner to make sure."""
        if not self._faster.likely:
            return plan.first_at_s(phase)
        return plan.first_at_s(phase * 2) / 2 if phase < HALF else plan.first_at_s(phase * 2 - 1)

    def ended(self) -> None:
        """One that was begun is over."""
        self._under_way -= 1

    def snapshot(self) -> dict[str, Any]:
        """What was learned, as JSON values, for `load`."""
        return {
            "times": self.times.snapshot(),
            "exchanges": self._exchanges.snapshot(),
            "price": self._price,
            "faster": self._faster.evidence,
        }

    def load(self, data: Any) -> None:
        """Take over a snapshot; anything else is a ValueError and changes nothing."""
        match data:
            case {"times": times_data, "exchanges": exchanges_data, "price": price_data}:
                times, exchanges = Sketch(), Sketch()
                times.load(times_data)
                exchanges.load(exchanges_data)
                price = read_price(price_data)
                faster = Suspicion.read(data.get("faster", 0.0))
            case _:
                raise ValueError("not a snapshot of a pacer")
        self.times, self._exchanges, self._price, self._faster = times, exchanges, price, faster
        self._known_from, self._proven_at = times.count - int(times.weight), 0
        self._plan, self._replan_at, self._measure_at = None, HANDFUL, HANDFUL
        self.margin_s = MARGIN_S
        if exchanges.count >= HANDFUL:
            self._measure()

    def _measure(self) -> None:
        least_s, most_s = MARGIN_BOUNDS_S
        usual_s = self._exchanges.quantile(MARGIN_SHARE) or 0.0
        self.margin_s = min(most_s, max(least_s, usual_s * MARGIN_TIMES + MARGIN_PLUS_S))
        known = self._exchanges.count
        self._measure_at = known + min(known, MEASURE_MOST)


def _step(known: int) -> int:
    return min(REPLAN_MOST, 1 + known // REPLAN_SHARE)


class Pace:
    """When to poll one application. Elapsed times count from when it was accepted."""

    __slots__ = ("_base_s", "_order", "_pacer", "_pending_s", "_phase")

    def __init__(self, pacer: Pacer, order: int, phase: float) -> None:
        self._pacer = pacer
        self._order = order
        self._phase = phase
        self._pending_s: float | None = None
        """When the latest poll was sent that found it not ready."""
        self._base_s: float | None = None
        """What the next wait is reckoned from; None before the first poll."""

    def next_wait_s(
        self, elapsed_s: float, left_s: float, retry_after_s: float | None = None
    ) -> float | None:
        """Seconds from now until the next poll; None if no poll fits any more.

        `left_s` is the time to the deadline; `retry_after_s` is what they asked for with their
        latest answer: a poll is never sooner, whatever was learned. Call it once for each poll.
        """
        pacer = self._pacer
        numbers = pacer.numbers
        soonest_s = numbers.least_s if self._base_s is not None else 0.0
        if retry_after_s is not None and retry_after_s > soonest_s:
            soonest_s = retry_after_s
        wait_s = max(soonest_s, self._wanted_s(elapsed_s) - elapsed_s)
        # The last polls of runs begun at one moment do not go in step, either.
        last_s = left_s - pacer.margin_s - self._phase * numbers.least_s
        if wait_s > last_s - numbers.least_s - pacer.margin_s:
            wait_s = last_s  # no room for another one after its answer
        if wait_s < soonest_s:
            only_one = self._pending_s is None or retry_after_s is not None
            if not only_one or soonest_s > left_s - MARGIN_BOUNDS_S[0]:
                return None
            wait_s = max(soonest_s, left_s / 2)  # the only one there can be: risk the margin
        self._base_s = elapsed_s + wait_s
        return wait_s

    def exchange_took(self, seconds: float) -> None:
        """One of its polls was answered so long after it was sent."""
        self._pacer.exchange_took(seconds)

    def pending(self, elapsed_s: float) -> None:
        """The poll that was sent at `elapsed_s` found it not ready."""
        if self._pending_s is None:
            self._pacer.first_poll(self._order, elapsed_s, ready=False)
        self._pacer.times.watch(self._order, elapsed_s, self._pending_s)
        self._pending_s = self._base_s = elapsed_s

    def decided(self, elapsed_s: float) -> None:
        """An answer that came at `elapsed_s` had the decision."""
        if self._pending_s is None:
            self._pacer.first_poll(self._order, elapsed_s, ready=True)
        times = self._pacer.times
        times.watch(self._order, None, self._pending_s)
        times.add_between(self._pending_s or 0.0, elapsed_s, self._order)
        self._pacer.ended()

    def given_up(self, elapsed_s: float) -> None:
        """Nobody watches any more since `elapsed_s`; what is known is what the last poll said."""
        self._pacer.ended()
        if self._pending_s is not None:
            times = self._pacer.times
            times.watch(self._order, None, self._pending_s)
            times.add_beyond(min(self._pending_s, elapsed_s), self._order)

    def _wanted_s(self, elapsed_s: float) -> float:
        """When the next poll would be best, were there no rules."""
        plan = self._pacer.plan()
        if self._base_s is None:
            return self._first_s(plan, elapsed_s)
        if plan is None:
            return self._base_s + self._pacer.numbers.every_s
        return plan.next_s(self._base_s)

    def _first_s(self, plan: Plan | None, elapsed_s: float) -> float:
        numbers = self._pacer.numbers
        if plan is None:
            wanted_s = numbers.first_s + self._phase * numbers.every_s / 4
        else:
            wanted_s = self._pacer.first_at_s(plan, self._phase)
        if wanted_s < elapsed_s:  # resumed: as soon as may be, but not all in one moment
            return elapsed_s + self._phase * numbers.least_s
        return wanted_s
