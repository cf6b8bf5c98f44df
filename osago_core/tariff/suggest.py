"""Names of territories near to what somebody wrote: typos, Latin letters, parts of names.

For suggestions only, never to decide. Nearness is a number up to 1; what is too far is left out.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple, TypeVar

from osago_core.tariff.territory import Region, Territory

_Found = TypeVar("_Found", Region, Territory)

_NEAR = 0.75
"""Below this names only happen to share letters: "Кахань" is 0.8 of "Казань", "Рязань" 0.73."""
_FAR_BEHIND = 0.15  # what is so much further than the nearest is left out as well
_PART = 0.9  # "Челны", "Н. Новгород"
_OTHER_KIND = 0.2  # "Москва обл." is rather Московская область
_NO_KIND = 0.01  # "Moscow" is rather the town than the oblast
_FEWEST_LETTERS = 4  # of a part of a name that says something: not "на", "Усть"
_MOST_WORDS = 20

_WORD = re.compile(r"[a-z0-9]+")
_CYRILLIC = str.maketrans("абвгдеёзийклмнопрстуфхцыэ", "abvgdeeziiklmnoprstufhcie", "ъь") | {
    ord(letter): letters
    for letter, letters in {
        "ж": "zh",
        "ч": "ch",
        "ш": "sh",
        "щ": "sh",
        "ю": "iu",
        "я": "ia",
    }.items()
}
_LATIN = (
    *(("shch", "sh"), ("sch", "sh"), ("kh", "h"), ("ts", "c"), ("ye", "e"), ("yo", "e")),
    *(("yu", "iu"), ("ya", "ia"), ("ju", "iu"), ("ja", "ia"), ("je", "e"), ("w", "v"), ("x", "ks")),
    *(("y", "i"), ("j", "i"), ("q", "k"), ("ie", "e")),
)
"""Ways to spell Russian in Latin letters, brought to one; "Ekaterinburg" = "Yekaterinburg"."""
_TWICE = re.compile(r"(.)\1+")
_ADJECTIVE = re.compile(r"sk(?:ii?|aia|oe)$")

_KINDS = {
    **dict.fromkeys(("g", "gor", "gorod", "citi"), "city"),
    **dict.fromkeys(("obl", "oblast", "region"), "oblast"),
    **dict.fromkeys(("krai", "teritori"), "krai"),
    **dict.fromkeys(("resp", "respublika", "republic", "asr"), "republic"),
    **dict.fromkeys(("ao", "okrug"), "okrug"),
    **dict.fromkeys(("of", "avtonomni", "avtonomnaia", "autonomous"), ""),
}
"""Words for "region" and "town" in the form that `_latin` gives them."""


_SHORT = {"mo": "50", "lo": "47", "piter": "78"}
"""What people say for a region, in the form that `_latin` gives it, and the region's code."""


class _Name(NamedTuple):
    words: tuple[str, ...]
    joined: str
    letters: frozenset[str]
    kind: str

    @classmethod
    def of(cls, text: str) -> "_Name":
        found = [_latin(word) for word in _words(text)]
        words = tuple(word for word in found if word not in _KINDS)
        kind = next((_KINDS[word] for word in found if _KINDS.get(word)), "")
        joined = "".join(words)
        return cls(words, joined, frozenset(joined), kind)


class Suggester:
    """Every name a region or a listed place goes by, ready to be compared."""

    def __init__(self, regions: Iterable[Region]) -> None:
        """Bring all names to one form."""
        self._regions: list[tuple[_Name, str, Region]] = []
        self._places: dict[str, list[tuple[_Name, Territory]]] = {}
        for region in regions:
            kind = _Name.of(region.ru).kind or "city"
            self._regions += [(name, name.kind or kind, region) for name in _names_of(region)]
            self._places[region.code] = [
                (_Name.of(name), territory)
                for territory in region.territories
                for place, former in zip(territory.places, territory.former, strict=True)
                for name in (place, *former)
            ]

    def regions(self, text: str) -> tuple[Region, ...]:
        """Regions called nearly so, the nearest first."""
        asked = _Name.of(text)
        if (code := _SHORT.get(asked.joined)) is not None:
            return tuple({r.code: r for _, _, r in self._regions if r.code == code}.values())
        scored = [
            (_whole(asked, name) - _other_kind(asked, name, kind), region)
            for name, kind, region in self._regions
        ]
        return _nearest(scored)

    def places(self, text: str, code: str | None = None) -> tuple[Territory, ...]:
        """Territories that list a place called nearly so, the nearest first; `code`: there only."""
        asked = _Name.of(text)
        return _nearest([(_any(asked, name), where) for name, where in self._named(code)])

    def _named(self, code: str | None) -> Iterator[tuple[_Name, Territory]]:
        if code is not None:
            return iter(self._places[code])
        return (pair for pairs in self._places.values() for pair in pairs)


def _nearest(scored: list[tuple[float, _Found]]) -> tuple[_Found, ...]:
    best = max((score for score, _ in scored), default=0)
    least = max(_NEAR, best - _FAR_BEHIND)
    near = sorted((-score, at) for at, (score, _) in enumerate(scored) if score >= least)
    return tuple(dict.fromkeys(scored[at][1] for _, at in near))


def _names_of(region: Region) -> Iterator[_Name]:
    """All names of a region, also as one would form them from its chief town: "Рязань обл."."""
    for text in (region.ru, region.en, *region.aliases, *region.former):
        name = _Name.of(text)
        yield name
        stem = _ADJECTIVE.sub("", name.joined)
        if stem != name.joined:
            yield _Name((stem,), stem, frozenset(stem), name.kind)


def _other_kind(asked: _Name, name: _Name, kind: str) -> float:
    if asked.kind:
        return 0 if asked.kind == kind else _OTHER_KIND
    return _NO_KIND if name.kind else 0


def _whole(asked: _Name, name: _Name) -> float:
    return _ratio(asked.joined, name.joined, asked.letters, name.letters)


def _any(asked: _Name, name: _Name) -> float:
    """How near to the name any stretch of the text is that has as many words."""
    size, words = len(name.words), asked.words[:_MOST_WORDS]
    if words and _is_part(words, name.words):
        return max(_PART, _whole(asked, name))
    best = _whole(asked, name)
    if len(words) > size:
        for start in range(len(words) - size + 1):
            joined = "".join(words[start : start + size])
            best = max(best, _ratio(joined, name.joined, frozenset(joined), name.letters))
    return best


def _is_part(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    if len(words) < len(name):
        return any(len(word) >= _FEWEST_LETTERS and word in name for word in words)
    shortened = len(words) == len(name) and len(words) > 1
    return shortened and all(map(str.startswith, name, words))


def _ratio(one: str, other: str, letters: frozenset[str], others: frozenset[str]) -> float:
    if one == other:
        return float(bool(one))
    # Cheap: half of the letters at least must be the same for the texts to be near.
    if 2 * len(letters & others) < max(len(letters), len(others)):
        return 0
    longer = max(len(one), len(other))
    if min(len(one), len(other)) * 2 < longer:
        return 0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _words(text: str) -> list[str]:
    composed = unicodedata.normalize("NFC", text).lower().replace("'", "").replace("’", "")
    return _WORD.findall(composed.translate(_CYRILLIC))


def _latin(word: str) -> str:
    for spelled, one in _LATIN:
        word = word.replace(spelled, one)
    return _TWICE.sub(r"\1", word)
