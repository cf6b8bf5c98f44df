"""A seed is a world: whoever replays it sees the same, event for event."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.crowd.plan import crowd_of
from tests.simulation.crowd.world import run_crowd
from tests.simulation.plan import plan_of
from tests.simulation.world import run_world

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seed", range(1, 11))
def test_the_same_seed_gives_the_same_trace(seed):
    plan = plan_of(seed, 15)
    assert run_world(plan).trace() == run_world(plan).trace()


@pytest.mark.parametrize("seed", range(1, 11))
def test_so_does_the_same_seed_of_several_daemons(seed):
    plan = crowd_of(seed, 15, outages=seed % 2 == 0)
    assert run_crowd(plan).trace() == run_crowd(plan).trace()


def test_different_seeds_give_different_traces():
    assert len({run_world(plan_of(seed, 5)).trace() for seed in range(1, 6)}) == 5


def test_another_process_with_other_hashes_sees_the_same_world():
    code = (
        "from tests.simulation.plan import plan_of; from tests.simulation.world import run_world; "
        "from tests.simulation.crowd.plan import crowd_of; "
        "from tests.simulation.crowd.world import run_crowd; "
        "print(*(run_world(plan_of(seed, 15)).trace() for seed in range(1, 6))); "
        "print(*(run_crowd(crowd_of(seed, 15)).trace() for seed in range(1, 6)))"
    )
    traces = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert traces[0] == traces[1]
