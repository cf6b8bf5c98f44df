"""Plain columns that fit a width: narrow cells wrap, and what matters least gives way.

Without rich, whose import alone takes longer than such a command.
"""

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

PIPE_COLUMNS = 100
"""Where stdout is no terminal and $COLUMNS does not say."""

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """`least` is how narrow it may become; the lowest `worth` is the first to give way."""

    title: str
    least: int
    worth: int


def fitted(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None
) -> list[str]:
    """The lines of a table with a head. Cells may have several lines.

    `width` is that of the terminal unless told. Only the last column left may exceed it.
    """
    if width is None:
        width = shutil.get_terminal_size((PIPE_COLUMNS, 24)).columns
    cells = [[column.title for column in columns], *map(list, rows)]
    widths = [_natural(column) for column in zip(*cells, strict=True)]
    least = [min(w, column.least) for w, column in zip(widths, columns, strict=True)]
    shown = list(range(len(columns)))
    while len(shown) > 1 and _total(least[i] for i in shown) > width:
        shown.remove(min(shown, key=lambda i: columns[i].worth))
    for i in sorted(shown, key=lambda i: columns[i].worth):
        over = max(0, _total(widths[i] for i in shown) - width)
        widths[i] -= min(over, widths[i] - least[i])
    return [line for row in cells for line in _lines(row, widths, shown)]


def _natural(cells: Iterable[str]) -> int:
    return max(len(line) for cell in cells for line in (cell.splitlines() or [""]))


def _total(widths: Iterable[int]) -> int:
    found = list(widths)
    return sum(found) + len(_GAP) * (len(found) - 1)


def _lines(row: Sequence[str], widths: Sequence[int], shown: Sequence[int]) -> list[str]:
    wrapped = [_wrapped(row[i], widths[i]) for i in shown]
    return [
        _GAP.join(f"{part:<{widths[i]}}" for i, part in zip(shown, parts, strict=True)).rstrip()
        for parts in zip_longest(*wrapped, fillvalue="")
    ]


def _wrapped(cell: str, width: int) -> list[str]:
    return [part for line in cell.splitlines() for part in textwrap.wrap(line, max(1, width))]
