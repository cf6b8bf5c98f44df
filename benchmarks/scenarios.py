"""Sick insurers on the simulator: our policies beside what a Python stack usually does.

    python benchmarks/scenarios.py [SEEDS]

The same worlds, by seed, on virtual time: ten insurers (six with two endpoints), 60 quotes over 20
minutes, each with a minute's time. Every stack goes through the same desk; only what stands between
a quote and an insurer differs:

- gather + retries: each insurer in a task of its own, every exchange tried again three times after
  any error (0.5 s doubling, jitter), polls every 2 s;
- the same inside circuitbreaker with its defaults (5 failures in a row, 30 s), around each call.

A request is whatever goes out, connections that are refused included. "Twice" are applications too
many: an insurer without idempotency keys was made to take the same one again. "Lost" are a
baseline's offers that we do not have, those left out that it got by asking twice. (Which request
meets a fault is chance, so where faults are, each stack also has offers that no other one has.)
"""

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "daemon")]

import anyio  # noqa: E402
import circuitbreaker  # noqa: E402

from osago_daemon.insurers.port import NotYet  # noqa: E402
from osago_daemon.resilience.trouble import Trouble, TroubleKind  # noqa: E402
from tests.simulation.adapter import PretendInsurer  # noqa: E402
from tests.simulation.invariants.runs import outcomes_of  # noqa: E402
from tests.simulation.plan import InsurerPlan, Phase, Plan, QuotePlan  # noqa: E402
from tests.simulation.server import Started  # noqa: E402
from tests.simulation.world import House, run_world  # noqa: E402

SEEDS = 10
QUOTES = 60
LASTS_S = 1200.0
SICK_S = 600.0
RETRIES = 3
FIRST_WAIT_S = 0.5
POLL_EVERY_S = 2.0
ATTEMPT_TIMEOUT_S = 15.0

# Answer times as the sandbox has them: from under a second to a quarter of a minute.
INSURERS = (
    *(InsurerPlan(f"one-{n}", two_steps=False, decide_s=s) for n, s in enumerate((0.4, 1, 2, 4))),
    *(InsurerPlan(f"two-{n}", decide_s=s) for n, s in enumerate((1.5, 3, 5, 8, 12, 16))),
)
WITHOUT_KEYS = {"one-1", "two-2"}
EVERYBODY = tuple(insurer.id for insurer in INSURERS)

SCENARIOS = {
    "all well": ((), ""),
    "one insurer dead": (("two-1",), "dead"),
    "all 5xx for 10 minutes": (EVERYBODY, "all 5xx"),
    "30 % resets": (EVERYBODY, "resets"),
    "429 storm": (EVERYBODY, "429 storm"),
    "slow by 10×": (EVERYBODY, "slow"),
}
"""Who is sick and how, for the first ten of twenty minutes; one who is dead stays so."""


class PlainInsurer(PretendInsurer):
    """Asks without our policies: retries after any error, polls at a fixed distance."""

    async def quote(self, call):
        repeatable = self._server.plan.idempotent
        reply = await self.guarded(lambda: self._send(call, "create", repeatable=repeatable))
        case = reply.case if isinstance(reply, Started) else None
        while isinstance(reply, Started | NotYet):
            await anyio.sleep(POLL_EVERY_S)
            reply = await self.guarded(lambda: self._send(call, "poll", case=case))
        return reply

    async def guarded(self, send):
        return await retried(send)


async def retried(send):
    """What `tenacity.retry(stop_after_attempt(4), wait_random_exponential)` does."""
    for retry in range(RETRIES + 1):
        try:
            return await attempted(send)
        except Trouble:
            if retry == RETRIES:
                raise
        await anyio.sleep(FIRST_WAIT_S * 2**retry * JITTER.random())
    return None


async def attempted(send):
    with anyio.move_on_after(ATTEMPT_TIMEOUT_S):
        return await send()
    raise Trouble(TroubleKind.TIMEOUT, f"nothing within {ATTEMPT_TIMEOUT_S:.0f} s")


