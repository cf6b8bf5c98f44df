"""One value or another: conditions, booleans in every dress, enum tables, what is there at all."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from osago_daemon.insurers.functions.declaring import (
    ANY,
    ANY_NUMBER_OF,
    OBJECT,
    Declared,
    FunctionError,
    Parameter,
    optional,
    part,
)

CHOICES = Declared()

BOOLEAN_OR_NULL: Parameter = {"types": ["boolean", "null"]}
BOOLEAN_IN_ANY_DRESS: Parameter = {"types": ["boolean", "number", "string", "null"]}

_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "y", "t", "on", "1", "да", "д", "истина"), True),
    **dict.fromkeys(("false", "no", "n", "f", "off", "0", "нет", "н", "ложь"), False),
}
_EMPTY: tuple[Any, ...] = ("", [], {})


@CHOICES.function("if", ANY, ANY, ANY)
def if_(condition: object, then: object, otherwise: object) -> object:
    """The second argument where the first is true as JMESPath has it, else the third.

    Called with both worked out; evaluators work out only the one that is asked for.
    """
    false = condition is None or condition is False or condition in _EMPTY
    return otherwise if false else then


@CHOICES.function("yes_no", BOOLEAN_OR_NULL, ANY, ANY)
def yes_no(value: bool | None, yes: object, no: object) -> object:  # noqa: FBT001  # its one value
    """A boolean in their dress; null stays null."""
    if value is None:
        return None
    return yes if value else no


@CHOICES.function("to_bool", BOOLEAN_IN_ANY_DRESS)
def to_bool(value: str | float | Decimal | None) -> bool | None:
    """A boolean out of their dress: true, 1, "1", "true", "yes", "да" and their opposites."""
    text = part("to_bool", value)
    if text is None:
        return None
    found = _BOOLEANS.get(text.strip().casefold())
    if found is None:
        raise FunctionError("to_bool() expects a boolean, 1, 0, or a word such as 'true' or 'нет'")
    return found


@CHOICES.function("pick", ANY, OBJECT, optional(ANY))
def pick(value: object, table: Mapping[str, Any], default: object = None) -> object:
    """The entry of an enum table; where the table has none, the default or null."""
    name = part("pick", value)
    return default if name is None else table.get(name, default)


@CHOICES.function("first_of", ANY_NUMBER_OF)
def first_of(*values: object) -> object:
    """The first that is neither null nor blank text; null if there is none."""
    for value in values:
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return value
    return None
