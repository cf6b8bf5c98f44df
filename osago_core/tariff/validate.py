"""Checks of the tariff's files: everything wrong with a folder, in sentences, all at once.

For tests of the shipped data, and for whoever points the program at a folder of their own.
Whatever stands in the folder, it never raises; what it finds nothing wrong with can be calculated
with, or names the table that is missing.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

from osago_core.tariff.book import TariffBook
from osago_core.tariff.checking import UNREADABLE, reason, told
from osago_core.tariff.edition import Edition
from osago_core.tariff.errors import NoTariff
from osago_core.tariff.facts import Owner, RatedDriver, RatedFacts, VehicleClass
from osago_core.tariff.lookup_checks import lookup_problems
from osago_core.tariff.provenance import Confidence
from osago_core.tariff.provenance_checks import Sources, provenance_problems, source_problems
from osago_core.tariff.table_checks import CHECKS
from osago_core.tariff.tables import Json
from osago_core.tariff.tariff import Tariff
from osago_core.tariff.territory_checks import rate_problems, territory_problems

_LEGAL_ONLY = frozenset({VehicleClass.CAR_LEGAL})
_ORIGINS_OF_KT = ("rows_from", "assumed_from")


def problems(book: TariffBook) -> tuple[str, ...]:
    """Everything wrong with the files of a book; empty = sound."""
    return tuple(dict.fromkeys(_problems(book)))  # several rows may lack the same


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


def _problems(book: TariffBook) -> Iterator[str]:
    try:
        editions, rates = _days(book.folder / "editions"), _days(book.folder / "kt")
    except UNREADABLE as error:
        where = getattr(error, "filename", None) or book.folder
        yield f"{where}: {reason(error)}"
        return
    if not editions:
        yield "editions: there is none"
    yield from told("sources", source_problems, book)
    sources = _sources(book)
    yield from told("territories", territory_problems, book, sources)
    yield from told("territories", lookup_problems, book, sources)
    for version in editions:
        yield from told(f"editions/{version}", _edition, book, version, sources)
    territories = _territory_ids(book)
    for version in rates:
        yield from told(f"kt/{version}", rate_problems, book, version, territories, sources)


def _days(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.iterdir() if path.suffix == ".json"))


def _sources(book: TariffBook) -> Sources:
    try:
        return frozenset(book.read("sources.json"))
    except UNREADABLE:  # told where the sources are checked
        return None


def _territory_ids(book: TariffBook) -> frozenset[str] | None:
    try:
        return frozenset(book.gazetteer.by_id)
    except UNREADABLE:  # told where the territories are checked
        return None


def _edition(book: TariffBook, version: str, sources: Sources) -> Iterator[str]:
    if version != _iso(version):
        yield "the name of the file is no day such as 2026-01-31"
    edition = book.edition(version)
    if edition.version != version:
        yield f"calls itself {edition.version}"
        return
    if not (isinstance(edition.raw["edict"], str) and edition.edict):
        yield "'edict' is no text"
    if edition.raw["confidence"] not in tuple(Confidence):
        yield "'confidence' is none of high, medium, low"
    if edition.edict_from.isoformat() > version:
        yield "the edict starts after its tables"
    yield from told("kt", _origins_of_kt, book, edition)
    tables, elsewhere = edition.raw["tables"], edition.raw["tables_from"]
    for name in set(tables) & set(elsewhere):
        yield f"{name} stands here and elsewhere"
    for name, origin in elsewhere.items():
        yield from told(name, _older, book, edition, name, origin)
    for name, table in tables.items():
        yield from told(name, _table, edition, name, table, sources)


def _iso(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _origins_of_kt(book: TariffBook, edition: Edition) -> Iterator[str]:
    for key, origins in edition.raw.get("kt", {}).items():
        if key not in _ORIGINS_OF_KT or not isinstance(origins, list):
            yield f"{key!r} is none of {', '.join(_ORIGINS_OF_KT)}, or no list"
            continue
        for origin in origins:
            if not (book.folder / f"kt/{origin}.json").exists():
                yield f"there is no kt/{origin}.json"


def _older(book: TariffBook, edition: Edition, name: str, origin: str) -> Iterator[str]:
    if origin >= edition.version or name not in book.edition(origin).raw["tables"]:
        yield f"{name} is not in the older edition {origin}"


def _table(edition: Edition, name: str, table: Json, sources: Sources) -> Iterator[str]:
    yield from provenance_problems(table, sources)
    if name in CHECKS:
        yield from CHECKS[name](edition)
    else:
        yield "no table of this name is known"
