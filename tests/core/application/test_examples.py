"""The shipped examples: always right, but for the one that is wrong in many ways."""

from datetime import date
from pathlib import Path

import pytest

from osago_core.application import Invalid, Valid, check

EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))
DAYS = [date(2026, 1, 1), date(2028, 2, 29), date(2031, 12, 31), date(2060, 6, 15)]


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "broken"])
def test_example_is_valid_on_any_day(example, name, day):
    checked = check(example(name), today=day)
    assert isinstance(checked, Valid), checked


def test_there_are_examples_of_many_kinds_of_clients():
    assert len(NAMES) >= 10


def test_main_example_has_nothing_to_warn_of(example, today):
    assert check(example(), today=today).warnings == ()


def test_main_example_never_goes_stale(example):
    assert "start_date" not in example()["period"]


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_broken_example_shows_many_kinds_of_problems(example, day):
    checked = check(example("broken"), today=day)
    assert isinstance(checked, Invalid)
    paths = [problem.path for problem in checked.problems]
    assert "drivers[0].license.number" in paths
    assert len({problem.code for problem in checked.problems}) >= 8
    assert {path.partition(".")[0].partition("[")[0] for path in paths} == {
        "vehicle",
        "owner",
        "drivers",
        "period",
    }
