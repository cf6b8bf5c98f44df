"""The tariff of a day: from facts to a calculation."""

from datetime import date
from decimal import Decimal
from math import prod

from osago_core.tariff.calculation import Calculation, CoefficientLine, Doubt
from osago_core.tariff.coefficients import COEFFICIENTS
from osago_core.tariff.driver_tables import KbmTable, KbmTransitions
from osago_core.tariff.edition import Edition
from osago_core.tariff.errors import NoTariff
from osago_core.tariff.facts import RatedFacts, VehicleClass
from osago_core.tariff.formula import Formula, Formulas
from osago_core.tariff.provenance import Confidence
from osago_core.tariff.rating import Rating
from osago_core.tariff.tables import BaseRate, BaseRates, Cap
from osago_core.tariff.territory import Gazetteer

_ONE = Decimal(1)


class Tariff:
    """Everything in force on one day. Immutable; build it with `tariff_on` or `TariffBook.on`."""

    def __init__(self, edition: Edition, gazetteer: Gazetteer) -> None:
        """Bind an edition to the territories it speaks of."""
        self._edition = edition
        self._gazetteer = gazetteer

    @property
    def version(self) -> str:
        """ISO date of the tables in use."""
        return self._edition.version

    @property
    def edict(self) -> str:
        """The edict in force, e.g. "7204-U"."""
        return self._edition.edict

    @property
    def effective_from(self) -> date:
        """The day the edict came into force."""
        return self._edition.edict_from

    def calculate(self, facts: RatedFacts) -> Calculation:
        """Price a policy.

        Raises NoTariff (a table is missing) or BadFacts (the facts make no sense).
        """
        base_rate = self.base_rate(facts.vehicle_class)
        formula = self._formula(facts)
        rating = Rating(self._edition, self._gazetteer, facts)
        lines = tuple(COEFFICIENTS[name](rating) for name in formula.coefficients)
        product = prod((line.value for line in lines), start=_ONE)
        return Calculation(
            version=self.version,
            edict=self.edict,
            effective_from=self.effective_from,
            facts=facts,
            base_rate=base_rate,
            lines=lines,
            product=product,
            multiplier=self._capped(product, lines, facts),
            doubts=_doubts(base_rate, formula, lines),
        )

    def base_rate(self, vehicle_class: VehicleClass) -> BaseRate:
        """Return the corridor of the base rate. Raises NoTariff where a bound is not known."""
        found = self._edition.table("TB", BaseRates).find(vehicle_class)
        if found is None:
            raise NoTariff("TB", self.version, f"the corridor of {vehicle_class} is not known")
        return found

    def kbm(self, kbm_class: str | None) -> Decimal:
        """Return the value of a bonus-malus class; None = a driver without history."""
        return self._edition.table("KBM", KbmTable).find(kbm_class)

    def next_kbm_class(self, kbm_class: str, claims: int) -> str:
        """Return the class from 1 April on, after a KBM year with so many claims."""
        return self._edition.table("KBM.transition", KbmTransitions).after(kbm_class, claims)

    def _formula(self, facts: RatedFacts) -> Formula:
        case = (facts.registration, facts.vehicle_class.family, facts.owner)
        formula = self._edition.table("formulas", Formulas).rows.get(case)
        if formula is None:
            raise NoTariff("formulas", self.version, f"none for {', '.join(case)}")
        return formula

    def _capped(
        self, product: Decimal, lines: tuple[CoefficientLine, ...], facts: RatedFacts
    ) -> Decimal:
        cap = self._edition.table("cap", Cap)
        times = cap.times_with_violations if facts.gross_violations else cap.times
        if times is None:
            return product
        kt = next((line.value for line in lines if line.name == "kt"), _ONE)
        return min(product, times * kt)


def _doubts(
    base_rate: BaseRate, formula: Formula, lines: tuple[CoefficientLine, ...]
) -> tuple[Doubt, ...]:
    doubts = [doubt for line in lines for doubt in line.doubts]
    if base_rate.provenance.confidence is Confidence.LOW:
        sources = ", ".join(base_rate.provenance.source)
        doubts.insert(0, Doubt("base_rate", "low_confidence", {"source": sources}))
    if formula.presumed_from is not None:
        doubts.insert(0, Doubt("formula", "presumed_from", {"since": formula.presumed_from}))
    return tuple(doubts)
