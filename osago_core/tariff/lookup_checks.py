"""Checks that codes and names in `territories.json` lead to one territory each, and whence."""

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from osago_core.tariff.book import TariffBook
from osago_core.tariff.names import RegionName, words_of
from osago_core.tariff.provenance_checks import Sources, provenance_problems
from osago_core.tariff.tables import Json

_KLADR = re.compile(r"[0-9]{11}00")
_OKTMO = re.compile(r"[0-9]{11}")
_REGION_OKTMO = re.compile(r"[0-9]{2,3}")
_COLUMNS = ("fias", "kladr", "oktmo")
_WITH_SOURCE = ("kladr", "oktmo", "former")


def lookup_problems(book: TariffBook, sources: Sources) -> Iterator[str]:
    """What would make a lookup in `territories.json` wrong, or depend on luck."""
    raw = book.read("territories.json")
    regions = raw["regions"]
    rows = [row for region in regions for row in region["territories"]]
    for column in _WITH_SOURCE:
        if any(column in row for row in rows):
            told = provenance_problems(raw.get("provenance", {}).get(column, {}), sources)
            yield from (f"{column}: {problem}" for problem in told)
    for region in regions:
        yield from _codes_of(region)
        yield from _names_of(region)
    for column in _COLUMNS:
        yield from _twice(column, (code for row in rows for code in row.get(column, ()) if code))
    yield from _twice("oktmo of a region", filter(None, (r.get("oktmo") for r in regions)))
    yield from _ambiguous(regions)


def _codes_of(region: Json) -> Iterator[str]:
    start = region.get("oktmo") or ""
    if start and not _REGION_OKTMO.fullmatch(start):
        yield f"region {region['code']}: oktmo {start!r} is not two or three digits"
    for row in region["territories"]:
        for column in _COLUMNS:
            if len(row.get(column, row.get("places", ()))) != len(row.get("places", ())):
                yield f"{row['id']}: not as many {column} as places"
        for code in filter(None, row.get("kladr", ())):
            if not (_KLADR.fullmatch(code) and code.startswith(region["code"])):
                yield f"{row['id']}: {code!r} is no KLADR code of a place in the region"
        for code in filter(None, row.get("oktmo", ())):
            if not (_OKTMO.fullmatch(code) and start and code.startswith(start)):
                yield f"{row['id']}: {code!r} is no OKTMO code of a place in the region"


def _names_of(region: Json) -> Iterator[str]:
    names = []
    for row in region["territories"]:
        places, former = row.get("places", ()), row.get("former", {})
        names += [*places, *(name for old in former.values() for name in old)]
        if not former.keys() <= set(places):
            yield f"{row['id']}: former names of places that are not listed there"
    yield from _twice(f"region {region['code']}: name", (" ".join(words_of(n)) for n in names))


def _ambiguous(regions: Iterable[Json]) -> Iterator[str]:
    official = [
        (RegionName.official(text, formal=region["ru"]), text, region["code"])
        for region in regions
        for text in (region["ru"], *region["aliases"], *region.get("former", ()))
    ]
    for (one, text, code), (other, _, other_code) in combinations(official, 2):
        if code != other_code and one.fits(other):
            yield f"{text!r} names region {code} and region {other_code}"


def _twice(what: str, values: Iterable[str]) -> Iterator[str]:
    seen = set[str]()
    for value in values:
        if value in seen:
            yield f"{what} {value!r} occurs twice"
        seen.add(value)
