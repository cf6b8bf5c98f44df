"""JMESPath expressions of insurers.toml, compiled and checked when the file is loaded.

Owns compiling, evaluating, and templates (nested tables with expressions as leaves). What a bad
expression looks like to the user is text without any value of an application or an answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import jmespath
from jmespath.exceptions import (
    JMESPathError,
    JMESPathTypeError,
    LexerError,
    ParseError,
)

from osago_daemon.insurers.evaluators import Compiler, Evaluator, Node
from osago_daemon.insurers.exact import exact
from osago_daemon.insurers.functions import FunctionError, Functions
from osago_daemon.insurers.functions.declaring import Parameter, arguments_taken
from osago_daemon.insurers.keys import Key, key_text
from osago_daemon.insurers.look_ups import bound
from osago_daemon.insurers.names import REQUEST, Known, UnknownNameError, check_names, did_you_mean

MAX_DEPTH = 100
"""Nobody writes it by hand, and evaluating it is far from the interpreter's own limit."""

_TOO_EARLY = "the expression ends too early"
_TOO_DEEP = "nested too deeply"

_FUNCTIONS = Functions()
_COMPILER = Compiler(_FUNCTIONS)


class ExpressionError(ValueError):
    """An expression that can't be compiled, or that fails on what it was given.

    The text never holds a value; `key` is where the expression stands in its table.
    """

    def __init__(self, text: str, key: Key = ()) -> None:
        """Say what is wrong, and at which key as far as it is known here."""
        super().__init__(f"{key_text(key)}: {text}" if key else text)
        self.text = text
        self.key = key

    def under(self, *key: str | int) -> "ExpressionError":
        """The same error, seen from the table around it."""
        return ExpressionError(self.text, (*key, *self.key))


class Expression:
    """One compiled expression."""

    __slots__ = ("_node", "evaluator", "text")

    def __init__(self, text: str, known: Known) -> None:
        """Compile; raises `ExpressionError` for syntax, unknown functions and unknown names.

        `look_up` finds the dictionaries that `look_ups.using` says.
        """
        self.text = text
        node = _parse(text)
        _check_functions(node)
        try:
            check_names(node, known)
            self._node = bound(node, of_request=known is REQUEST)
        except UnknownNameError as error:
            raise ExpressionError(str(error)) from None
        self.evaluator = _COMPILER.evaluator(self._node)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value over `scope`, null (None) where a path leads nowhere."""
        try:
            return self.evaluator(scope)
        except JMESPathTypeError as error:
            raise ExpressionError(_type_problem(error)) from None
        except FunctionError as error:
            raise ExpressionError(str(error)) from None
        except Exception as error:  # noqa: BLE001  # whatever a function makes of foreign data
            raise ExpressionError(f"failed with {type(error).__name__}") from None

    @property
    def constant(self) -> bool:
        """Whether it reads nothing, so that the file itself holds its value."""
        return not any(node["type"] in {"field", "current"} for node in _walk(self._node))

    def roots(self) -> set[str]:
        """The names that it reads of what it is evaluated over."""
        return {top for top, _ in _roots(self._node)}

    def names_under(self, root: str) -> set[str]:
        """The names read directly below a root: {"key"} for `call.key`."""
        return {name for top, name in _roots(self._node) if top == root and name is not None}


Leaves: TypeAlias = "Expression | dict[str, Leaves] | list[Leaves]"


@dataclass(frozen=True, slots=True)
class Template:
    """A document with an expression wherever a value goes."""

    root: Leaves
    _evaluator: Evaluator = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_evaluator", _evaluator(self.root))

    def render(self, scope: Mapping[str, Any]) -> Any:
        """The document over `scope`; an expression without a value gives null."""
        try:
            return self._evaluator(scope)
        except Exception:  # whichever: found again in a form for people
            _raise_with_key(self.root, scope)
            raise

    def expressions(self) -> Iterator[Expression]:
        """Every leaf."""
        return _leaves(self.root)


def _evaluator(node: Leaves) -> Evaluator:
    """One function for the whole document; it raises what its expressions' functions raise."""
    if isinstance(node, Expression):
        return node.evaluator
    if isinstance(node, dict):
        pairs = [(name, _evaluator(child)) for name, child in node.items()]
        return lambda scope: {name: part(scope) for name, part in pairs}
    parts = [_evaluator(child) for child in node]
    return lambda scope: [part(scope) for part in parts]


