"""Compiled expressions say what the library's interpreter says, about whatever they are given."""

from decimal import Decimal

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError
from jmespath.visitor import Options, TreeInterpreter

from osago_daemon.insurers.evaluators import Compiler
from osago_daemon.insurers.functions import Functions

FUNCTIONS = Functions()
COMPILER = Compiler(FUNCTIONS)
INTERPRETER = TreeInterpreter(Options(custom_functions=FUNCTIONS))

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.sampled_from(
    [None, True, False, 0, 1, -2, Decimal("1.7"), Decimal(1), "", "a", "null", "2026-12-01"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
LITERALS = st.sampled_from(["`null`", "`0`", "`1`", "`true`", "`[]`", "`{}`", "''", "'a'", '`"a"`'])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(".".join)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two, three = st.tuples(inner, inner), st.tuples(inner, inner, NAMES)
    return st.one_of(
        two.map(lambda p: f"({p[0]}) || ({p[1]})"),
        two.map(lambda p: f"({p[0]}) && ({p[1]})"),
        two.map(lambda p: f"({p[0]}) | ({p[1]})"),
        st.tuples(inner, st.sampled_from(["==", "!=", "<", ">="]), inner).map(
            lambda p: f"({p[0]}) {p[1]} ({p[2]})"
        ),
        inner.map(lambda e: f"!({e})"),
        two.map(lambda p: f"[{p[0]}, {p[1]}]"),
        three.map(lambda p: f"{{{p[2]}: {p[0]}, z: {p[1]}}}"),
        three.map(lambda p: f"({p[0]}).{p[2]}.[{p[1]}]"),
        three.map(lambda p: f"({p[0]})[].{{{p[2]}: {p[1]}}}"),
        three.map(lambda p: f"({p[0]})[*].{p[2]}"),
        three.map(lambda p: f"({p[0]})[?{p[1]}].{p[2]} | [0]"),
        three.map(lambda p: f"({p[0]}).*.{p[2]}"),
        inner.map(lambda e: f"({e})[-1]"),
        inner.map(lambda e: f"({e})[0:2]"),
        st.tuples(st.sampled_from(["concat", "upper", "length", "keys", "type", "sum"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
        two.map(lambda p: f"sort_by({p[0]}, &{p[1]})"),
        two.map(lambda p: f"pick({p[0]}, {p[1]})"),
    )


EXPRESSIONS = st.recursive(PATHS | LITERALS | st.just("@"), _combined, max_leaves=6)


def outcome(evaluate, value):
    """The value with the types in it, or the kind of error."""
    try:
        return repr(evaluate(value))
    except (JMESPathError, TypeError, AttributeError) as error:
        return type(error)


@given(text=PATHS, value=VALUES)
def test_path_leads_where_the_library_says(text, value):
    node = jmespath.compile(text).parsed
    assert outcome(COMPILER.evaluator(node), value) == repr(jmespath.search(text, value))


@given(text=EXPRESSIONS, value=VALUES)
def test_expression_has_the_value_the_library_gives_it(text, value):
    node = jmespath.compile(text).parsed
    expected = outcome(lambda value: INTERPRETER.visit(node, value), value)
    assert outcome(COMPILER.evaluator(node), value) == expected


@pytest.mark.parametrize("value", [None, 1, "text", [1], {"a": None}, {"a": "b"}, Decimal("1.5")])
def test_path_through_what_is_no_object_is_null(value):
    assert COMPILER.evaluator(jmespath.compile("a.b.c").parsed)(value) is None


@pytest.mark.parametrize("false", [None, False, "", [], {}])
def test_what_is_empty_is_not_true(false):
    evaluate = COMPILER.evaluator(jmespath.compile("a || 'other'").parsed)
    assert evaluate({"a": false}) == "other"


@pytest.mark.parametrize("true", [0, Decimal(0), True, "0", [None], {"a": None}])
def test_zero_is_as_true_as_all_that_is_there(true):
    evaluate = COMPILER.evaluator(jmespath.compile("a || 'other'").parsed)
    assert evaluate({"a": true}) is true
