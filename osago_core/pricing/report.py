"""The report on an application: its price, what would change it, the price after changes.

Turns calculations into the types of the wire; calculates nothing itself.
"""

from collections.abc import Iterable
from datetime import date

from osago_core.application import Application
from osago_core.pricing.changes import change
from osago_core.pricing.facts import Rated, Unpriced, UnpricedError, calculate, rated
from osago_core.pricing.levers import levers
from osago_core.tariff import Calculation, CoefficientLine, Doubt, TariffBook
from osago_core.wire.tariff import (
    BaseRateCorridor,
    TariffChanges,
    TariffCoefficient,
    TariffDoubt,
    TariffPrice,
    TariffReport,
    TariffTerritory,
)

UNCHANGED = TariffChanges()


def report(
    application: Application,
    *,
    book: TariffBook,
    on: date,
    today: date,
    changes: TariffChanges = UNCHANGED,
) -> TariffReport:
    """Price an application by the tariff of the day `on`, with and without changes.

    Levers are those of the application as it is, looked for from `today` on. Raises UnpricedError
    (problems of the application, or of the changes at paths below `changes`) or NoTariff.
    """
    of = _priceable(rated(application, book))
    tariff = book.on(on)
    now = calculate(of.facts, tariff)
    changed = None
    if changes.any:
        then = _priceable(change(of, changes, tariff))
        changed = price_of(then, calculate(then.facts, tariff))
    return TariffReport(
        price=price_of(of, now),
        levers=levers(application, of, tariff, today),
        changed=changed,
    )


def price_of(of: Rated, calculation: Calculation) -> TariffPrice:
    """Tell a calculation, with the doubts that come from the application."""
    corridor = calculation.base_rate
    doubts = (*of.doubts, *calculation.doubts)
    return TariffPrice(
        edict=calculation.edict,
        edition=date.fromisoformat(calculation.version),
        effective_from=calculation.effective_from,
        vehicle_class=calculation.facts.vehicle_class.value,
        territory=_territory(of),
        base_rate=BaseRateCorridor(
            min=corridor.min,
            max=corridor.max,
            confidence=corridor.provenance.confidence.value,
            source=corridor.provenance.source,
        ),
        coefficients=tuple(_coefficient(line, of.doubts) for line in calculation.lines),
        multiplier=calculation.multiplier,
        premium_min=calculation.premium_min,
        premium_max=calculation.premium_max,
        approximate=bool(doubts),
        doubts=tuple(map(_doubt, doubts)),
    )


def _priceable(of: Rated | Unpriced) -> Rated:
    if isinstance(of, Unpriced):
        raise UnpricedError(of.problems)
    return of


def _territory(of: Rated) -> TariffTerritory | None:
    if of.territory is None or of.by is None:
        return None
    return TariffTerritory(
        id=of.territory.id,
        name=of.territory.name,
        name_ru=of.territory.name_ru,
        by=of.by,
    )


def _coefficient(line: CoefficientLine, doubts: Iterable[Doubt]) -> TariffCoefficient:
    return TariffCoefficient(
        name=line.name,
        value=line.value,
        reason=line.reason,
        params=dict(line.params),
        text=line.text,
        confidence=line.confidence.value,
        source=line.provenance.source,
        approximate=line.approximate or any(doubt.about == line.name for doubt in doubts),
    )


def _doubt(doubt: Doubt) -> TariffDoubt:
    return TariffDoubt(
        about=doubt.about, code=doubt.code, params=dict(doubt.params), text=doubt.text
    )
