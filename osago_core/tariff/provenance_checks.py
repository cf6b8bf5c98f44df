"""Checks that every row says where it comes from and how sure it is, and of the sources named."""

from collections.abc import Iterator, Mapping

from osago_core.tariff.book import TariffBook
from osago_core.tariff.provenance import Confidence
from osago_core.tariff.tables import Json

Sources = frozenset[str] | None
"""The keys of `sources.json`; None where that file cannot be read, which is told by itself."""


def source_problems(book: TariffBook) -> Iterator[str]:
    """What is wrong with `sources.json`: each key stands for something that can be looked up."""
    for key, source in book.read("sources.json").items():
        if not all(isinstance(source[part], str) and source[part] for part in ("ref", "what")):
            yield f"{key}: 'ref' or 'what' is no text"


def provenance_problems(table: Json, sources: Sources) -> Iterator[str]:
    """What a row leaves out may stand at its table."""
    rows = table.get("rows", [table])
    nested = [part for part in table.values() if isinstance(part, Mapping) and "source" in part]
    for row in [*rows, *nested]:
        named = row.get("source", table.get("source"))
        if not isinstance(named, list) or not named:
            yield "a row without a list of sources"
        elif sources is not None and not sources.issuperset(named):
            yield f"sources {named!r} are not all in sources.json"
        if row.get("confidence", table.get("confidence")) not in tuple(Confidence):
            yield "a row without confidence"
        if not isinstance(row.get("note", ""), str):
            yield "a note that is no text"
