"""Hundreds of worlds, each from its seed. More on demand: `make sim`."""

import pytest

from tests.simulation.replay import alone_complaints, crowd_complaints

RUNS = 8
SEEDS = 320
CHUNK = 20
CROWD_RUNS = 12
CROWD_SEEDS = 40


@pytest.mark.parametrize("first", range(1, SEEDS + 1, CHUNK))
def test_no_world_violates_an_invariant(first):
    found = [line for seed in range(first, first + CHUNK) for line in alone_complaints(seed, RUNS)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("seed", [9_001, 9_002])
def test_nor_does_a_crowded_one(seed):
    found = alone_complaints(seed, 150)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("first", range(1, CROWD_SEEDS + 1, CHUNK))
def test_no_world_of_several_daemons_violates_an_invariant(first):
    seeds = range(first, first + CHUNK)
    found = [line for seed in seeds for line in crowd_complaints(seed, CROWD_RUNS)]
    assert not found, "\n".join(found)


def test_nor_does_a_crowded_one_of_several_daemons():
    found = crowd_complaints(9_003, 60)
    assert not found, "\n".join(found)
