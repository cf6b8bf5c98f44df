"""Names of regions brought to one form, so that only real differences remain.

Exact matching only: letter case, ё/е, Latin look-alikes, dashes, brackets and the words for
"region" do not count, everything else does.
"""

import re
import unicodedata
from typing import NamedTuple

Words = tuple[str, ...]

_WORD = re.compile(r"[0-9a-zа-я]+")
_FOLD = str.maketrans("abekmhopctyxё", "авекмнорстухе")

_REGION_KINDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("г", "гор", "город"), frozenset({"city"})),
    **dict.fromkeys(("обл", "область"), frozenset({"oblast"})),
    **dict.fromkeys(("край",), frozenset({"krai"})),
    **dict.fromkeys(("респ", "республика", "асср"), frozenset({"republic"})),
    **dict.fromkeys(("округ", "окр"), frozenset({"okrug"})),
    "ао": frozenset({"okrug", "oblast"}),  # the letters stand for both
    "аобл": frozenset({"oblast"}),
}
_REGION_FILLERS = frozenset(
    {"автономный", "автономная", "авт", "федерального", "значения", "советская", "социалистическая"}
)


class RegionName(NamedTuple):
    """What is left of a region's name: its own words, and what kind of region it says it is."""

    words: Words
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
        for word in words_of(text):
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


def words_of(text: str) -> Words:
    """Return the words of a text, folded."""
    return tuple(_WORD.findall(fold(text)))


def fold(text: str) -> str:
    """Forget letter case, ё, and which alphabet a look-alike came from: all become Cyrillic."""
    composed = unicodedata.normalize("NFC", text)  # й and ё may come as two characters
    return composed.lower().translate(_FOLD)
