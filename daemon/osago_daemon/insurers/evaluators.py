"""JMESPath's syntax trees as plain functions: the interpreter's values in a fraction of its time.

Knows the kinds of nodes that requests and answers are mostly made of, each as the library defines
it; any other node is left to the library's interpreter. Knows nothing of files and errors.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from jmespath.functions import Functions
from jmespath.visitor import Options, TreeInterpreter

Node: TypeAlias = Any
"""A node of JMESPath's syntax tree: a dict with `type`, `children` and mostly `value`."""

Evaluator: TypeAlias = Callable[[Any], Any]
"""From what the expression reads to its value."""

_EQUALS = TreeInterpreter.COMPARATOR_FUNC["eq"]
_EMPTY: tuple[Any, ...] = ("", [], {})
_IF = "if"
"""The one function whose arguments are not all worked out: an error of the other is none."""


class _Interpreter(TreeInterpreter):
    """The library's, with an `if` that works out only the branch that is asked for."""

    def visit_function_expression(self, node: Node, value: Any) -> Any:
        if node["value"] == _IF:
            condition, then, otherwise = node["children"]
            return self.visit(otherwise if is_false(self.visit(condition, value)) else then, value)
        return super().visit_function_expression(node, value)


class Compiler:
    """Turns trees into functions that call `functions`. Stateless, so one serves all."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._interpreter = _Interpreter(Options(custom_functions=functions))

    def evaluator(self, node: Node) -> Evaluator:
        """The function that a tree stands for. It raises what the interpreter would raise."""
        match node["type"]:
            case "current" | "identity":
                return lambda value: value
            case "literal":
                constant = node["value"]
                return lambda _: constant
            case "comparator" if node["value"] != "eq":
                return self._interpreted(node)
            case kind:
                make = getattr(self, f"_{kind}", self._interpreted)
                evaluator: Evaluator = make(node)
                return evaluator

    def _interpreted(self, node: Node) -> Evaluator:
        return lambda value: self._interpreter.visit(node, value)

    def _all(self, node: Node) -> list[Evaluator]:
        return [self.evaluator(child) for child in node["children"]]

    def _field(self, node: Node) -> Evaluator:
        return _path([node["value"]])

    def _subexpression(self, node: Node) -> Evaluator:
        if all(child["type"] == "field" for child in node["children"]):
            return _path([child["value"] for child in node["children"]])
        return _chain(self._all(node))

    def _index_expression(self, node: Node) -> Evaluator:
        return _chain(self._all(node))

    def _pipe(self, node: Node) -> Evaluator:
        return _chain(self._all(node))

    def _or_expression(self, node: Node) -> Evaluator:
        return _either(*self._all(node))

    def _and_expression(self, node: Node) -> Evaluator:
        return _both(*self._all(node))

    def _comparator(self, node: Node) -> Evaluator:
        left, right = self._all(node)
        return lambda value: _EQUALS(left(value), right(value))

    def _multi_select_list(self, node: Node) -> Evaluator:
        parts = self._all(node)
        return lambda value: None if value is None else [part(value) for part in parts]

    def _multi_select_dict(self, node: Node) -> Evaluator:
        pairs = [(c["value"], self.evaluator(c["children"][0])) for c in node["children"]]
        return lambda value: None if value is None else {name: part(value) for name, part in pairs}

    def _projection(self, node: Node) -> Evaluator:
        return _projection(*self._all(node))

    def _function_expression(self, node: Node) -> Evaluator:
        name, arguments = node["value"], self._all(node)
        if name == _IF:
            return _if(*arguments)
        call = self._functions.call_function
        return lambda value: call(name, [argument(value) for argument in arguments])


def _path(names: Sequence[str]) -> Evaluator:
    def read(value: Any) -> Any:
        try:
            for name in names:
                value = value.get(name)
        except AttributeError:  # null, or no object
            return None
        return value

    return read


def _chain(steps: Sequence[Evaluator]) -> Evaluator:
    def read(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return read


def _either(left: Evaluator, right: Evaluator) -> Evaluator:
    def read(value: Any) -> Any:
        found = left(value)
        return right(value) if is_false(found) else found

    return read


def _both(left: Evaluator, right: Evaluator) -> Evaluator:
    def read(value: Any) -> Any:
        found = left(value)
        return found if is_false(found) else right(value)

    return read


def _if(condition: Evaluator, then: Evaluator, otherwise: Evaluator) -> Evaluator:
    return lambda value: (otherwise if is_false(condition(value)) else then)(value)


def _projection(base: Evaluator, each: Evaluator) -> Evaluator:
    def read(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        return [part for part in map(each, found) if part is not None]

    return read


def is_false(value: Any) -> bool:
    """The library's notion: 0 is true, null, false and what is empty are not."""
    return value is None or value is False or value in _EMPTY
