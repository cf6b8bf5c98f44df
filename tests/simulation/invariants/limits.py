"""What an insurer allows, counted where it counts: at its door, in every window there is."""

from collections.abc import Iterator

from tests.simulation.plan import DAY_S, InsurerPlan
from tests.simulation.world import Evidence

EPS_S = 1e-6


def no_window_has_more_than_it_may(evidence: Evidence) -> Iterator[str]:
    """Per second, per minute, per day: any such stretch of time, wherever it begins."""
    for plan in evidence.plan.insurers:
        arrivals = sorted(
            r.arrived_at for r in evidence.ledger.of(plan.id) if r.arrived_at is not None
        )
        for most, window_s in windows_of(plan):
            for first, beyond in zip(arrivals, arrivals[most:], strict=False):
                if beyond < first + window_s - EPS_S:
                    yield (
                        f"{plan.id}: {most + 1} requests within {beyond - first:.6f} s "
                        f"from {first - evidence.began:.3f} on, allowed are {most}"
                    )
                    break


def never_more_at_once_than_it_may(evidence: Evidence) -> Iterator[str]:
    """From a request's arrival to its answer, or to our hanging up."""
    for plan in evidence.plan.insurers:
        edges: list[tuple[float, int]] = []
        for request in evidence.ledger.of(plan.id):
            arrived_at, left_at = request.arrived_at, request.left_at
            if arrived_at is not None and left_at is not None and left_at > arrived_at:
                edges += [(arrived_at, 1), (left_at, -1)]
        there = 0
        for at, change in sorted(edges):
            there += change
            if there > plan.numbers.limits.at_once:
                yield f"{plan.id}: {there} requests at once at {at - evidence.began:.3f}"
                break


def windows_of(plan: InsurerPlan) -> list[tuple[int, float]]:
    """What it allows: so many in so many seconds."""
    limits = plan.numbers.limits
    windows = [(limits.per_second, 1.0), (limits.per_minute, 60.0), (limits.per_day, DAY_S)]
    return [(most, window_s) for most, window_s in windows if most is not None]
