"""Twelve letters look the same in both alphabets; plates and documents use only these."""

CYRILLIC = "АВЕКМНОРСТУХ"
LATIN = "ABEKMHOPCTYX"

_TO_CYRILLIC = str.maketrans(LATIN, CYRILLIC)
_TO_LATIN = str.maketrans(CYRILLIC, LATIN)
_SEPARATORS = frozenset(" \t\n\r\u00a0\u2009\u202f-‐‑–—.№/()")
_WITHOUT_SEPARATORS = str.maketrans(dict.fromkeys(_SEPARATORS))

_TOO_LONG_TO_REPEAT = 10

# Lower case pairs by their capitals, which are what looks alike: "в" is folded to "b".
_FOLD = str.maketrans(CYRILLIC.lower() + "ё", LATIN.lower() + "e")


def to_cyrillic(text: str) -> str:
    """Upper case, Latin look-alikes as the Cyrillic letters they were meant to be."""
    return text.upper().translate(_TO_CYRILLIC)


def to_latin(text: str) -> str:
    """Upper case, Cyrillic look-alikes as the Latin letters they were meant to be."""
    return text.upper().translate(_TO_LATIN)


def squeeze(text: str) -> str:
    """Remove what people put between groups of digits: spaces, dashes, dots, brackets, №."""
    return text.translate(_WITHOUT_SEPARATORS)


def is_separator(char: str) -> bool:
    """Whether `squeeze` removes a character."""
    return char in _SEPARATORS


def is_placeholder(code: str) -> bool:
    """Whether a code only fills its field: zeros, or one character over and over.

    Short numbers such as 111111 do occur.
    """
    return len(set(code)) == 1 and (code[0] == "0" or len(code) >= _TOO_LONG_TO_REPEAT)


def fold(text: str) -> str:
    """Forget case, ё, and which alphabet a look-alike came from: equal when a reader says so."""
    return text.casefold().translate(_FOLD)
