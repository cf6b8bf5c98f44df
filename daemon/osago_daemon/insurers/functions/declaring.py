"""How a function is declared to JMESPath: its name, what its parameters take, what it raises.

A declared function gets arguments of the declared types only. Whatever else is wrong with them it
tells by `FunctionError`, and by nothing else.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from jmespath.exceptions import JMESPathError

Parameter: TypeAlias = dict[str, Any]
"""JMESPath's `types` (none: anything) and `variadic`, and two of ours: `optional` says that it may
be left out; `check` refuses, by `FunctionError`, a constant that can't be right, so that it is
found when the file is loaded."""

F = TypeVar("F", bound=Callable[..., Any])

ANY: Parameter = {"types": []}
ANY_NUMBER_OF: Parameter = {"types": [], "variadic": True}
TEXT: Parameter = {"types": ["string"]}
TEXT_OR_NULL: Parameter = {"types": ["string", "null"]}
SCALAR_OR_NULL: Parameter = {"types": ["string", "number", "null"]}
NUMBER: Parameter = {"types": ["number"]}
NUMBER_OR_NULL: Parameter = {"types": ["number", "null"]}
ARRAY: Parameter = {"types": ["array"]}
ARRAY_OR_NULL: Parameter = {"types": ["array", "null"]}
OBJECT: Parameter = {"types": ["object"]}
OBJECT_OR_NULL: Parameter = {"types": ["object", "null"]}


class FunctionError(JMESPathError):
    """A function of ours can't work with what it was given."""


def optional(parameter: Parameter) -> Parameter:
    """The same parameter, which may be left out; only such ones may follow it."""
    return {**parameter, "optional": True}


def checked(parameter: Parameter, check: Callable[[Any], object]) -> Parameter:
    """The same parameter with a check of constants."""
    return {**parameter, "check": check}


class Declared:
    """The functions of one theme."""

    def __init__(self) -> None:
        self.table: dict[str, dict[str, Any]] = {}
        """Name in expressions → what JMESPath keeps of a function."""

    def function(self, name: str, *signature: Parameter) -> Callable[[F], F]:
        """Declare the function below under the name that expressions use."""

        def declare(function: F) -> F:
            # JMESPath calls what it takes for methods.
            self.table[name] = {
                "function": lambda _, *arguments: function(*arguments),
                "signature": signature,
            }
            return function

        return declare


def arguments_taken(signature: Sequence[Parameter]) -> tuple[int, int | None]:
    """The least and the greatest number of arguments; None is any number."""
    least = sum(not parameter.get("optional") for parameter in signature)
    variadic = bool(signature and signature[-1].get("variadic"))
    return least, None if variadic else len(signature)


def as_text(value: object) -> str | None:
    """A scalar as an API would write it in a URL; None stays None, ValueError for the rest.

    87.0 is "87": whole numbers of the application may come as either.
    """
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case Decimal():
            return format(value, "f")
        case _:
            raise ValueError("expected text, a number or a boolean")


def part(function: str, value: object) -> str | None:
    """`as_text` with the error of a function."""
    try:
        return as_text(value)
    except ValueError as error:
        raise FunctionError(f"{function}() {error}") from None


def whole(function: str, value: float | Decimal, *, least: int, most: int) -> int:
    """A whole number within bounds."""
    if least <= value <= most and value == int(value):
        return int(value)
    raise FunctionError(f"{function}() expects a whole number from {least} to {most}")
