"""Names of regions and places brought to one form, so that only real differences remain.

Exact matching only: letter case, ё/е, dashes, brackets and the words for "region" and "town" do
not count, everything else does.
"""

import re
from typing import NamedTuple

_WORD = re.compile(r"[0-9a-zа-я]+")

_REGION_KINDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("г", "гор", "город"), frozenset({"city"})),
    **dict.fromkeys(("обл", "область"), frozenset({"oblast"})),
    **dict.fromkeys(("край",), frozenset({"krai"})),
    **dict.fromkeys(("респ", "республика"), frozenset({"republic"})),
    **dict.fromkeys(("округ", "окр"), frozenset({"okrug"})),
    "ао": frozenset({"okrug", "oblast"}),  # the letters stand for both
    "аобл": frozenset({"oblast"}),
}
_REGION_FILLERS = frozenset({"автономный", "автономная", "авт", "федерального", "значения"})

_TOWN = frozenset({"г", "гор", "город"})
_NOT_A_TOWN = frozenset(
    {
        *("аул", "д", "дер", "деревня", "п", "пос", "поселок", "пгт", "рп", "с", "село"),
        *("снт", "ст", "станица", "тер", "х", "хут", "хутор"),
    }
)


class RegionName(NamedTuple):
    """What is left of a region's name: its own words, and what kind of region it says it is."""

    words: tuple[str, ...]
    kinds: frozenset[str]

    @classmethod
    def official(cls, text: str, formal: str) -> "RegionName":
        """Read a name known to be right; where it names no kind, `formal` does, else a city."""
        name = cls.parse(text)
        return cls(name.words, name.kinds or cls.parse(formal).kinds or frozenset({"city"}))

    @classmethod
    def parse(cls, text: str) -> "RegionName":
        """Read "Респ. Татарстан", "Московская обл", "г Москва"; kinds may be empty."""
        words, kinds = [], frozenset[str]()
        for word in _words(text):
            if word in _REGION_KINDS:
                kinds |= _REGION_KINDS[word]
            elif word not in _REGION_FILLERS:
                words.append(word)
        return cls(tuple(words), kinds)

    def fits(self, official: "RegionName") -> bool:
        """Whether this may be the region; "Москва обл." is not Moscow."""
        if self.words != official.words:
            return False
        return not self.kinds or bool(self.kinds & official.kinds)


def place_key(text: str) -> tuple[str, ...] | None:
    """Return the words of a town's name, or None for a village or settlement: those have no row.

    A name without a kind is taken for the town: "Казань" is "г. Казань", "с. Казань" is not.
    """
    words = _words(text)
    if len(words) < 2:  # noqa: PLR2004  # a lone word is the name itself
        return words or None
    for kind, name in ((words[0], words[1:]), (words[-1], words[:-1])):
        if kind in _TOWN:
            return name
        if kind in _NOT_A_TOWN:
            return None
    return words


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower().replace("ё", "е")))
