"""Hundreds of worlds, each from its seed. More on demand: `make sim`."""

import pytest

from tests.simulation.replay import complaints

RUNS = 8
SEEDS = 320
CHUNK = 20


@pytest.mark.parametrize("first", range(1, SEEDS + 1, CHUNK))
def test_no_world_violates_an_invariant(first):
    found = [line for seed in range(first, first + CHUNK) for line in complaints(seed, RUNS)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("seed", [9_001, 9_002])
def test_nor_does_a_crowded_one(seed):
    found = complaints(seed, 150)
    assert not found, "\n".join(found)
