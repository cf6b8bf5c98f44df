"""Where polls do the most good, given how long answers take.

Pure computation: a distribution in, a table of waits out. No clock, no insurer, no state.

The rule:
  A poll has a price. An offer costs 1 when it is seen more than a second after it was ready, and a
  hundredth of the square of its lateness (at 10 s late that is as bad again).
  Counting back from the end: the best poll after one at t that found nothing is the one with the
  least  price · P(T > t)  +  cost of what gets ready until it  +  the cost from there on.
  The price is such that half the polls are made that asking every 2 s would take. Where more than
  half of the offers would then be over a second late, it falls until they are not.
The first poll lies anywhere in the range where the cost is the least but for one in a hundred, so
that applications begun at one moment do not go in step. The more of the answers the first poll
finds, the less is learned of when they got ready: then some applications are polled sooner.
"""

import math
from dataclasses import dataclass
from typing import Any

from osago_daemon.resilience.polling.chances import HORIZON_S, Chances, chances
from osago_daemon.resilience.polling.sketch import Sketch

PLAIN_S = 2.0
"""What we are measured against: polling so often."""
SOON_S = 1.0
"""The median lateness of that."""
POLLS_SHARE = 0.47
"""Of the polls of that: half, less something for not knowing exactly."""
SOON_SHARE = 0.52
"""Of the offers, to be seen within `SOON_S`: half, and something for not knowing exactly."""
LATE_WEIGHT = 0.01
LONGEST_GAP_S = 10.0
"""Whatever was learned, no two polls are further apart than this."""
GAP_GROWTH = 7 / 6
"""Gaps that are considered grow by this: more of them gain nothing."""
NEARLY_BEST = 1.01
SCOUT_FROM = 0.75
"""From this share of answers found by the first poll on, some are polled sooner, ..."""
SCOUTS = 0.25
"""... up to so many when it finds all."""
EARLIEST = 0.1
START_PRICE = 0.2
PRICE_BOUNDS = (0.01, 10.0)
"""A poll is never free: a hundredth of an offer that is late. Nor is it priceless."""
PRICE_STEP = 0.4


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to poll. Times are seconds since the application was accepted."""

    known: Chances
    """What it was made on."""
    first_s: tuple[float, float]
    """The first poll lies anywhere between these."""
    scouts: float
    """Share of applications whose first poll lies anywhere before that."""
    gaps_s: tuple[float, ...]
    """Seconds to wait after a poll at each of the points of `known`."""
    price: float
    polls: float
    """Expected, as a share of what polling every `PLAIN_S` would take."""
    soon: float
    """Expected share of offers within `SOON_S`."""

    def first_at_s(self, phase: float) -> float:
        """When to poll for the first time; `phase` is any number in [0, 1)."""
        low_s, high_s = self.first_s
        if phase < self.scouts:
            return low_s * (EARLIEST + (1.0 - EARLIEST) * phase / self.scouts)
        return low_s + (high_s - low_s) * (phase - self.scouts) / (1.0 - self.scouts)

    def next_s(self, polled_s: float) -> float:
        """When to poll after a poll at `polled_s` found nothing."""
        point = self.known.point(polled_s)
        if point < 0:
            return max(self.first_s[0], polled_s + self.gaps_s[0])
        if point < len(self.gaps_s):
            return polled_s + self.gaps_s[point]
        # Off the map, where hardly anything is expected: a quarter more than it took already.
        return polled_s + min(LONGEST_GAP_S, max(SOON_S, polled_s / 4))

    def better_price(self) -> float:
        """The price for the next plan, a step nearer to what the rule wants."""
        step = min(math.log(self.polls / POLLS_SHARE), self.soon - SOON_SHARE)
        return bounded_price(self.price * math.exp(min(PRICE_STEP, max(-PRICE_STEP, step))))


def bounded_price(price: float) -> float:
    """Keeps a price from running away where the rule can't be met, or is met by any."""
    least, most = PRICE_BOUNDS
    return min(most, max(least, price))


def read_price(data: Any) -> float:
    """Out of a snapshot's JSON value; ValueError if it is none."""
    if not (isinstance(data, int | float) and data > 0):  # which NaN is not, either
        raise ValueError("not a snapshot of a price")
    return float(bounded_price(data))