class BrokenOffInsurer(PlainInsurer):
    """The same, each call with all its retries inside the library's breaker."""

    def __init__(self, *args):
        super().__init__(*args)
        # One call each, with the library's defaults.
        self._retried = circuitbreaker.CircuitBreaker(name=self._server.plan.id)(retried)

    async def guarded(self, send):
        try:
            return await self._retried(send)
        except circuitbreaker.CircuitBreakerError:
            raise Trouble(TroubleKind.BROKEN_OFF, "open") from None


JITTER = Random()
OURS = "ours"
STACKS = {
    "gather + retries": House(adapter=PlainInsurer),
    "the same in a breaker": House(adapter=BrokenOffInsurer),
    OURS: House(),
}


@dataclass
class Score:
    """One stack in one scenario, over all seeds."""

    requests: int = 0
    offers: set = field(default_factory=set)
    """By seed, run and insurer."""
    by_twice: set = field(default_factory=set)
    """Offers that took more than one application: not ours to get."""
    twice: int = 0
    first_s: list = field(default_factory=list)
    last_s: list = field(default_factory=list)

    def add(self, seed, evidence):
        self.requests += len(evidence.ledger.requests)
        acted = Counter(
            (r.run, r.insurer) for r in evidence.ledger.requests if r.acted and not r.repeatable
        )
        twice = {case for case, times in acted.items() if times > 1}
        self.twice += sum(acted[case] - 1 for case in twice)
        for record in evidence.records:
            times = []
            for event, told_at in outcomes_of(record):
                if event["type"] == "offer":
                    case = (record.run.id, event["insurer"])
                    self.offers.add((seed, *case))
                    if case in twice:
                        self.by_twice.add((seed, *case))
                    times.append(told_at - record.began_at)
            if times:
                self.first_s.append(min(times))
                self.last_s.append(max(times))


def plan(seed, scenario):
    sick, weather = SCENARIOS[scenario]
    until_s = LASTS_S * 2 if weather == "dead" else SICK_S
    random = Random(seed)
    return Plan(
        seed=seed,
        insurers=tuple(weathered(one, sick, Phase(weather, until_s)) for one in INSURERS),
        quotes=tuple(
            QuotePlan(at_s, f"c{n % 4}", n, EVERYBODY, 60.0)
            for n, at_s in enumerate(sorted(random.uniform(0, LASTS_S) for _ in range(QUOTES)))
        ),
    )


def weathered(insurer, sick, phase):
    phases = (phase,) if insurer.id in sick else ()
    fields = {name: getattr(insurer, name) for name in insurer.__slots__}
    return InsurerPlan(**{**fields, "phases": phases, "idempotent": insurer.id not in WITHOUT_KEYS})


def measure(seeds):
    scores = defaultdict(Score)
    for scenario in SCENARIOS:
        for seed in range(1, seeds + 1):
            for stack, house in STACKS.items():
                JITTER.seed(seed)
                scores[scenario, stack].add(seed, run_world(plan(seed, scenario), house))
    return scores


def report(scores, seeds):
    print(f"\n{seeds} seeds × {QUOTES} quotes × {len(INSURERS)} insurers per row\n")
    print("| scenario | stack | requests | offers | lost | twice | first offer | last offer |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for (scenario, stack), score in scores.items():
        ours = scores[scenario, OURS].offers
        lost = len(score.offers - score.by_twice - ours) if stack != OURS else ""
        print(
            f"| {scenario} | {stack} | {score.requests:,} | {len(score.offers):,} | {lost} "
            f"| {score.twice} | {_median(score.first_s)} | {_median(score.last_s)} |"
        )


def _median(times):
    return f"{median(times):.2f} s" if times else "–"


def main():
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    circuitbreaker.monotonic = anyio.current_time  # the library looks at the real clock
    scores = measure(seeds)
    report(scores, seeds)


if __name__ == "__main__":
    main()
