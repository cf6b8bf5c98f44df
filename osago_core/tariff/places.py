"""Names of places as people write them: "г. Казань", "Респ Татарстан, г Казань, ул Баумана, д 1".

What is certain is taken off: words for "town" and "village", what stands around the place before
its name, streets and houses after a comma. Where more than one name may be left there is no name.
"""

from collections.abc import Callable, Container, Iterator
from itertools import takewhile
from typing import NamedTuple

from osago_core.tariff.names import Words, words_of


def _phrases(text: str) -> frozenset[Words]:
    return frozenset(words_of(phrase) for phrase in text.split(","))


_TOWN = _phrases("г, гор, город, г о, го, городской округ, город герой, город курорт, г п, гп")
_VILLAGE = _phrases(
    "аул, д, дер, деревня, п, пос, поселок, поселок городского типа, п г т, пгт, р п, рп,"
    " рабочий поселок, дачный поселок, д п, дп, курортный поселок, к п, кп, с п, с, село,"
    " сельское поселение, снт, ст, ст ца, станица, станция, ж д ст, ж д станция, разъезд, тер,"
    " х, хут, хутор"
)
_STREET = _phrases(
    "ул, улица, пр, пр т, пр кт, просп, проспект, пр д, проезд, пер, переулок, пл, площадь, б р,"
    " бул, бульвар, ш, шоссе, наб, набережная, туп, тупик, мкр, мкрн, микрорайон, кв л, корп,"
    " корпус, стр, строение, кв, квартира, оф, офис"
)
_DISTRICT = _phrases("р н, район")
_REGION = _phrases("обл, область, край, респ, республика, округ")
_COUNTRY = _phrases("россия, рф, российская федерация")
_HOUSE = frozenset({"д", "дом"})
_POSTCODE_DIGITS = 6
_LONG_NAME = 8  # letters; in a longer name two slips still leave no doubt what may be meant
_LONGEST_HOUSE = 4  # "12", "5а", "101б"; one word of a number such as "12 стр 3"

_IS_VILLAGE = {kind: kind in _VILLAGE for kind in (*_TOWN, *_VILLAGE)}
_NOT_BESIDE_A_VILLAGE = frozenset({*_TOWN, *_STREET})
_NOT_BESIDE_A_NAME = frozenset({*_IS_VILLAGE, *_STREET, *_DISTRICT, *_REGION})
_LENGTHS = sorted({len(kind) for kind in _NOT_BESIDE_A_NAME}, reverse=True)
"""Longest first: "г о" is tried before "г"."""

_EPITHETS = (
    *("нов", "стар", "больш", "мал", "красн", "бел", "черн", "зелен", "верхн", "нижн", "средн"),
    *("дальн", "ближн", "сосн", "дуб", "берез", "липов", "елов", "высок", "светл", "чист"),
)
"""How the first words of village names begin: "Красный Бор" is one name, not two."""

_ADJECTIVES = ("ий", "ый", "ой", "ая", "ое", "ые", "ие")


class PlaceName(NamedTuple):
    """The words of one place's name. `village`: the text itself says that it is no town."""

    words: Words
    village: bool

    @classmethod
    def parse(cls, text: str, is_region: Callable[[str], bool]) -> "PlaceName | None":
        """Read what a person wrote; None where it is not the name of exactly one place.

        `is_region` says whether a part of the text is the region around the place. A name without
        a kind may be a town's: "Казань" is "г. Казань", "с. Казань" is not.
        """
        parts = [(part, words_of(part)) for part in text.replace(";", ",").split(",")]
        inside = [
            words
            for part, words in parts
            if words and not _is_around(words) and not is_region(part)
        ]
        names = {_named(words) for words in takewhile(_is_no_tail, inside)}
        return names.pop() if len(names) == 1 else None

    @property
    def is_adjective(self) -> bool:
        """Whether it describes a settlement, as the names of many do: "посёлок Октябрьский"."""
        return self.words[-1].endswith(_ADJECTIVES)

    def resembles(self, town: Words) -> bool:
        """Whether a name that is not the town's may have been meant for the town all the same.

        A village may be called as it likes ("с. Казань"), but its text may hold the town as well.
        """
        if self.village:
            others = set(self.words) - set(town)
            return _holds(self.words, town) and not all(w.startswith(_EPITHETS) for w in others)
        return (
            _holds(self.words, town)
            or _holds(town, self.words)
            or _shortens(self.words, town)
            or _misspells("".join(self.words), "".join(town))
        )


def _named(words: Words) -> PlaceName | None:
    """The name in one part of the text; None where the part holds more than that."""
    said = set()
    while (kind := _kind_of(words)) is not None:
        said.add(_IS_VILLAGE[kind])
        words = _without(words, kind)
    village = said == {True}
    # Whatever else stands beside a village's name, it stays a village, unless that is a town.
    more = _NOT_BESIDE_A_VILLAGE if village else _NOT_BESIDE_A_NAME
    if len(said) > 1 or any(kind != words for kind in _spans(words) if kind in more):
        return None
    if not village and any("a" <= letter <= "z" for letter in "".join(words)):
        return None  # "Kazan": not one of the look-alikes, and nothing is transliterated here
    return PlaceName(words, village)


def _is_around(words: Words) -> bool:
    postcode = len(words) == 1 and words[0].isdecimal() and len(words[0]) == _POSTCODE_DIGITS
    return postcode or words in _COUNTRY or _has_kind(words, _DISTRICT)


def _is_no_tail(words: Words) -> bool:
    number = words[1:] if words[0] in _HOUSE else words
    house = bool(number) and all(_is_house(word) for word in number)
    return not house and not _has_kind(words, _STREET)


def _is_house(word: str) -> bool:
    return len(word) == 1 or (len(word) <= _LONGEST_HOUSE and word[0].isdecimal())


def _kind_of(words: Words) -> Words | None:
    """The kind before or behind a name, if there is one."""
    return next((end for end in _ends(words) if end in _IS_VILLAGE), None)


def _has_kind(words: Words, kinds: Container[Words]) -> bool:
    """Whether there is a name, and one of the kinds before or behind it."""
    return any(end in kinds for end in _ends(words))


def _ends(words: Words) -> Iterator[Words]:
    """The first and the last words, as many as a kind may have, where a name is left beside."""
    for length in _LENGTHS:
        if len(words) > length:
            yield words[:length]
            yield words[-length:]


def _spans(words: Words) -> Iterator[Words]:
    for length in _LENGTHS:
        for start in range(len(words) - length + 1):
            yield words[start : start + length]


def _without(words: Words, kind: Words) -> Words:
    return words[len(kind) :] if words[: len(kind)] == kind else words[: -len(kind)]


def _holds(words: Words, inner: Words) -> bool:
    starts = range(len(words) - len(inner) + 1)
    return any(words[start : start + len(inner)] == inner for start in starts)


def _shortens(words: Words, town: Words) -> bool:
    """Whether it is "Н. Новгород" for "Нижний Новгород"."""
    return len(words) == len(town) and all(map(str.startswith, town, words))


def _misspells(one: str, other: str) -> bool:
    """Whether so few letters are missing, too many, wrong or swapped that it may be a slip."""
    slips = 2 if len(other) >= _LONG_NAME else 1
    # Cheap, and enough for nearly all names: each slip brings and takes at most one letter.
    if abs(len(one) - len(other)) > slips or len(set(one) ^ set(other)) > 2 * slips:
        return False
    return _edits(one, other) <= slips


def _edits(one: str, other: str) -> int:
    """How many edits of a letter, or swaps of two neighbours, lead from one to the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(row[-1] + 1, before[j] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
