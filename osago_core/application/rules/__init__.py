"""Cross-checks: what single fields cannot tell. Each rule looks at facts and yields problems.

A rule says nothing about facts it does not have: whoever reads the fields reports those.
"""

from collections.abc import Iterator
from datetime import date

from osago_core.application.facts import Facts
from osago_core.application.problems import Problem
from osago_core.application.rules import drivers, parties, period, vehicle


def cross_check(facts: Facts, today: date) -> Iterator[Problem]:
    """Yield problems and warnings alike; `WARNING_CODES` tells them apart."""
    if facts.vehicle is not None:
        yield from vehicle.check(facts.vehicle, period.start(facts, today), today)
    yield from parties.check(facts, today)
    yield from drivers.check(facts, today)
    yield from period.check(facts, today)
