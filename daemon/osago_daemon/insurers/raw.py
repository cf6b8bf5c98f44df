"""Reading a table of insurers.toml of which nobody knows yet whether it is right."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.names import Known

RawTable: TypeAlias = Mapping[str, Any]


def table_of(table: RawTable, name: str) -> RawTable:
    """A table below this one, empty where there is none."""
    value = table.get(name)
    return value if isinstance(value, Mapping) else {}


def text_of(table: RawTable, name: str) -> str | None:
    """A text, None where there is none."""
    value = table.get(name)
    return value if isinstance(value, str) else None


def steps_of(insurer: RawTable) -> list[tuple[Key, RawTable]]:
    """Every step in its order, and where it stands."""
    steps = insurer.get("steps")
    if isinstance(steps, list):
        return [(("steps", i), step) for i, step in enumerate(steps) if isinstance(step, Mapping)]
    return [((name,), table_of(insurer, name)) for name in ("create", "poll") if name in insurer]


def reads(name: str, text: str, known: Known) -> bool:
    """Whether an expression that sees `known` reads a name; not what is no expression."""
    if name not in text:  # most don't, and compiling all of them again is slow
        return False
    try:
        return name in Expression(text, known).roots()
    except ExpressionError:
        return False  # a problem of its own, told by the expression's own check


def names_under(root: str, text: str, known: Known) -> Iterator[str]:
    """The names that an expression that sees `known` reads below a root, in their order."""
    if root not in text:  # most have none, and compiling all of them again is slow
        return
    try:
        yield from sorted(Expression(text, known).names_under(root))
    except ExpressionError:
        return