def make_plan(sketch: Sketch, *, least_s: float, price: float = START_PRICE) -> Plan:
    """The best plan at this price; `sketch` must know something.

    About a hundred points by twenty gaps: under a millisecond.
    """
    known = chances(sketch)
    values, gaps = _count_back(known, _gaps(known.per_s, least_s), price)
    low, high = _first(known, values, price)
    half_s = max(1.0 / known.per_s, least_s / 2) / 2
    first_s = (
        max(EARLIEST, known.start_s + low / known.per_s - half_s),
        max(EARLIEST, known.start_s + high / known.per_s) + half_s,
    )
    found = known.at(sum(first_s) / 2)
    scouts = SCOUTS * max(0.0, found - SCOUT_FROM) / (1.0 - SCOUT_FROM)
    gaps_s = tuple(gap / known.per_s for gap in gaps)
    plan = Plan(known, first_s, scouts, gaps_s, price, 0.0, 0.0)
    polls, soon = _expected(known, plan)
    return Plan(known, first_s, scouts, gaps_s, price, polls, soon)


def _gaps(per_s: int, least_s: float) -> list[int]:
    """Those to consider, in points, rising; one of `SOON_S` among them."""
    gap = math.ceil(least_s * per_s)
    longest = max(gap, int(LONGEST_GAP_S * per_s))
    gaps = {longest}
    if per_s * SOON_S >= gap:
        gaps.add(int(per_s * SOON_S))
    while gap < longest:
        gaps.add(gap)
        gap = max(gap + 1, int(gap * GAP_GROWTH))
    return sorted(gaps)


def _count_back(known: Chances, gaps: list[int], price: float) -> tuple[list[float], list[int]]:
    """The cost from each point on, if a poll there found nothing, and the gap that makes it so.

    With G the area and K the moment of F, what gets ready between s and x and is seen at x costs,
    for the squares of lateness, weight · (2x(G(x)-G(s)) - 2(K(x)-K(s)) - F(s)(x-s)²). What depends
    on x alone, on s alone and on x-s alone is computed once.
    """
    over, area, moment, last = known.over, known.area, known.moment, known.last
    soon = int(SOON_S * known.per_s)
    by_area = 2.0 * LATE_WEIGHT / known.per_s
    by_moment = 2.0 * LATE_WEIGHT
    squares = [(gap, LATE_WEIGHT * (gap / known.per_s) ** 2) for gap in gaps]
    values = [price * (1.0 - over[-1])] * (last + 1)
    best = [gaps[0]] * (last + 1)
    ahead = [0.0] * (last + 1)
    ahead[last] = values[last] + by_area * last * area[last] - by_moment * moment[last]
    for point in range(last - 1, -1, -1):
        done, here = over[point], by_area * area[point]
        least = math.inf
        for gap, square in squares:
            x = point + gap
            if x > last:
                if least < math.inf:
                    break  # the end is no poll to save up for
                x = last
            cost = ahead[x] - here * x - done * square
            if x - point > soon:
                cost += over[x - soon] - done
            if cost < least:
                least, best[point] = cost, gap
        values[point] = least + by_moment * moment[point] + price * (1.0 - done)
        ahead[point] = values[point] + here * point - by_moment * moment[point]
    return values, best


def _first(known: Chances, values: list[float], price: float) -> tuple[int, int]:
    """The points between which the first poll costs the least, or nearly."""
    soon = int(SOON_S * known.per_s)
    costs = [
        price
        + value
        + (known.over[x - soon] if x >= soon else 0.0)
        + 2.0 * LATE_WEIGHT * (x / known.per_s * known.area[x] - known.moment[x])
        for x, value in enumerate(values)
    ]
    limit = min(costs) * NEARLY_BEST
    low = high = costs.index(min(costs))
    while low > 0 and costs[low - 1] <= limit:
        low -= 1
    while high < known.last and costs[high + 1] <= limit:
        high += 1
    return low, high


def _expected(known: Chances, plan: Plan) -> tuple[float, float]:
    """Polls as a share of plain polling's, and the share of answers seen soon."""
    plain = sum(1.0 - known.at(time * PLAIN_S) for time in range(int(HORIZON_S / PLAIN_S)))
    polls = soon = 0.0
    low_s, high_s = plan.first_s
    starts_s = (low_s, (low_s + high_s) / 2, high_s)
    for start_s in starts_s:
        poll_s, before = start_s, 0.0
        while before == 0.0 or poll_s < HORIZON_S:
            done = known.at(poll_s)
            polls += 1.0 - before
            soon += done - max(before, known.at(poll_s - SOON_S))
            before = done
            poll_s = plan.next_s(poll_s)
    return polls / len(starts_s) / plain, soon / len(starts_s) / known.over[-1]
