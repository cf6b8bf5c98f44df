"""What makes one table of an edition sound: no gaps, no overlaps, nothing below zero."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise, product

from osago_core.tariff.coefficients import COEFFICIENTS
from osago_core.tariff.driver_tables import KBM_CLASSES, AgeTable, KbmTable, KbmTransitions, Years
from osago_core.tariff.edition import Edition
from osago_core.tariff.facts import MONTHS_OF_A_YEAR, Owner, Registration, VehicleClass
from osago_core.tariff.formula import Formulas
from osago_core.tariff.tables import (
    Bands,
    BaseRates,
    Cap,
    Entry,
    ForeignTable,
    KoTable,
    TermTable,
    TrailerTable,
)

YOUNGEST_DRIVER = 16
"""Category A1 and M; the bands of KVS start here."""

FAMILIES = tuple(sorted({vehicle_class.family for vehicle_class in VehicleClass}))


def _base_rates(edition: Edition) -> Iterator[str]:
    for vehicle_class, (low, high, _) in edition.table("TB", BaseRates).rows.items():
        if high <= 0 or (low is not None and not 0 < low <= high):
            yield f"TB: {vehicle_class}: {low} … {high} is no corridor"


def _formulas(edition: Edition) -> Iterator[str]:
    rows = edition.table("formulas", Formulas).rows
    for case in product(Registration, FAMILIES, Owner):
        if case not in rows:
            yield f"formulas: none for {', '.join(case)}"
    for formula in rows.values():
        if unknown := set(formula.coefficients) - set(COEFFICIENTS):
            yield f"formulas: nobody knows {sorted(unknown)}"


def _bands(name: str, last: Decimal | None) -> Callable[[Edition], Iterator[str]]:
    def check(edition: Edition) -> Iterator[str]:
        rows = edition.table(name, Bands).rows
        if rows[0].over != 0 or rows[-1].to != last:
            yield f"{name}: runs from {rows[0].over} to {rows[-1].to}, not from 0 to {last}"
        for one, other in pairwise(rows):
            if one.to != other.over:
                yield f"{name}: gap or overlap between {one.to} and {other.over}"

    return check


def _ages(name: str) -> Callable[[Edition], Iterator[str]]:
    def check(edition: Edition) -> Iterator[str]:
        rows = edition.table(name, AgeTable).rows
        ages = [row.ages for row in rows]
        if ages[0].first != YOUNGEST_DRIVER or ages[-1].last is not None:
            yield f"{name}: ages do not run from {YOUNGEST_DRIVER} on"
        yield from _broken(f"{name}: ages", ages)
        for row in rows:
            experience = [years for years, _ in row.by_experience]
            yield from _broken(f"{name}: experience at {row.ages}", experience)
            longest = None if row.ages.last is None else row.ages.last - YOUNGEST_DRIVER
            last = experience[-1].last
            if experience[0].first != 0 or (last is not None and (longest or last + 1) > last):
                yield f"{name}: experience at {row.ages} does not cover every driver"

    return check


def _broken(what: str, ranges: Iterable[Years]) -> Iterator[str]:
    for one, other in pairwise(ranges):
        if one.last is None or one.last + 1 != other.first:
            yield f"{what}: gap or overlap between {one} and {other}"


def _kbm(edition: Edition) -> Iterator[str]:
    table = edition.table("KBM", KbmTable)
    if tuple(table.classes) != KBM_CLASSES or table.no_history not in table.classes:
        yield "KBM: its classes are not M, 0 … 13"
    for one, other in pairwise(table.classes.values()):
        if one <= other:
            yield f"KBM: a better class costs no less ({one}, {other})"


def _transitions(edition: Edition) -> Iterator[str]:
    rows = edition.table("KBM.transition", KbmTransitions).classes
    if tuple(rows) != KBM_CLASSES or not {c for row in rows.values() for c in row} <= set(rows):
        yield "KBM.transition: its classes are not M, 0 … 13"
    if len({len(row) for row in rows.values()}) != 1:
        yield "KBM.transition: rows of different length"


def _terms(edition: Edition) -> Iterator[str]:
    table = edition.table("KP", TermTable)
    for ends in ([up_to for up_to, _ in table.days], [up_to for up_to, _ in table.months]):
        if ends != sorted(set(ends)):
            yield f"KP: terms out of order: {ends}"
    if not table.months or table.months[-1][0] != MONTHS_OF_A_YEAR:
        yield "KP: does not cover a year"


def _foreign(edition: Edition) -> Iterator[str]:
    rows = edition.table("KT.foreign", ForeignTable).rows
    for case in product((Registration.FOREIGN, Registration.FOREIGN_UNFRIENDLY), FAMILIES):
        if case not in rows:
            yield f"KT.foreign: no row for {', '.join(case)}"


def _trailers(edition: Edition) -> Iterator[str]:
    for vehicle_class in set(VehicleClass) - set(edition.table("KPR", TrailerTable).rows):
        yield f"KPR: no row for {vehicle_class}"


def _drivers(edition: Edition) -> Iterator[str]:
    """Rows may be missing (old editions), but not twice: reading them finds that out."""
    yield from _positive("KO", edition.table("KO", KoTable).rows.values())


def _violations(edition: Edition) -> Iterator[str]:
    yield from _positive("KN", [edition.table("KN", Entry)])


def _cap(edition: Edition) -> Iterator[str]:
    cap = edition.table("cap", Cap)
    if cap.times is not None and cap.times <= 0:
        yield "cap: must be more than 0"


def _positive(name: str, entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.value <= 0:
            yield f"{name}: {entry.value} is not more than 0"


CHECKS: Mapping[str, Callable[[Edition], Iterator[str]]] = {
    "TB": _base_rates,
    "formulas": _formulas,
    "KT.foreign": _foreign,
    "KBM": _kbm,
    "KBM.transition": _transitions,
    "KVS": _ages("KVS"),
    "KVS.moto": _ages("KVS.moto"),
    "KO": _drivers,
    "KM": _bands("KM", None),
    "KM.moto": _bands("KM.moto", None),
    "KS": _bands("KS", Decimal(MONTHS_OF_A_YEAR)),
    "KP": _terms,
    "KN": _violations,
    "KPR": _trailers,
    "cap": _cap,
}
"""By table name: what is wrong with that table of an edition."""
