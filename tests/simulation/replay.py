"""From a seed to what is wrong with its worlds, and how to see it again."""

from collections.abc import Callable, Iterator

from tests.simulation import invariants
from tests.simulation.crowd import invariants as crowd_invariants
from tests.simulation.crowd.plan import crowd_of
from tests.simulation.crowd.world import run_crowd
from tests.simulation.plan import plan_of
from tests.simulation.world import run_world

SHOWN = 10
"""Complaints of one world that are shown; the first ones tell the most."""

WORLDS = 2
"""Of each seed: one daemon by itself, and one to four on one store."""


def complaints(seed: int, runs: int) -> list[str]:
    """Lines for people: what is violated, and the command that does it again. Empty: nothing."""
    return [*alone_complaints(seed, runs), *crowd_complaints(seed, runs)]


def alone_complaints(seed: int, runs: int) -> list[str]:
    """Those of the daemon by itself."""
    return [*_shown("one daemon", _alone, seed, runs)]


def crowd_complaints(seed: int, runs: int) -> list[str]:
    """Those of the daemons on one store."""
    return [*_shown("several daemons", _crowd, seed, runs)]


def _alone(seed: int, runs: int) -> list[str]:
    return invariants.violations(run_world(plan_of(seed, runs)))


def _crowd(seed: int, runs: int) -> list[str]:
    """In every second world the store can't always be reached."""
    plan = crowd_of(seed, runs, outages=seed % 2 == 0)
    return crowd_invariants.violations(run_crowd(plan))


def _shown(
    what: str, found_in: Callable[[int, int], list[str]], seed: int, runs: int
) -> Iterator[str]:
    found = found_in(seed, runs)
    if found:
        yield f"seed {seed}, {what}, {runs} runs; again with: make sim SEED={seed} RUNS={runs}"
        yield from (f"  {line}" for line in found[:SHOWN])
    if len(found) > SHOWN:
        yield f"  and {len(found) - SHOWN} more"