def _raise_with_key(node: Leaves, scope: Mapping[str, Any], key: Key = ()) -> None:
    """Evaluate once more, to say which leaf it was that failed."""
    if isinstance(node, Expression):
        try:
            node.evaluate(scope)
        except ExpressionError as error:
            raise error.under(*key) from None
        return
    for name, child in node.items() if isinstance(node, dict) else enumerate(node):
        _raise_with_key(child, scope, (*key, name))


def _leaves(node: Leaves) -> Iterator[Expression]:
    if isinstance(node, Expression):
        yield node
        return
    for child in node.values() if isinstance(node, dict) else node:
        yield from _leaves(child)


def _parse(text: str) -> Node:
    try:
        return _exact(jmespath.compile(text).parsed)
    except LexerError as error:
        raise ExpressionError(
            f"not an expression: {error.message} at character {error.lexer_position + 1}"
        ) from None
    except ParseError as error:
        if not error.token_value:
            raise ExpressionError(_TOO_EARLY) from None
        raise ExpressionError(
            f"not an expression: unexpected {error.token_value!r}"
            f" at character {error.lex_position + 1}"
        ) from None
    except JMESPathError:
        raise ExpressionError(_TOO_EARLY) from None  # of an empty text
    except RecursionError:
        raise ExpressionError(_TOO_DEEP) from None


def _exact(node: Node, depth: int = 0) -> Node:
    """The tree with exact literals: the library reads their fractions as binary ones."""
    if depth > MAX_DEPTH:
        raise ExpressionError(_TOO_DEEP)
    if node["type"] == "literal":
        try:
            return {**node, "value": exact(node["value"])}
        except ValueError as error:
            raise ExpressionError(str(error)) from None
    # A slice has numbers for children.
    children = [_exact(c, depth + 1) if isinstance(c, dict) else c for c in node["children"]]
    return {**node, "children": children}


def _check_functions(node: Node) -> None:
    """Name unknown functions and wrong numbers of arguments, which JMESPath leaves to run time."""
    for call in _walk(node):
        if call["type"] != "function_expression":
            continue
        known = Functions.FUNCTION_TABLE.get(call["value"])
        if known is None:
            hint = did_you_mean(call["value"], Functions.FUNCTION_TABLE)
            raise ExpressionError(f"unknown function {call['value']}(){hint}")
        _check_number(call["value"], known["signature"], len(call["children"]))
        for index, argument in enumerate(call["children"]):
            if argument["type"] == "literal":
                _check_constant(call["value"], index, argument["value"])


def _check_number(function: str, signature: Sequence[Parameter], given: int) -> None:
    least, most = arguments_taken(signature)
    if least <= given and (most is None or given <= most):
        return
    if most is None:
        wanted = f"at least {least}"
    else:
        wanted = str(least) if least == most else f"{least} or {most}"
    plural = "" if wanted.endswith("1") else "s"
    raise ExpressionError(f"{function}() takes {wanted} argument{plural}, not {given}")


def _check_constant(function: str, index: int, value: object) -> None:
    try:
        _FUNCTIONS.check_constant(function, index, value)
    except JMESPathTypeError as error:
        raise ExpressionError(_type_problem(error)) from None
    except FunctionError as error:
        raise ExpressionError(str(error)) from None


def _type_problem(error: JMESPathTypeError) -> str:
    expected = " or ".join(error.expected_types)
    return f"{error.function_name}() got {error.actual_type}, expected {expected}"


_INWARD = frozenset(
    {"subexpression", "index_expression", "pipe", "flatten"}
    | {"projection", "filter_projection", "value_projection"}
)
"""Nodes of which only the first part sees what the expression is evaluated over."""


def _roots(node: Node) -> Iterator[tuple[str, str | None]]:
    """What is read of it, and the name right below where a path says one."""
    match node:
        case {"type": "field", "value": top}:
            yield top, None
        case {
            "type": "subexpression",
            "children": [{"type": "field", "value": top}, {"type": "field", "value": name}, *_],
        }:
            yield top, name
        case {"type": "expref"}:
            return
        case {"type": kind, "children": children}:
            parts = [child for child in children if isinstance(child, dict)]
            for child in parts[:1] if kind in _INWARD else parts:
                yield from _roots(child)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node["children"]:
        if isinstance(child, dict):  # a slice has numbers there
            yield from _walk(child)
