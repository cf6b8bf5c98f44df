"""Where a number comes from and how sure it is. Every row of every table has one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Confidence(StrEnum):
    """How sure a row is: `low` means one weak source or a derived number."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Provenance(NamedTuple):
    """`source` are keys of `data/sources.json`; `note` is for people."""

    source: tuple[str, ...]
    confidence: Confidence
    note: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any], table: Mapping[str, Any] | None = None) -> "Provenance":
        """Read the row's own provenance; what it leaves out stands at its table."""
        both = {**(table or {}), **row}
        return cls(tuple(both["source"]), Confidence(both["confidence"]), both.get("note"))


def weaker(one: Provenance, other: Provenance) -> Provenance:
    """Return the less sure of two: a number made of both is no surer than that."""
    order = tuple(Confidence)
    return max(one, other, key=lambda provenance: order.index(provenance.confidence))


GIVEN = Provenance((), Confidence.HIGH)
"""For values the caller brought along."""
