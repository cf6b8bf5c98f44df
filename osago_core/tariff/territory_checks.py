"""Checks of the territories and of their KT: `territories.json` and the files of `kt/`."""

from collections.abc import Iterator

from osago_core.money import KOPECK
from osago_core.tariff.book import TariffBook
from osago_core.tariff.checking import told
from osago_core.tariff.provenance_checks import Sources, provenance_problems
from osago_core.tariff.tables import Json, decimal_of

SCOPES = ("whole", "places", "rest")
CODES = ("fias", "kladr", "oktmo")
"""What a territory may list of its places, in their order; None = not known."""
_CODE_DIGITS = 2  # of KLADR


def territory_problems(book: TariffBook, sources: Sources) -> Iterator[str]:
    """What is wrong with `territories.json`."""
    content = book.read("territories.json")
    for what, origin in content.get("provenance", {}).items():
        yield from told(what, provenance_problems, origin, sources)
    seen = set[str]()
    for number, region in enumerate(content["regions"], start=1):
        yield from told(f"region {number}", _region, region, seen)
    if len(book.gazetteer.by_id) != len(book.gazetteer.territories):
        yield "an id occurs twice"
    book.gazetteer.locate("", "")  # its indexes are made at the first lookup


def rate_problems(
    book: TariffBook, version: str, territories: frozenset[str] | None, sources: Sources
) -> Iterator[str]:
    """What is wrong with a file of `kt/`. `territories`: their ids, None where nobody knows."""
    content: object = book.read(f"kt/{version}.json")
    if not (isinstance(content, dict) and isinstance(content.get("rows"), list)):
        yield "no table of rows"
        return
    if content["version"] != version:
        yield f"calls itself {content['version']}"
    rows = content["rows"]
    if len(book.territory_rows(version)) != len(rows):
        yield "a territory occurs twice"
    for row in rows:
        yield from told(str(row["id"]), _row, row, territories, sources)


def _region(region: Json, seen: set[str]) -> Iterator[str]:
    yield from _texts(region, "code", "iso", "ru", "en")
    yield from _texts({"fias": None, "oktmo": None, **region}, "fias", "oktmo", optional=True)
    yield from _lists(region, "aliases", "former")
    code = region["code"]
    if not (len(code) == _CODE_DIGITS and code.isdecimal()) or code in seen:
        yield f"{code!r} is no code of its own of two digits"
    seen.add(code)
    rows = region["territories"]
    for row in rows:
        yield from told(row["id"], _territory, row)
    scopes = [row["scope"] for row in rows]
    if scopes != ["whole"] and ("whole" in scopes or scopes.count("rest") != 1):
        yield f"region {code} is neither whole nor has exactly one rest"


def _territory(row: Json) -> Iterator[str]:
    yield from _texts(row, "id", "scope")
    yield from _lists(row, "places")
    if row["scope"] not in SCOPES:
        yield f"its scope is none of {', '.join(SCOPES)}"
    places = row.get("places", [])
    if (row["scope"] == "places") != bool(places):
        yield "lists places or is not of scope places, not both"
    for key in CODES:
        codes = row.get(key) or [None] * len(places)
        if not isinstance(codes, list) or len(codes) != len(places):
            yield f"{key!r} does not list a code for each place"
        elif not all(code is None or _is_text(code) for code in codes):
            yield f"{key!r} lists what is no code"
    former = row.get("former", {})
    yield from _lists(former, *former)
    if not set(former) <= set(places):
        yield "has former names of a place that is not listed"


def _texts(row: Json, *keys: str, optional: bool = False) -> Iterator[str]:
    for key in keys:
        if not (_is_text(row[key]) or (optional and row[key] is None)):
            yield f"{key!r} is no text"


def _lists(row: Json, *keys: str) -> Iterator[str]:
    for key in keys:
        items = row.get(key, [])
        if not isinstance(items, list) or not all(map(_is_text, items)):
            yield f"{key!r} is no list of texts"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _row(row: Json, territories: frozenset[str] | None, sources: Sources) -> Iterator[str]:
    if territories is not None and row["id"] not in territories:
        yield "no such territory"
    yield from provenance_problems(row, sources)
    multiplier = row.get("multiplier")
    times = decimal_of(1 if multiplier is None else multiplier)
    for column in ("car", "tractor"):
        if row[column] is not None:
            value = decimal_of(row[column])
            if value <= 0 or times <= 0 or value / times != (value / times).quantize(KOPECK):
                yield f"{column} {value} is no product of two decimals and {times}"
