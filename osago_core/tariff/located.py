"""The two answers of a lookup: a territory and what decided, or why none and which it may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from osago_core.tariff.codes import By
from osago_core.tariff.territory import Territory

MAX_SUGGESTIONS = 5

_TEXTS = {
    "region_unknown": "the region is not known",
    "place_needed": "{region_en} has several territories: name the place",
    "place_unclear": "the place may be in more than one territory of {region_en}",
    "place_elsewhere": (
        "{place} stands under {elsewhere_en} in the tariff, not under {region_en}: correct the"
        " region or the place, or add a code if it is another place of that name"
    ),
    "codes_disagree": "{one} and {other} say different things",
}
_SOURCES = {"fias": "FIAS", "kladr": "KLADR", "oktmo": "OKTMO", "name": "the words"}


@dataclass(frozen=True, slots=True)
class Located:
    """The territory, and what decided: the codes in this order, else the words."""

    territory: Territory
    by: By


@dataclass(frozen=True, slots=True)
class Unsure:
    """Why the territory is not known, and which it may be, best first, at most 5.

    Codes: `region_unknown`; `place_needed` and `place_unclear` (params `region`, `region_en`);
    `place_elsewhere` (also `place`, `elsewhere`, `elsewhere_en`: a listed place of other regions);
    `codes_disagree` (params `one`, `other`: `fias`, `kladr`, `oktmo` or `name`). Nothing that was
    asked for is repeated in it: names are those of the tariff.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict, hash=False)
    suggestions: tuple[Territory, ...] = ()

    @property
    def text(self) -> str:
        """The same in English, for a person."""
        words = {name: _SOURCES.get(value, value) for name, value in self.params.items()}
        return _TEXTS[self.code].format_map(words)
