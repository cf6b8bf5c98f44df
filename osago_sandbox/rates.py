"""How an insurer picks its base rate inside the corridor: a share of the way from min to max."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from osago_core.money import to_kopecks
from osago_sandbox.request import Request

_MEGACITIES = ("москва", "санкт-петербург", "московская", "ленинградская")
_YOUNG, _NEWCOMER, _SENIOR = 25, 3, 60
_POWERFUL_HP = 150
_OLD_VEHICLE = 10
_SCORING = 30  # thousandths of the corridor, up or down: what only the insurer knows


def megacity(request: Request) -> bool:
    """The owner lives in one of the two capitals or beside them."""
    return any(name in request.owner.region.casefold() for name in _MEGACITIES)


SEGMENTS: Mapping[str, Callable[[Request], bool]] = {
    "megacity": megacity,
    "young": lambda request: (request.youngest_age or _YOUNG) < _YOUNG,
    "newcomer": lambda request: (
        request.least_experience is not None and request.least_experience < _NEWCOMER
    ),
    "senior": lambda request: (request.youngest_age or 0) >= _SENIOR,
    "unlimited": lambda request: request.drivers is None,
    "careful": lambda request: (
        bool(request.drivers)
        and all(driver.kbm_class in {"12", "13"} for driver in request.drivers or ())
    ),
    "powerful": lambda request: (request.vehicle.power_hp or 0) > _POWERFUL_HP,
    "old_vehicle": lambda request: request.vehicle_age > _OLD_VEHICLE,
    "company": lambda request: request.owner.kind == "company",
    "taxi": lambda request: request.vehicle.use == "taxi",
}
"""The kinds of client that insurers tell apart."""


@dataclass(frozen=True, slots=True)
class Rates:
    """An insurer's price list.

    `usual` is the share of the corridor (0 = lowest lawful base rate, 1 = highest) for a client
    of no segment; `by_segment` adds to it or takes from it. `commission` is the agent's share of
    the premium.
    """

    usual: Decimal
    by_segment: Mapping[str, Decimal] = field(default_factory=dict)
    commission: Decimal = Decimal("0.10")

    def commission_on(self, premium: Decimal) -> Decimal:
        """The agent's commission in roubles and kopecks."""
        return to_kopecks(premium * self.commission)

    def base_rate(self, request: Request, low: Decimal, high: Decimal, scoring: Random) -> Decimal:
        """Whole roubles within [low, high]."""
        share = self.usual + Decimal(scoring.randint(-_SCORING, _SCORING)) / 1000
        share += sum(
            (more for segment, more in self.by_segment.items() if SEGMENTS[segment](request)),
            Decimal(0),
        )
        share = min(max(share, Decimal(0)), Decimal(1))
        return (low + (high - low) * share).quantize(Decimal(1), rounding=ROUND_HALF_UP)
