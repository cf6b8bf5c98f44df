"""Checks of the tariff's files: everything wrong with a folder, in sentences, all at once.

For tests of the shipped data, and for whoever points the program at a folder of their own.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product

from osago_core.money import KOPECK
from osago_core.tariff.book import TariffBook
from osago_core.tariff.edition import Edition
from osago_core.tariff.errors import NoTariff
from osago_core.tariff.facts import Owner, RatedDriver, RatedFacts, VehicleClass
from osago_core.tariff.provenance import Confidence
from osago_core.tariff.table_checks import CHECKS
from osago_core.tariff.tables import Json
from osago_core.tariff.tariff import Tariff

_LEGAL_ONLY = frozenset({VehicleClass.CAR_LEGAL})


def problems(book: TariffBook) -> tuple[str, ...]:
    """Everything wrong with the files of a book; empty = sound."""
    sources = frozenset(book.read("sources.json"))
    found = list(_territory_problems(book))
    for version in book.versions:
        edition = book.edition(version)
        if edition.version != version:
            found.append(f"editions/{version}: calls itself {edition.version}")
        found += [f"editions/{version}: {p}" for p in _edition_problems(book, edition, sources)]
    for path in sorted((book.folder / "kt").glob("*.json")):
        found += [f"kt/{path.stem}: {p}" for p in _rate_problems(book, path.stem, sources)]
    return tuple(found)


def gaps(tariff: Tariff, territory_ids: tuple[str, ...]) -> tuple[tuple[str, NoTariff], ...]:
    """Every territory x vehicle class that cannot be calculated, with the table it lacks."""
    found = []
    for territory_id, vehicle_class in product(territory_ids, VehicleClass):
        try:
            tariff.calculate(_sample(territory_id, vehicle_class))
        except NoTariff as gap:
            found.append((f"{territory_id} {vehicle_class}", gap))
    return tuple(found)


def _sample(territory_id: str, vehicle_class: VehicleClass) -> RatedFacts:
    return RatedFacts(
        vehicle_class=vehicle_class,
        owner=Owner.LEGAL if vehicle_class in _LEGAL_ONLY else Owner.INDIVIDUAL,
        territory_id=territory_id,
        power_hp=Decimal(100),
        drivers=(RatedDriver(age=40, experience=15, kbm_class="3"),),
    )


def _territory_problems(book: TariffBook) -> Iterator[str]:
    by_region: dict[str, list[str]] = {}
    for territory in book.gazetteer.territories:
        by_region.setdefault(territory.region_code, []).append(territory.scope)
        if (territory.scope == "places") != bool(territory.places):
            yield f"territories: {territory.id} lists places or is not of scope places, not both"
    for code, scopes in by_region.items():
        if scopes != ["whole"] and scopes.count("rest") != 1:
            yield f"territories: region {code} is neither whole nor has exactly one rest"
    if len(book.gazetteer.by_id) != len(book.gazetteer.territories):
        yield "territories: an id occurs twice"


def _edition_problems(book: TariffBook, edition: Edition, sources: frozenset[str]) -> Iterator[str]:
    if edition.edict_from.isoformat() > edition.version:
        yield "the edict starts after its tables"
    for origins in edition.raw.get("kt", {}).values():
        for origin in origins:
            if not (book.folder / f"kt/{origin}.json").exists():
                yield f"there is no kt/{origin}.json"
    tables, elsewhere = edition.raw["tables"], edition.raw["tables_from"]
    for name in set(tables) & set(elsewhere):
        yield f"{name} stands here and elsewhere"
    for name, origin in elsewhere.items():
        if origin >= edition.version or name not in book.edition(origin).raw["tables"]:
            yield f"{name} is not in the older edition {origin}"
    for name, table in tables.items():
        yield from (f"{name}: {problem}" for problem in _provenance_problems(table, sources))
        yield from _table_problems(edition, name)


def _table_problems(edition: Edition, name: str) -> Iterator[str]:
    check = CHECKS.get(name)
    if check is None:
        yield f"{name}: no table of this name is known"
        return
    try:
        yield from check(edition)
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        yield f"{name}: cannot be read: {error!r}"


def _rate_problems(book: TariffBook, version: str, sources: frozenset[str]) -> Iterator[str]:
    rows = book.read(f"kt/{version}.json")["rows"]
    if len(book.territory_rows(version)) != len(rows):
        yield "a territory occurs twice"
    for row in rows:
        if row["id"] not in book.gazetteer.by_id:
            yield f"{row['id']}: no such territory"
        yield from (f"{row['id']}: {problem}" for problem in _provenance_problems(row, sources))
        for column in ("car", "tractor"):
            yield from _value_problems(row, column)


def _value_problems(row: Json, column: str) -> Iterator[str]:
    if row[column] is None:
        return
    value, multiplier = Decimal(row[column]), Decimal(row.get("multiplier", 1))
    base = value / multiplier
    if value <= 0 or base != base.quantize(KOPECK):
        yield f"{row['id']}: {column} {value} is no product of two decimals and {multiplier}"


def _provenance_problems(table: Json, sources: frozenset[str]) -> Iterator[str]:
    """Every row must say where it comes from; what it leaves out may stand at its table."""
    rows = table.get("rows", [table])
    nested = [value for value in table.values() if isinstance(value, Mapping) and "value" in value]
    for row in [*rows, *nested]:
        named = row.get("source", table.get("source", ()))
        if not named or not sources.issuperset(named):
            yield f"sources {named!r} are not all in sources.json"
        if row.get("confidence", table.get("confidence")) not in tuple(Confidence):
            yield "a row without confidence"
