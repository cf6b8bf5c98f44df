"""From a seed to what is wrong with its world, and how to see it again."""

from tests.simulation.invariants import violations
from tests.simulation.plan import plan_of
from tests.simulation.world import run_world

SHOWN = 10
"""Complaints of one world that are shown; the first ones tell the most."""


def complaints(seed: int, runs: int) -> list[str]:
    """Lines for people: what is violated, and the command that does it again. Empty: nothing."""
    found = violations(run_world(plan_of(seed, runs)))
    if not found:
        return []
    more = [f"  and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    head = f"seed {seed}, {runs} runs; again with: make sim SEED={seed} RUNS={runs}"
    return [head, *(f"  {line}" for line in found[:SHOWN]), *more]
