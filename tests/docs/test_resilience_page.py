"""docs/resilience.md names every number of the pipeline with the default that the code has."""

import re
from pathlib import Path

import pytest

from osago_daemon.resilience.numbers import Numbers, PacingNumbers, PipelineNumbers
from osago_daemon.resilience.pipeline import Pipeline

PAGE = (Path(__file__).parents[2] / "docs/resilience.md").read_text(encoding="utf-8")
LEFT_OUT = {"none", "nine tenths of `attempt_timeout_s`"}


def numbers_of(model, prefix=""):
    """Every number that can be set: dotted key and default."""
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, Numbers):
            yield from numbers_of(type(default), f"{prefix}{name}.")
        else:
            yield prefix + name, default


def said():
    """Key → default, by the page's tables; several keys of a row share its defaults."""
    found = {}
    rows = re.findall(r"^\| ((?:`[\w.]+`(?:, )?)+) \| ([^|]+) \|", PAGE, re.MULTILINE)
    for keys, defaults in rows:
        names = re.findall(r"`([\w.]+)`", keys)
        values = [text.strip() for text in defaults.split(",")]
        found |= dict(zip(names, values * (len(names) // len(values)), strict=True))
    return found


@pytest.mark.parametrize(
    ("key", "default"),
    [*numbers_of(PipelineNumbers), *numbers_of(PacingNumbers, "poll.")],
)
def test_every_number_is_on_the_page_with_its_default(key, default):
    if key == "attempt_timeout_s":
        assert f"`{key}` is {default:g}:" in PAGE
    elif isinstance(default, bool):
        assert said()[key] == str(default).lower()
    elif default is None:
        assert said()[key] in LEFT_OUT
    else:
        assert float(said()[key]) == default


def test_the_page_has_no_key_that_does_not_exist():
    keys = {key for key, _ in [*numbers_of(PipelineNumbers), *numbers_of(PacingNumbers, "poll.")]}
    assert {key for key in said() if "." in key} <= keys


def test_the_policies_stand_in_the_order_of_the_pipeline():
    table = PAGE.split("## The pipeline")[1].split("## ")[0]
    names = re.findall(r"^\| ([a-z ]+) \| [A-Z]", table, re.MULTILINE)
    pipeline = Pipeline("a", PipelineNumbers(), clock=lambda: 0.0)
    assert names == [policy.name for policy in pipeline.policies]
