"""What every coefficient function works with: the edition, the territories, the facts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from osago_core.tariff.calculation import CoefficientLine, Doubt
from osago_core.tariff.edition import Edition
from osago_core.tariff.errors import NoTariff
from osago_core.tariff.facts import RatedFacts, VehicleClass
from osago_core.tariff.provenance import GIVEN, Confidence
from osago_core.tariff.tables import Entry
from osago_core.tariff.territory import Gazetteer


class Rating(NamedTuple):
    """One calculation under way."""

    edition: Edition
    gazetteer: Gazetteer
    facts: RatedFacts

    def by_family(self, table: str) -> str:
        """Name the motorcycles' own table, where they have one in this edition."""
        own = f"{table}.moto"
        moto = self.facts.vehicle_class is VehicleClass.MOTO
        return own if moto and self.edition.has(own) else table

    def missing(self, table: str, detail: str) -> NoTariff:
        """Make the error for a row that this edition's table lacks."""
        return NoTariff(table, self.edition.version, detail)


def line(
    name: str,
    entry: Entry,
    reason: str,
    params: Mapping[str, str] | None = None,
    doubts: tuple[Doubt, ...] = (),
) -> CoefficientLine:
    """Build a line; a row of low confidence is a doubt where no other one explains it."""
    provenance = entry.provenance
    if provenance.confidence is Confidence.LOW and not doubts:
        doubts = (Doubt(name, "low_confidence", {"source": ", ".join(provenance.source)}),)
    return CoefficientLine(name, entry.value, reason, params or {}, provenance, doubts)


def given(name: str, value: Decimal) -> CoefficientLine:
    """Build a line whose value the caller brought along."""
    return line(name, Entry(value, GIVEN), "given")
