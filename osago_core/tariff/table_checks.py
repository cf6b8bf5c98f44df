"""What makes one table of an edition sound: no gaps, no overlaps, nothing below zero.

Each check reads its table and gives sentences without the table's name. What cannot even be read
is raised by the reading; whoever asks puts that into words as well.
"""

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

CLAIMS = 5
"""Columns of the transitions of KBM: no claim, 1, 2, 3, more."""

FAMILIES = tuple(sorted({vehicle_class.family for vehicle_class in VehicleClass}))

_NO_ROWS = "a table without rows"


def _base_rates(edition: Edition) -> Iterator[str]:
    for vehicle_class, (low, high, _) in edition.table("TB", BaseRates).rows.items():
        if high <= 0 or (low is not None and not 0 < low <= high):
            yield f"{vehicle_class}: {low} … {high} is no corridor"


def _formulas(edition: Edition) -> Iterator[str]:
    rows = edition.table("formulas", Formulas).rows
    for case in product(Registration, FAMILIES, Owner):
        if case not in rows:
            yield f"none for {', '.join(case)}"
    for formula in rows.values():
        if unknown := set(formula.coefficients) - set(COEFFICIENTS):
            yield f"nobody knows {sorted(unknown)}"
        if not formula.coefficients or len(set(formula.coefficients)) != len(formula.coefficients):
            yield f"no formula: {', '.join(formula.coefficients)}"
        if not isinstance(formula.presumed_from, str | None):
            yield "'presumed_from' is no text"


def _bands(name: str, last: Decimal | None) -> Callable[[Edition], Iterator[str]]:
    def check(edition: Edition) -> Iterator[str]:
        rows = edition.table(name, Bands).rows
        if not rows:
            yield _NO_ROWS
            return
        yield from _positive(row.entry.value for row in rows)
        for row in rows:
            if row.to is not None and row.over >= row.to:
                yield f"no band from {row.over} to {row.to}"
        if rows[0].over != 0 or rows[-1].to != last:
            yield f"runs from {rows[0].over} to {rows[-1].to}, not from 0 to {last}"
        for one, other in pairwise(rows):
            if one.to != other.over:
                yield f"gap or overlap between {one.to} and {other.over}"

    return check


def _ages(name: str) -> Callable[[Edition], Iterator[str]]:
    def check(edition: Edition) -> Iterator[str]:
        table = edition.table(name, AgeTable)
        rows = table.rows
        if not rows or not all(row.by_experience for row in rows):
            yield _NO_ROWS
            return
        yield from _positive(value for row in rows for _, value in row.by_experience)
        yield from _positive(_values(filter(None, (table.legal_factor, table.foreign))))
        ages = [row.ages for row in rows]
        if ages[0].first != YOUNGEST_DRIVER or ages[-1].last is not None:
            yield f"ages do not run from {YOUNGEST_DRIVER} on"
        yield from _broken("ages", ages)
        for row in rows:
            experience = [years for years, _ in row.by_experience]
            yield from _broken(f"experience at {row.ages}", experience)
            longest = None if row.ages.last is None else row.ages.last - YOUNGEST_DRIVER
            last = experience[-1].last
            if experience[0].first != 0 or (last is not None and (longest or last + 1) > last):
                yield f"experience at {row.ages} does not cover every driver"

    return check


def _broken(what: str, ranges: Iterable[Years]) -> Iterator[str]:
    for one, other in pairwise(ranges):
        if one.last is None or one.last + 1 != other.first:
            yield f"{what}: gap or overlap between {one} and {other}"


def _kbm(edition: Edition) -> Iterator[str]:
    table = edition.table("KBM", KbmTable)
    if tuple(table.classes) != KBM_CLASSES or table.no_history not in table.classes:
        yield "its classes are not M, 0 … 13"
    yield from _positive((*table.classes.values(), table.unlimited.value))
    for one, other in pairwise(table.classes.values()):
        if one <= other:
            yield f"a better class costs no less ({one}, {other})"


def _transitions(edition: Edition) -> Iterator[str]:
    rows = edition.table("KBM.transition", KbmTransitions).classes
    if tuple(rows) != KBM_CLASSES or not {c for row in rows.values() for c in row} <= set(rows):
        yield "its classes are not M, 0 … 13"
    if {len(row) for row in rows.values()} != {CLAIMS}:
        yield f"a row without {CLAIMS} columns: 0, 1, 2, 3 and more claims"


def _terms(edition: Edition) -> Iterator[str]:
    table = edition.table("KP", TermTable)
    entries = (entry for _, entry in (*table.days, *table.months))
    yield from _positive(_values((*entries, table.transit)))
    for ends in ([up_to for up_to, _ in table.days], [up_to for up_to, _ in table.months]):
        if ends != sorted(set(ends)) or min(ends, default=1) < 1:
            yield f"terms out of order: {ends}"
    if not table.months or table.months[-1][0] != MONTHS_OF_A_YEAR:
        yield "does not cover a year"


def _foreign(edition: Edition) -> Iterator[str]:
    rows = edition.table("KT.foreign", ForeignTable).rows
    yield from _positive(_values(rows.values()))
    for case in product((Registration.FOREIGN, Registration.FOREIGN_UNFRIENDLY), FAMILIES):
        if case not in rows:
            yield f"no row for {', '.join(case)}"


def _trailers(edition: Edition) -> Iterator[str]:
    rows = edition.table("KPR", TrailerTable).rows
    yield from _positive(_values(rows.values()))
    for vehicle_class in sorted(set(VehicleClass) - set(rows)):
        yield f"no row for {vehicle_class}"


def _drivers(edition: Edition) -> Iterator[str]:
    """Rows may be missing (old editions), but not twice: reading them finds that out."""
    yield from _positive(_values(edition.table("KO", KoTable).rows.values()))


def _violations(edition: Edition) -> Iterator[str]:
    yield from _positive([edition.table("KN", Entry).value])


def _cap(edition: Edition) -> Iterator[str]:
    cap = edition.table("cap", Cap)
    times = (cap.times, cap.times_with_violations)
    yield from _positive(value for value in times if value is not None)


def _values(entries: Iterable[Entry]) -> Iterator[Decimal]:
    return (entry.value for entry in entries)


def _positive(values: Iterable[Decimal]) -> Iterator[str]:
    for value in values:
        if value <= 0:
            yield f"{value} is not more than 0"


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
