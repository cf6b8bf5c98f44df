"""All problems come at once, each at its own plain path, in words for people."""

import ast
from pathlib import Path
from string import Formatter

import pytest

import osago_core.application
from osago_core.application import PROBLEM_CODES, WARNING_CODES, Invalid, Problem, check
from osago_core.application.problems import MAX_PROBLEMS


def problems(application: object, today) -> list[tuple[str, str]]:
    checked = check(application, today=today)
    assert isinstance(checked, Invalid)
    return [(problem.path, problem.code) for problem in checked.problems]


def only(application: object, today) -> Problem:
    checked = check(application, today=today)
    assert isinstance(checked, Invalid)
    (problem,) = checked.problems
    return problem


def test_broken_fields_hide_neither_other_fields_nor_cross_checks(example, today):
    changes = {
        "vehicle.category": "Z",
        "vehicle.document.issue_date": "2018-01-01",
        "owner.kind": "alien",
        "owner.passport.number": "1",
        "policyholder": {"kind": "company", "name": "ООО «Проба»", "inn": "1"},
        "drivers[0].birth_date": 5,
        "drivers[0].driving_since": "2030-01-01",
        "drivers[0].license.foreign": "no",
        "drivers[0].license.number": "1",
        "period.start_date": "2020-01-01",
        "period.months": "many",
        "extra": 1,
    }
    assert problems(example("application", changes), today) == [
        ("vehicle.category", "unknown_choice"),
        ("vehicle.document.issue_date", "document_before_vehicle"),
        ("owner.passport.number", "digit_count"),
        ("owner.kind", "unknown_choice"),
        ("policyholder.address", "missing_field"),
        ("policyholder.inn", "digit_count"),
        ("drivers[0].birth_date", "expected_date"),
        ("drivers[0].license.number", "digit_count"),
        ("drivers[0].license.foreign", "expected_true_or_false"),
        ("drivers[0].driving_since", "date_in_future"),
        ("period.months", "expected_whole_number"),
        ("period.start_date", "start_in_past"),
        ("extra", "unknown_field"),
    ]


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("application", "vehicle"),
        ("application", "owner"),
        ("application", "drivers"),
        ("application", "vehicle.document"),
        ("application", "owner.kind"),
        ("application", "owner.passport.kind"),
        ("application", "owner.address.region"),
        ("application", "drivers[0].license"),
        ("application", "drivers[0].license.series"),
        ("truck", "owner.kind"),
        ("taxi", "owner.inn"),
        ("taxi", "owner.kind"),
        ("new_car_epts", "vehicle.document.kind"),
        ("application", "vehicle.document.kind"),
    ],
)
@pytest.mark.parametrize("nothing", [..., None, " "])
def test_missing_field_is_named(example, today, name, missing, nothing):
    problem = only(example(name, {missing: nothing}), today)
    assert (problem.path, problem.code) == (missing, "missing_field")
    assert f"`{missing.split('.')[-1]}`" in problem.text


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("drivers[0].lisence", "license"),
        ("vehicle.powerHp", "power_hp"),
        ("owner.passport.nubmer", "number"),
        ("policy_holder", "policyholder"),
    ],
)
def test_unknown_field_comes_with_the_nearest_known_one(example, today, path, suggestion):
    problem = only(example("application", {path: "x"}), today)
    assert problem.path == path
    assert problem.text == (f"unknown field `{path.split('.')[-1]}`; did you mean `{suggestion}`?")


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("zzz", "zzz"),
        ("\ud800\x1b[31m", "\\ud800\\x1b[31m"),
        ("я" * 5000, "я" * 39 + "…"),
    ],
)
def test_unknown_field_is_shown_safely(example, today, key, shown):
    problem = only(example() | {key: 1}, today)
    assert (problem.path, problem.code) == (shown, "unknown_field")
    problem.model_dump_json().encode()


@pytest.mark.parametrize("data", [None, 5, "x", [], [{}], float("nan")])
def test_what_is_no_application_at_all(data, today):
    assert problems(data, today) == [("", "expected_object")]


def test_nothing_given(today):
    assert problems({}, today) == [
        ("vehicle", "missing_field"),
        ("owner", "missing_field"),
        ("drivers", "missing_field"),
    ]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("vehicle.trailer", 1, "expected_true_or_false"),
        ("vehicle.year", True, "expected_whole_number"),
        ("vehicle.year", 2020.0, "expected_whole_number"),
        ("vehicle.power_hp", False, "expected_number"),
        ("vehicle.brand", 5, "expected_text"),
        ("vehicle.brand", "\ud800", "bad_characters"),
        ("vehicle.brand", "x" * 101, "text_too_long"),
        ("vehicle.use", ["taxi"], "expected_text"),
        ("vehicle", [], "expected_object"),
        ("vehicle.document", "7700 000001", "expected_object"),
        ("owner", "me", "expected_object"),
        ("owner.passport", 5, "expected_object"),
        ("drivers[0]", "Иванов", "expected_object"),
        ("drivers[0].license", "9900 000001", "expected_object"),
        ("drivers", {"0": {}}, "expected_drivers"),
        ("period", "12 months", "expected_object"),
    ],
)
def test_wrong_type(example, today, path, value, code):
    assert (path, code) in problems(example("application", {path: value}), today)


def test_a_list_of_drivers_may_be_too_long(example, today):
    application = example()
    application["drivers"] *= 21
    assert ("drivers", "too_many_drivers") in problems(application, today)


def test_only_the_first_of_very_many_problems_are_shown(example, today):
    found = problems(example() | {f"x{number}": 1 for number in range(50_000)}, today)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == ("", "too_many_problems")


def test_problems_hold_no_personal_values(example, today):
    checked = check(example("broken"), today=today)
    assert isinstance(checked, Invalid)
    told = " ".join(problem.model_dump_json() for problem in checked.problems)
    for value in ("Иван", "ivanov", "4510", "12345", "112", "1985-02-01", "Тестовая"):
        assert value not in told


def test_every_code_is_used_and_every_used_code_is_known():
    (folder,) = osago_core.application.__path__
    words = {
        node.value
        for source in Path(folder).rglob("*.py")
        if source.name != "problems.py"
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(PROBLEM_CODES) - words == set()
    assert set(PROBLEM_CODES) > WARNING_CODES


def test_texts_ask_only_for_simple_params():
    for template in PROBLEM_CODES.values():
        for _, name, form, conversion in Formatter().parse(template):
            assert name is None or name.isidentifier()
            assert not form
            assert conversion is None
