"""The report on an application: its price, what would change it, the price after changes.

Turns calculations into the types of the wire; calculates nothing itself.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from osago_core.application import Application
from osago_core.application.period import earliest_start
from osago_core.pricing.changes import change, use_doubts
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

SOON = timedelta(days=60)
"""Policies are concluded no longer ahead than that."""
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

    Of another day than today's the policy starts as soon after it as policies do, unless it starts
    soon after it anyway: ages and experience are those of that time. Levers are those of the
    application as it is, looked for from `today` on. Raises UnpricedError (problems of the
    application, or of the changes at paths below `changes`) or NoTariff.
    """
    tariff = book.on(on)
    application = _concluded(application, on)
    of = _priceable(rated(application, book))
    now = calculate(of.facts, tariff)
    starts_on = application.period.start_date
    changed = None
    if changes.any:
        then = _priceable(change(application, of, changes, tariff))
        changed = price_of(_doubted(application, then), calculate(then.facts, tariff), starts_on)
    return TariffReport(
        price=price_of(_doubted(application, of), now, starts_on),
        levers=levers(application, of, tariff, today),
        changed=changed,
    )


def price_of(of: Rated, calculation: Calculation, starts_on: date) -> TariffPrice:
    """Tell a calculation, with the doubts that come from the application."""
    corridor = calculation.base_rate
    doubts = (*of.doubts, *calculation.doubts)
    return TariffPrice(
        edict=calculation.edict,
        edition=date.fromisoformat(calculation.version),
        effective_from=calculation.effective_from,
        starts_on=starts_on,
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


def _concluded(application: Application, on: date) -> Application:
    """The application as it would be on that day."""
    period = application.period
    if on <= period.start_date <= on + SOON:
        return application
    moved = period.model_copy(update={"start_date": earliest_start(on)})
    return application.model_copy(update={"period": moved})


def _priceable(of: Rated | Unpriced) -> Rated:
    if isinstance(of, Unpriced):
        raise UnpricedError(of.problems)
    return of


def _doubted(application: Application, of: Rated) -> Rated:
    """Add the doubt about its months of use, which a change may take away."""
    return replace(of, doubts=(*of.doubts, *use_doubts(application, of.facts)))


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
