"""Names of an application that expressions may read, and those that nobody has."""

import json
from datetime import date

import pytest

from osago_core.application import Valid, check
from osago_core.paths import shipped
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.names import ANSWER, REQUEST

EXAMPLES = sorted(path for path in shipped("examples").glob("*.json") if path.stem != "broken")


def paths(value, path=""):
    """Every key of an application as the expression that reads it."""
    if isinstance(value, dict):
        for name, child in value.items():
            here = f"{path}.{name}" if path else name
            yield here
            yield from paths(child, here)
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, f"{path}[]")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_name_of_a_normal_form_is_known(example):
    checked = check(json.loads(example.read_text(encoding="utf-8")), today=date(2026, 11, 28))
    assert isinstance(checked, Valid)
    found = list(paths(checked.application.normal_form()))
    assert len(found) > 50
    for path in found:
        Expression(path, REQUEST)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("call.kee", "`call.kee` is not known here; did you mean `call.key`?"),
        ("call.x", "`call.x` is not known here; there is key, uuid, today, now"),
        ("vehicle.vni", "`vehicle.vni` is not known here; did you mean `vehicle.vin`?"),
        ("vehicle.vin.text", "`vehicle.vin.text` is not known here"),
        ("upper(owner.adress.region)", "`owner.adress` is not known here; did you mean `owner.add"),
        (
            "owner.passport.serie",
            "`owner.passport.serie` is not known here; did you mean `owner.pas",
        ),
        (
            "policyholder.inm",
            "`policyholder.inm` is not known here; did you mean `policyholder.inn`?",
        ),
        (
            "drivers[].licence.number",
            "`drivers[].licence` is not known here; did you mean `drivers[",
        ),
        ("drivers[0].licence", "`drivers[].licence` is not known here; did you mean"),
        ("drivers[1:].{a: {b: licence}}", "`drivers[].licence` is not known here"),
        ("drivers[*].license.[series, numbr]", "`drivers[].license.numbr` is not known here"),
        ("drivers[?kbm_clas == 'M'].sex", "`drivers[].kbm_clas` is not known here"),
        ("drivers[?kbm_class == 'M'] | [0].sexx", "`drivers[].sexx` is not known here"),
        ("drivers.license", "`drivers` is a list: write `drivers[].license`"),
        ("period | start_dat", "`period.start_dat` is not known here"),
        ("owner.name || owner.nam", "`owner.nam` is not known here"),
        ("!(vehicle.trailr) && 'a' || 'b'", "`vehicle.trailr` is not known here"),
    ],
)
def test_a_misspelt_name_below_a_root_was_null_for_ever(text, problem):
    with pytest.raises(ExpressionError) as caught:
        Expression(text, REQUEST)
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    "text",
    [
        "kept.anything.at[0].all",
        "(owner || policyholder).whatever",
        "not_null(owner, policyholder).whatever",
        "max_by(drivers, &birth_date).whatever",
        "sort_by(drivers, &whatever)",
        "owner.*.whatever",
        "[owner][0].whatever",
        "{a: owner}.b",
        "`{}`.whatever",
        "'x'.whatever",
        "vehicle[0].whatever",
    ],
)
def test_what_cannot_be_decided_is_left_alone(text):
    Expression(text, REQUEST)


def test_an_answer_may_have_any_name():
    Expression("body.a[].b | [0].c || headers.location || status", ANSWER)
