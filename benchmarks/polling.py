"""Polls per offer and lateness of learned polling, beside polling every 2 s.

    python benchmarks/polling.py

Pure computation on seeded virtual times: each insurer is learned from nothing over 500 answers,
then measured over 2,000. "least" is what no way of polling can beat, even one that knows the
distribution exactly: the fewest polls with half of the offers seen within a second (the median of
every 2 s), no two of them more than 12 s apart.
"""

import heapq
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

sys.path[:0] = [str(Path(__file__).parents[1] / "daemon")]

from osago_daemon.resilience.numbers import PacingNumbers  # noqa: E402
from osago_daemon.resilience.polling.pacing import Pacer  # noqa: E402
from osago_daemon.resilience.polling.plan import make_plan  # noqa: E402

LEARNED, MEASURED = 500, 2000
DEADLINE_S = 60.0
PLAIN_S = 2.0
EXCHANGE_S = 0.05
STEP_S = 0.1  # of the grid for the least possible
MEDIANS_S = range(4, 23, 2)

Draw = Callable[[random.Random, int], float]


def lognormal(median_s: float, sigma: float) -> Draw:
    return lambda source, _: median_s * source.lognormvariate(0.0, sigma)


def bimodal(source: random.Random, _: int) -> float:
    return (5 if source.random() < 0.6 else 20) * source.lognormvariate(0.0, 0.25)


def twice_as_fast(source: random.Random, number: int) -> float:
    middle = LEARNED + MEASURED // 2
    return (16 if number < middle else 8) * source.lognormvariate(0.0, 0.25)


SHAPES: dict[str, Draw] = {
    **{
        f"lognormal {median_s} s, sigma {sigma}": lognormal(median_s, sigma)
        for median_s in (4, 22)
        for sigma in (0.25, 0.4, 0.5)
    },
    "3 s + exponential 4 s": lambda source, _: 3 + source.expovariate(1 / 4),
    "60 % about 5 s, 40 % about 20 s": bimodal,
    "8 s ± 5 %": lambda source, _: source.uniform(7.6, 8.4),
    "evenly 15-25 s": lambda source, _: source.uniform(15, 25),
    "16 s, from noon on 8 s, sigma 0.25": twice_as_fast,
}


@dataclass
class Tally:
    polls: int = 0
    late_s: list[float] = field(default_factory=list)

    def add(self, polls: int, late_s: float | None) -> None:
        self.polls += polls
        if late_s is not None:
            self.late_s.append(late_s)

    def __iadd__(self, other: "Tally") -> Self:
        self.polls += other.polls
        self.late_s += other.late_s
        return self

    @property
    def per_offer(self) -> float:
        return self.polls / len(self.late_s)

    def row(self) -> str:
        tenths = statistics.quantiles(self.late_s, n=10)
        return f"{self.per_offer:.2f} | {statistics.median(self.late_s):.2f} | {tenths[-1]:.2f}"


def every_two_seconds(ready_s: float) -> tuple[int, float | None]:
    polls = math.ceil(ready_s / PLAIN_S)
    most = math.ceil(DEADLINE_S / PLAIN_S) - 1
    return (most, None) if polls > most else (polls, polls * PLAIN_S - ready_s)


def ours(pacer: Pacer, ready_s: float) -> tuple[int, float | None]:
    pace, now_s, polls = pacer.begin(), 0.0, 0
    while (wait_s := pace.next_wait_s(now_s, DEADLINE_S - now_s)) is not None:
        sent_s = now_s + wait_s
        now_s = sent_s + EXCHANGE_S
        polls += 1
        pacer.exchange_took(EXCHANGE_S)
        if ready_s <= sent_s:
            pace.decided(now_s)
            return polls, sent_s - ready_s
        pace.pending(sent_s)
    pace.given_up(now_s)
    return polls, None


def measure(draw: Draw, seed: int = 1) -> tuple[Tally, Tally]:
    source = random.Random(seed)
    pacer = Pacer(PacingNumbers(), random_=source.random)
    plain, learned = Tally(), Tally()
    for number in range(LEARNED + MEASURED):
        ready_s = draw(source, number)
        result = ours(pacer, ready_s)
        if number >= LEARNED:
            learned.add(*result)
            plain.add(*every_two_seconds(ready_s))
    return plain, learned


