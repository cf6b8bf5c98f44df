"""Whatever comes in, problems come out: never an exception."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.application import Invalid, Redactor, check


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


# Nothing of this is right anywhere in an application.
JUNK = {
    "empty list": [],
    "empty object": {},
    "list": [[1], {"a": "b"}],
    "object": {"kind": [], "series": {}, "number": None, "a": {"b": []}},
    "nan": float("nan"),
    "infinity": float("-inf"),
    "huge": 10**5000,
    "negative": -(10**400),
    "surrogate": "\ud800",
    "deep": nested(10_000),
    "control": "\x00\x1b",
    "tuple": (None,),
}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["owner", "unlimited", "person", "company", "epts", "2020-02-30", "\udfff"])
)
keys = st.text() | st.sampled_from(
    ["vehicle", "owner", "policyholder", "drivers", "period", "kind", "license", "passport",
     "document", "series", "number", "issue_date", "birth_date", "category", "start_date",
     "months", "foreign", "address", "previous_license"]
)  # fmt: skip
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=30
)


def paths_in(value: Any) -> Iterator[tuple[str | int, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (step,)
        if isinstance(inner, dict | list):
            yield from ((step, *rest) for rest in paths_in(inner))


def dotted(steps: tuple[str | int, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def replaced(application: Any, steps: tuple[str | int, ...], junk: Any) -> Any:
    application = deepcopy(application)
    *parents, last = steps
    place = application
    for step in parents:
        place = place[step]
    place[last] = junk
    return application


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
@pytest.mark.parametrize("name", ["family", "taxi", "truck", "tractor", "foreign_license", "bus"])
def test_junk_in_any_place_is_a_problem_in_that_place(example, today, name, junk):
    application = example(name)
    for steps in paths_in(application):
        where = dotted(steps)
        if where == "period" and junk == {}:
            continue  # a period with all its defaults
        checked = check(replaced(application, steps, junk), today=today)
        assert isinstance(checked, Invalid), where
        assert any(
            where.startswith(problem.path) or problem.path.startswith(where)
            for problem in checked.problems
        ), (where, checked.problems)
        for problem in checked.problems:
            problem.model_dump_json().encode()


@given(json_values)
def test_random_json_never_raises(today, data):
    checked = check(data, today=today)
    assert isinstance(checked, Invalid)
    for problem in checked.problems + checked.warnings:
        problem.model_dump_json().encode()


@given(st.data())
def test_random_json_inside_an_example_never_raises(example, today, data):
    application = example("family")
    steps = data.draw(st.sampled_from(list(paths_in(application))))
    broken = replaced(application, steps, data.draw(json_values))
    checked = check(broken, today=today)
    assert checked.warnings is not None
    assert isinstance(Redactor.of(broken).mask("Иванов"), str)


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_a_redactor_can_be_made_of_anything(example, junk):
    assert Redactor.of(junk).mask("premium 100") == "premium 100"
    for steps in paths_in(example("family")):
        assert Redactor.of(replaced(example("family"), steps, junk)).mask("x") == "x"
