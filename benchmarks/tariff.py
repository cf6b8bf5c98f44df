"""Calculations of the tariff: warm, the first of a process, and exact lookups of a territory.

    python benchmarks/tariff.py [CALCULATIONS]

Pure computation in this process, and whole processes for what a first calculation costs. Beside
the calculations the same number of `json.loads` of the example application, which whoever prices
one has done anyway; beside a first calculation a bare interpreter, and one that only imports what
the tariff needs from the standard library. The rounds are interleaved, so that whatever else the
machine does hits all alike; the median counts.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import cycle, islice, product
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from osago_core.tariff import (  # noqa: E402
    Owner,
    RatedDriver,
    RatedFacts,
    Territory,
    VehicleClass,
    find_territory,
    tariff_on,
    territories,
)

CALCULATIONS = 1000
ROUNDS = 9
DAY = date(2026, 7, 1)
EXAMPLE = (ROOT / "examples/application.json").read_bytes()

BARE = "pass"
STANDARD = (
    "import dataclasses, datetime, decimal, enum, json, math, pathlib, re, typing, unicodedata"
)
FIRST = """
from datetime import date
from decimal import Decimal
from osago_core.tariff import *
find_territory("Республика Татарстан", "г. Казань")
facts = RatedFacts(
    vehicle_class=VehicleClass.CAR_INDIVIDUAL, owner=Owner.INDIVIDUAL, territory_id="ta/kazan",
    power_hp=Decimal(136), drivers=(RatedDriver(age=41, experience=21, kbm_class="13"),),
)
tariff_on(date(2026, 7, 1)).calculate(facts).premium_min
"""


def main() -> None:
    calculations = int(sys.argv[1]) if len(sys.argv) > 1 else CALCULATIONS
    report_warm(calculations)
    report_cold()


def report_warm(calculations: int) -> None:
    """Print what happens again and again in one process."""
    tariff = tariff_on(DAY)
    policies = list(islice(different_policies(), calculations))
    addresses = list(islice(cycle(map(address, territories())), calculations))
    for place in addresses:  # all exact: nothing is looked for that is not found
        if find_territory(*place) is None:
            raise SystemExit(f"no territory for {place}")

    measured: dict[str, Callable[[], None]] = {
        "json.loads of the example": lambda: for_all(json.loads, [EXAMPLE] * calculations),
        "different calculations": lambda: for_all(tariff.calculate, policies),
        "exact territory lookups": lambda: for_all(lambda place: find_territory(*place), addresses),
    }
    times = interleaved(measured)
    yardstick = statistics.median(times["json.loads of the example"])
    print(f"{calculations} of each, warm ({ROUNDS} rounds, median)")
    for name, rounds in times.items():
        ms = statistics.median(rounds)
        print(
            f"  {name:28} {ms:8.1f} ms {1000 * ms / calculations:8.1f} µs each"
            f" {ms / yardstick:6.1f} x json.loads"
        )


def report_cold() -> None:
    """Print what a process pays for its first calculation, and only for that."""
    measured: dict[str, Callable[[], None]] = {
        "python -c pass": lambda: run(BARE),
        "imports of the standard library": lambda: run(STANDARD),
        "first lookup and calculation": lambda: run(FIRST),
    }
    times = interleaved(measured)
    yardstick = statistics.median(times["python -c pass"])
    print(f"\nwhole processes, cold ({ROUNDS} rounds, median)")
    for name, rounds in times.items():
        ms = statistics.median(rounds)
        print(f"  {name:32} {ms:8.1f} ms {ms / yardstick:6.1f} x a bare interpreter")


def interleaved(measured: dict[str, Callable[[], None]]) -> dict[str, list[float]]:
    """Milliseconds of each, round by round; a first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in measured}
    for number in range(ROUNDS + 1):
        for name, act in measured.items():
            start = time.perf_counter()
            act()
            if number:
                times[name].append((time.perf_counter() - start) * 1000)
    return times


def for_all(act: Callable, items: list) -> None:
    for item in items:
        act(item)


def run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def different_policies():
    """No two alike: territories, powers, lists of drivers, classes, owners and months in turn."""
    ids = [territory.id for territory in territories()]
    kinds = (
        (VehicleClass.CAR_INDIVIDUAL, Owner.INDIVIDUAL),
        (VehicleClass.CAR_LEGAL, Owner.LEGAL),
        (VehicleClass.CAR_TAXI, Owner.INDIVIDUAL),
        (VehicleClass.MOTO, Owner.INDIVIDUAL),
        (VehicleClass.TRUCK_GT16T, Owner.LEGAL),
    )
    drivers = cycle((None, *(tuple(map(driver, range(n, n + 4 - n % 4))) for n in range(60))))
    for hp, (vehicle_class, owner), months in product(range(45, 300, 5), kinds, range(1, 13)):
        yield RatedFacts(
            vehicle_class=vehicle_class,
            owner=owner,
            territory_id=ids[(hp * 7 + months) % len(ids)],
            power_hp=Decimal(hp) + Decimal("0.5"),
            drivers=next(drivers),
            use_months=months,
        )


def driver(number: int) -> RatedDriver:
    age = 18 + number * 7 % 60
    return RatedDriver(age=age, experience=number % (age - 17), kbm_class=str(number % 14))


def address(territory: Territory) -> tuple[str, str | None]:
    """A territory as people write it."""
    place = territory.places[0] if territory.places else None
    if territory.scope == "rest":
        place = "с. Примерное"
    return territory.region, place and place.replace("ё", "е")


if __name__ == "__main__":
    main()
