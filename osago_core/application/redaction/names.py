"""How a name shows up in a text: in grammatical cases, and in Latin letters.

Errs on the side of masking: whatever could be a case of a name is taken for one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from unicodedata import category, normalize

from osago_core.application.fields.alphabet import fold

SOFT_SIGNS = "'’ʼ`´"
"""What stands for ь and ъ in Latin letters, if anything does."""

MIN_STEM = 4
"""A stem of so many letters may be followed by any ending."""

_SHORTEST = 2
_LONGEST_ENDING = 4
_LETTERS = re.compile(r"[^\W\d_]+")

_ENDING_LETTERS = fold("аяоеёиыйьуюэ")
# Of nouns and adjectives, singular and plural. Shorter stems take these only.
_ENDINGS = frozenset(
    fold(
        "а я ы и е у ю ой ей ою ею ом ем ов ев ью ам ям ами ями ах ях "
        "ый ий ая яя ое ее ого его ому ему ую юю ым им ых их ые ие ыми ими"
    ).split()
)
_ADJECTIVES = tuple(fold("ый ий ой ая яя").split())
_EY, _SOFT_SIGN = fold("ей"), "ь"
# Лев: Льва; Павел: Павла; Боец: Бойца; Заяц: Зайца.
_FLEETING = re.compile(f"(.+)[{fold('еоя')}]([^{_ENDING_LETTERS}])")
_FLED = ("", _SOFT_SIGN, "й")

_LETTER_BY_LETTER = (
    "а:a б:b в:v г:g д:d е:e ё:e ж:zh з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f "
    "х:kh ц:ts ч:ch ш:sh щ:shch ъ: ы:y ь: э:e ю:iu я:ia"
)
_TO_LATIN = str.maketrans(dict(pair.split(":") for pair in _LETTER_BY_LETTER.split()))
_SOFT_SIGNS = str.maketrans(dict.fromkeys(SOFT_SIGNS))
# Ways of spelling one sound: Yuriy, Iurii and Jurij are one name, as are Alexey and Aleksei.
_SPELLINGS = (
    ("shch", "sh"), ("sch", "sh"), ("kh", "h"), ("zh", "i"), ("ph", "f"), ("ch", "ч"),
    ("c", "k"), ("x", "ks"), ("w", "v"), ("y", "i"), ("j", "i"), ("ksander", "ksandr"),
)  # fmt: skip
_REPEATED = re.compile(r"(.)\1+")
_SOFTENED = re.compile("i[eo]")


def plain(text: str) -> str:
    """Compose accents (NFC); drop stress marks and what is invisible: they split words."""
    composed = normalize("NFC", text)
    hidden = [char for char in set(composed) if _is_hidden(char)]
    return composed.translate(str.maketrans(dict.fromkeys(hidden))) if hidden else composed


def _is_hidden(char: str) -> bool:
    return category(char) == "Cf" or "\u0300" <= char <= "\u036f"


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _LETTERS.findall(fold(plain(text)))


def sound_of(word: str) -> str:
    """Spell a word in Latin letters so that the usual transliterations of a name are equal."""
    sound = word.casefold().translate(_TO_LATIN)
    for spelling, one in _SPELLINGS:
        sound = sound.replace(spelling, one)
    return _SOFTENED.sub("e", _REPEATED.sub(r"\1", sound))


@dataclass(repr=False)
class Names:
    """Names of people to be found in texts. Asking for a word costs a few look-ups."""

    _words: set[str] = field(default_factory=set)
    _stems: set[str] = field(default_factory=set)
    _long_stems: set[str] = field(default_factory=set)
    _sounds: set[str] = field(default_factory=set)

    def add(self, name: str) -> None:
        """Take a name; a double one by its parts. Single letters are not looked for."""
        for part in _LETTERS.findall(plain(name)):
            if len(part) >= _SHORTEST:
                self._sounds.add(sound_of(part))
                self._add_folded(fold(part))

    def _add_folded(self, part: str) -> None:
        self._words.add(part)
        self._stems.update(stem for stem in _stems(part) if len(stem) >= _SHORTEST)
        stem = part.rstrip(_ENDING_LETTERS)
        if len(stem) >= MIN_STEM:
            self._long_stems.add(stem)
        if len(part) == _SHORTEST and part[-1] == "я":  # Ия
            self._words.update(part[0] + ending for ending in ("и", "ю", fold("е"), _EY))

    def __contains__(self, word: str) -> bool:
        """Whether a word, as written, is one of the names in any case or spelling."""
        folded, latin = fold(word), word.translate(_SOFT_SIGNS)
        return (
            folded in self._words
            or any(tail in _ENDINGS and stem in self._stems for stem, tail in _cuts(folded))
            or any(stem in self._long_stems for stem, _ in _cuts(folded))
            or (latin.isascii() and self._sounds_like_one(latin))
        )

    def _sounds_like_one(self, word: str) -> bool:
        sound = sound_of(word)
        return len(sound) >= _SHORTEST and (
            sound in self._sounds
            or any(len(stem) >= MIN_STEM and stem in self._sounds for stem, _ in _cuts(sound))
        )


def _cuts(word: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut a word into a stem and an ending, none included."""
    for length in range(min(_LONGEST_ENDING, len(word) - 1) + 1):
        yield word[: len(word) - length], word[len(word) - length :]


def _stems(part: str) -> Iterator[str]:
    """Yield what a name's endings are put on."""
    stem = part[:-1] if part[-1] in _ENDING_LETTERS else part
    yield stem
    if part.endswith(_ADJECTIVES):
        yield part[:-2]
    if part.endswith(_EY):  # Соловей: Соловья
        yield part[:-2] + _SOFT_SIGN
    if fleeting := _FLEETING.fullmatch(stem):
        yield from (fleeting[1] + fled + fleeting[2] for fled in _FLED)