def at_once(draw: Draw, seed: int, *, learned_before: int, applications: int = 2500) -> Tally:
    """All begin at one moment, as at the mission's peak."""
    source = random.Random(seed)
    pacer, tally = Pacer(PacingNumbers(), random_=source.random), Tally()
    for number in range(learned_before):
        ours(pacer, draw(source, number))
    queue = []
    for number in range(applications):
        pace = pacer.begin()
        first_s = pace.next_wait_s(0.0, DEADLINE_S)
        queue.append((first_s, number, draw(source, number), pace))
    heapq.heapify(queue)
    while queue:
        sent_s, number, ready_s, pace = heapq.heappop(queue)
        now_s = sent_s + EXCHANGE_S
        if ready_s <= sent_s:
            pace.decided(now_s)
            tally.add(1, sent_s - ready_s)
            continue
        tally.add(1, None)
        pace.pending(sent_s)
        wait_s = pace.next_wait_s(now_s, DEADLINE_S - now_s)
        if wait_s is None:
            pace.given_up(now_s)
        else:
            heapq.heappush(queue, (now_s + wait_s, number, ready_s, pace))
    return tally


def least_polls(draw: Draw) -> float:
    """The fewest polls with half the offers within a second, by Lagrange's bound.

    For any fine on a late offer, the best plan's polls + fine * (late - a half) is a lower bound;
    it is concave in the fine.
    """
    source = random.Random(2)
    times_s = sorted(draw(source, 0) for _ in range(40_000))
    over, index = [], 0
    for point in range(int(DEADLINE_S / STEP_S) + 1):
        while index < len(times_s) and times_s[index] <= point * STEP_S:
            index += 1
        over.append(index)
    over = [known / over[-1] for known in over]
    low, high = 0.0, 40.0
    for _ in range(11):
        one, two = low + (high - low) / 3, high - (high - low) / 3
        if _bound(over, one) < _bound(over, two):
            low = one
        else:
            high = two
    return _bound(over, (low + high) / 2)


def _bound(over: list[float], fine: float) -> float:
    last, soon, furthest = len(over) - 1, round(1 / STEP_S), round(12 / STEP_S)
    ahead = [0.0] * (last + 1)  # cost from each point on, plus the fine for all before
    for point in range(last - 1, -1, -1):
        least = min(ahead[point + 1 : point + soon + 1]) + 0.0
        within = [
            ahead[x] + fine * (over[x - soon] - over[point])
            for x in range(point + soon + 1, min(last, point + furthest) + 1)
        ]
        if point == 0:
            within += [ahead[x] + fine * over[x - soon] for x in range(furthest, last + 1)]
        ahead[point] = (1.0 - over[point]) + min([least, *within])
    return ahead[0] - fine * 0.5


def main() -> None:
    began = time.perf_counter()
    print("| answers are ready after | every 2 s: polls | median | p90 s late ", end="")
    print("| ours: polls | median | p90 s late | ours / every 2 s | least / every 2 s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, draw in SHAPES.items():
        plain, learned = measure(draw)
        least = "" if draw is twice_as_fast else f"{least_polls(draw) / plain.per_offer:.2f}"
        ratio = learned.per_offer / plain.per_offer
        print(f"| {name} | {plain.row()} | {learned.row()} | {ratio:.2f} | {least} |", flush=True)
    for sigma in (0.25, 0.3, 0.4, 0.5):
        plain, learned = Tally(), Tally()
        for median_s in MEDIANS_S:
            one, two = measure(lognormal(median_s, sigma), seed=median_s)
            plain += one
            learned += two
        ratio = learned.per_offer / plain.per_offer
        name = f"ten insurers, lognormal 4-22 s, sigma {sigma}"
        print(f"| {name} | {plain.row()} | {learned.row()} | {ratio:.2f} | |", flush=True)
    for known in (500, 0):
        tally = Tally()
        for median_s in MEDIANS_S:
            tally += at_once(lognormal(median_s, 0.4), median_s, learned_before=known)
        name = f"ten insurers, sigma 0.4, 2,500 begun at once, {known} answers known"
        print(f"| {name} | | | | {tally.row()} | | |", flush=True)
    costs()
    print(f"\n{time.perf_counter() - began:.0f} s")


def costs() -> None:
    source = random.Random(1)
    pacer = Pacer(PacingNumbers(), random_=source.random)
    for _ in range(1000):
        ours(pacer, 22 * source.lognormvariate(0.0, 0.4))
    paces = [pacer.begin() for _ in range(20_000)]
    print()
    for name, call in (
        ("next_wait_s, the first", lambda pace: pace.next_wait_s(0.0, 60.0)),
        ("pending", lambda pace: pace.pending(15.0)),
        ("next_wait_s, later", lambda pace: pace.next_wait_s(15.0, 45.0)),
        ("exchange_took", lambda _: pacer.exchange_took(0.05)),
        ("decided", lambda pace: pace.decided(16.0)),
    ):
        start = time.process_time()
        for pace in paces:
            call(pace)
        print(f"{name}: {(time.process_time() - start) / len(paces) * 1e6:.1f} µs")
    spent = 0.0
    for _ in range(100):
        ours(pacer, 22 * source.lognormvariate(0.0, 0.4))
        start = time.process_time()
        make_plan(pacer.times, least_s=0.5)
        spent += time.process_time() - start
    print(f"a plan: {spent / 100 * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
