"""Worlds by seed, two of each: `python -m tests.simulation --seed S --runs N`."""

import argparse
import sys
import time

from tests.simulation.replay import WORLDS, complaints

DEFAULT_RUNS = 50
DEFAULT_SEEDS = 200


def main() -> int:
    options = _options()
    seeds = range(options.seed, options.seed + options.seeds)
    began = time.perf_counter()
    broken = 0
    for seed in seeds:
        found = complaints(seed, options.runs)
        broken += bool(found)
        for line in found:
            sys.stdout.write(f"{line}\n")
    seconds = time.perf_counter() - began
    worlds = len(seeds) * WORLDS
    runs = worlds * options.runs
    sys.stdout.write(
        f"{runs:,} runs in {worlds} worlds, {seconds:.1f} s ({runs / seconds:.0f} runs/s): "
        + (f"{broken} seeds with violations\n" if broken else "no violation\n")
    )
    return min(broken, 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first worlds")
    parser.add_argument("--seeds", type=int, default=1, help="so many, one after another")
    parser.add_argument("--runs", type=int, default=DEFAULT_RUNS, help="in each world")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
