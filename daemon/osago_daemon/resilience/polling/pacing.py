"""One `Pacer` per insurer says when each of its applications is to be polled.

Owns what was learned of the insurer's times and the plan made from it. Knows no clock: times are
seconds since the application was accepted, and the caller's. Knows nothing of requests either.
"""

import random
from collections.abc import Callable
from typing import Any

from osago_daemon.resilience.numbers import PacingNumbers
from osago_daemon.resilience.polling.plan import START_PRICE, Plan, bounded_price, make_plan
from osago_daemon.resilience.polling.sketch import Sketch

HANDFUL = 8
"""With fewer observations nothing is known: the plan would follow chance."""
REPLAN_SHARE = 8
"""A plan is made anew when an eighth more is known, and ..."""
REPLAN_MOST = 64
"""... at least after so many observations: a fifth of what the sketch remembers."""
MEASURE_MOST = 512
"""The margin is reckoned anew whenever twice as much is known, and after so many exchanges."""
MARGIN_S = 1.0
"""For the last poll's answer to come back, while their exchange times are not known."""
MARGIN_BOUNDS_S = (0.2, 5.0)
MARGIN_TIMES = 1.5
"""The margin, in times of what 99 of 100 exchanges take."""


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
        self._random = random_
        self._price = START_PRICE
        self._plan: Plan | None = None
        self._replan_at = HANDFUL
        self._measure_at = HANDFUL

    def begin(self) -> "Pace":
        """The pace of one application, from the moment it was accepted."""
        return Pace(self, self.times.count, self._random())

    def exchange_took(self, seconds: float) -> None:
        """One poll took so long, from when it was due to its answer."""
        self._exchanges.add(seconds)
        if self._exchanges.count >= self._measure_at:
            self._measure()

    def plan(self) -> Plan | None:
        """Where to poll; None while nothing is known. Made anew only now and then."""
        if self.times.count >= self._replan_at and self.numbers.learn:
            self._plan = make_plan(self.times, least_s=self.numbers.least_s, price=self._price)
            self._price = self._plan.better_price()
            self._replan_at = self.times.count + _step(self.times.count)
        return self._plan

    def snapshot(self) -> dict[str, Any]:
        """What was learned, as JSON values, for `load`."""
        return {
            "times": self.times.snapshot(),
            "exchanges": self._exchanges.snapshot(),
            "price": self._price,
        }

    def load(self, data: Any) -> None:
        """Take over a snapshot; anything else is a ValueError and changes nothing."""
        match data:
            case {"times": times_data, "exchanges": exchanges_data, "price": int() | float()}:
                times, exchanges = Sketch(), Sketch()
                times.load(times_data)
                exchanges.load(exchanges_data)
            case _:
                raise ValueError("not a snapshot of a pacer")
        self.times, self._exchanges = times, exchanges
        self._price = bounded_price(float(data["price"]))
        self._plan, self._replan_at, self._measure_at = None, HANDFUL, HANDFUL
        self.margin_s = MARGIN_S
        if exchanges.count >= HANDFUL:
            self._measure()

    def _measure(self) -> None:
        least_s, most_s = MARGIN_BOUNDS_S
        usual_s = self._exchanges.quantile(0.99) or 0.0
        self.margin_s = min(most_s, max(least_s, usual_s * MARGIN_TIMES))
        known = self._exchanges.count
        self._measure_at = known + min(known, MEASURE_MOST)


def _step(count: int) -> int:
    return min(REPLAN_MOST, 1 + count // REPLAN_SHARE)


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
        if wait_s > last_s - numbers.least_s:  # no room for another one after it
            wait_s = last_s
        if wait_s < soonest_s:
            return None
        self._base_s = elapsed_s + wait_s
        return wait_s

    def pending(self, elapsed_s: float) -> None:
        """The poll that was sent at `elapsed_s` found it not ready."""
        self._pacer.times.watch(self._order, elapsed_s, self._pending_s)
        self._pending_s = self._base_s = elapsed_s

    def decided(self, elapsed_s: float) -> None:
        """An answer that came at `elapsed_s` had the decision."""
        times = self._pacer.times
        times.watch(self._order, None, self._pending_s)
        times.add_between(self._pending_s or 0.0, elapsed_s, self._order)

    def given_up(self, elapsed_s: float) -> None:
        """Nobody watches any more since `elapsed_s`; what is known is what the last poll said."""
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
            wanted_s = plan.first_at_s(self._phase)
        if wanted_s < elapsed_s:  # resumed: as soon as may be, but not all in one moment
            return elapsed_s + self._phase * numbers.least_s
        return wanted_s
