"""Which form of a word a number takes. Knows rules of the two languages, and no words."""

from osago_cli.locale import language

_TEN, _HUNDRED = 10, 100
_TEENS = range(11, 15)
_FEW = range(2, 5)


def form(count: int) -> str:
    """`one`, `few` or `many`: 1, 2 and 5 in Russian; English knows no `few`."""
    if language() != "ru":
        return "one" if count == 1 else "many"
    if count % _HUNDRED in _TEENS:
        return "many"
    if count % _TEN == 1:
        return "one"
    return "few" if count % _TEN in _FEW else "many"
