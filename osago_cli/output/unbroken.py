"""Text for a table that rich draws: a number and what belongs to it stay on one line.

rich breaks a line at a no-break space as at any other; here it does not. For what is drawn inside
a table or a group: rich itself joins what is printed bare.
"""

import re
from typing import Any

from rich.console import Console
from rich.containers import Lines
from rich.text import Text

_SPACE = "\N{NO-BREAK SPACE}"
_HIDDEN = "\ue000"  # of private use, as wide as a space, and no place to break a line
_BOUND = re.compile(
    r"(?<=[!≈]) (?=[\d≈])"  # ! 3 592,14
    r"|(?<=[А-ЯЁA-Z]{2}) (?=[\d≈])"  # ТБ 1 833, КБМ 0,46
    r"|(?<=rate) (?=[\d≈])|(?<=класс) (?=[\dM])|(?<=class) (?=[\dM])"
    r"| (?=— )"
    r"|(?<=\d) (?=[%₽]|мес\.|h\b|s\b|с\b|ч\b|мин\b|min\b)"
)


class Unbroken(Text):
    """A text that is only broken where a reader would not mind."""

    def wrap(self, console: Console, width: int, **how: Any) -> Lines:
        """As rich has it, but for no-break spaces and for what should have had one."""
        hidden = Text(_BOUND.sub(_SPACE, self.plain).replace(_SPACE, _HIDDEN), style=self.style)
        lines = hidden.wrap(console, width, **how)
        for line in lines:
            line.plain = line.plain.replace(_HIDDEN, _SPACE)
        return lines
