import tomllib
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from osago_core.application.model import Application
from osago_daemon.insurers.expressions import (
    ANSWER_ROOTS,
    APPLICATION_ROOTS,
    REQUEST_ROOTS,
    Expression,
    ExpressionError,
)
from osago_daemon.insurers.tables import RequestTemplate


def value(text, application):
    return Expression(text, REQUEST_ROOTS).evaluate(
        {**application, "call": {"today": "2026-11-28"}}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vehicle.vin", "XTA219010L0000001"),
        ("vehicle.body_number", None),
        ("vehicle.nothing.at[0].all", None),
        ("drivers[1].license.number", "000002"),
        (
            "drivers[].{n: first_name, s: license.series}",
            [{"n": "Иван", "s": "9900"}, {"n": "Анна", "s": "9901"}],
        ),
        ("'osago'", "osago"),
        ("`1`", 1),
        ("format_date(period.start_date, 'DD.MM.YYYY')", "01.12.2026"),
        ("format_date(period.start_date, 'YY/MM/DDT00:00:00Z')", "26/12/01T00:00:00Z"),
        ("format_date('2026-12-01T10:00:00+03:00', 'DDMMYYYY')", "01122026"),
        ("format_date(vehicle.body_number, 'DD.MM.YYYY')", None),
        ("upper(vehicle.model)", "GRANTA"),
        ("lower(vehicle.brand)", "lada"),
        ("upper(vehicle.body_number)", None),
        ("digits(owner.phone)", "79990000001"),
        ("digits(vehicle.year)", "2020"),
        ("digits(vehicle.body_number)", None),
        ('pick(vehicle.category, `{"B": "car", "C": "truck"}`)', "car"),
        ('pick(vehicle.category, `{"C": "truck"}`)', None),
        ('pick(vehicle.trailer, `{"true": 1, "false": 0}`)', 0),
        ('pick(vehicle.body_number, `{"null": 1}`)', None),
        ("concat([vehicle.document.series, ' ', vehicle.body_number, vehicle.year])", "7700 2020"),
        ("concat([vehicle.power_hp, vehicle.trailer])", "87false"),
        ("full_years(drivers[0].driving_since, call.today)", 21),
        ("full_years('2000-11-28', call.today)", 26),
        ("full_years('2000-11-29', call.today)", 25),
        ("full_years('2004-02-29', '2005-02-28')", 0),
        ("full_years('2004-02-29', '2005-03-01')", 1),
        ("full_years(vehicle.body_number, call.today)", None),
        ("sum([vehicle.power_hp, `0.1`, `0.2`])", Decimal("87.3")),
        ("min_by(drivers, &birth_date).first_name", "Иван"),
        ("drivers[?license.series == '9901'] | [0].first_name", "Анна"),
        ("type(drivers) == 'array' && length(drivers) || `0`", 2),
    ],
)
def test_values(text, expected, application):
    assert value(text, application) == expected


def test_the_roots_of_an_application_are_its_normal_forms():
    own = set(Application.model_fields) | {"policyholder_is_owner"}
    assert own == set(APPLICATION_ROOTS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the expression ends too early"),
        ("vehicle.", "the expression ends too early"),
        ("vehicle..vin", "not an expression: unexpected '.' at character 9"),
        ("vehicle.вин", "not an expression: "),
        ("'open", "not an expression: "),
        ("nope(vehicle)", "unknown function nope()"),
        ("upper()", "upper() takes 1 argument, not 0"),
        ("not_null()", "not_null() takes at least 1 argument, not 0"),
        ("vehicle.upper(vin, vin)", "upper() takes 1 argument, not 2"),
        ("body.vin", "`body` is not known here"),
        ("drivers[].upper(wrong(@))", "unknown function wrong()"),
        ("upper(vehicel.vin)", "`vehicel` is not known here"),
        ("[vehicle.vin, {a: drivr}]", "`drivr` is not known here"),
    ],
)
def test_a_bad_expression_is_found_when_it_is_compiled(text, problem):
    with pytest.raises(ExpressionError) as caught:
        Expression(text, REQUEST_ROOTS)
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("upper(vehicle.year)", "upper() got number, expected string or null"),
        ("format_date(vehicle.vin, 'DD')", "format_date() expects a date as YYYY-MM-DD"),
        ("full_years(vehicle.vin, call.today)", "full_years() expects a date as YYYY-MM-DD"),
        ("pick(drivers, `{}`)", "pick() expected text, a number or a boolean"),
        ("concat([owner])", "concat() expected text, a number or a boolean"),
        ("sum(drivers[].birth_date)", "sum() got str, expected array-number"),
        ("drivers[::0]", "failed with ValueError"),
    ],
)
def test_a_failing_expression_tells_types_and_never_values(text, problem, application):
    with pytest.raises(ExpressionError) as caught:
        value(text, application)
    assert str(caught.value) == problem
    assert "XTA" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_fractions_of_an_answer_are_numbers():
    answer = {
        "body": {"price": Decimal("12345.10"), "extras": [{"price": Decimal("0.20")}, {"price": 1}]}
    }

    def read(text):
        return Expression(text, ANSWER_ROOTS).evaluate(answer)

    assert read("sum([body.price, body.extras[].price][])") == Decimal("12346.30")
    assert read("body.price > `12345`") is True
    assert read("to_string(body.price)") == "12345.10"
    assert read("max_by(body.extras[?price < `1`], &price).price") == Decimal("0.20")
    assert read("type(body.price)") == "number"


def test_names_under_a_root():
    def names(text):
        return Expression(text, REQUEST_ROOTS).names_under("call")

    assert names("call.key") == {"key"}
    assert names("concat([vehicle.vin, '-', call.key])") == {"key"}
    assert names("{a: call.today, b: call.key}") == {"today", "key"}
    assert names("'call.key'") == set()
    assert names("vehicle.call.key") == set()


def test_a_template_keeps_its_shape_and_its_nulls(application):
    body = tomllib.loads("""
        product = "'osago'"
        vehicle = { vin = "vehicle.vin", body = "vehicle.body_number" }
        docs = [{ number = "vehicle.document.number" }, "`2`"]
        empty = {}
    """)
    template = TypeAdapter(RequestTemplate).validate_python(body)
    assert template.render(application) == {
        "product": "osago",
        "vehicle": {"vin": "XTA219010L0000001", "body": None},
        "docs": [{"number": "000001"}, 2],
        "empty": {},
    }
    assert len(list(template.expressions())) == 5


def test_a_template_names_the_key_that_failed(application):
    template = TypeAdapter(RequestTemplate).validate_python({"a": [{"b": "upper(drivers)"}]})
    with pytest.raises(ExpressionError) as caught:
        template.render(application)
    assert str(caught.value) == "a[0].b: upper() got array, expected string or null"
