"""Roubles and kopecks: the one place that rounds. Standard library only."""

from decimal import ROUND_HALF_UP, Decimal

KOPECK = Decimal("0.01")


def to_kopecks(amount: Decimal) -> Decimal:
    """Round an amount in roubles once, half up, to kopecks.

    The rule of published premiums: 21874.816 is printed as 21874.82, intermediate products stay
    unrounded (source key RND in `tariff/data/sources.json`).
    """
    return amount.quantize(KOPECK, rounding=ROUND_HALF_UP)
