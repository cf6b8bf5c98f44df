import tomllib
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.names import ANSWER, REQUEST
from osago_daemon.insurers.tables import RequestTemplate


def value(text, application):
    return Expression(text, REQUEST).evaluate({**application, "call": {"today": "2026-11-28"}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vehicle.vin", "XTA219010L0000001"),
        ("vehicle.body_number", None),
        ("vehicle.body_number[0]", None),
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
        ("upper(vehicel.vin)", "`vehicel` is not known here; did you mean `vehicle`?"),
        (
            "xyz.vin",
            "`xyz` is not known here; there is vehicle, owner, policyholder, drivers, period",
        ),
        ("[vehicle.vin, {a: drivr}]", "`drivr` is not known here"),
    ],
)
def test_a_bad_expression_is_found_when_it_is_compiled(text, problem):
    with pytest.raises(ExpressionError) as caught:
        Expression(text, REQUEST)
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
        return Expression(text, ANSWER).evaluate(answer)

    assert read("sum([body.price, body.extras[].price][])") == Decimal("12346.30")
    assert read("body.price > `12345`") is True
    assert read("to_string(body.price)") == "12345.10"
    assert read("max_by(body.extras[?price < `1`], &price).price") == Decimal("0.20")
    assert read("type(body.price)") == "number"


NUMBERS = {"body": {"p": Decimal("12345.67"), "n": 2, "k": Decimal("-1.17"), "t": "0.10"}}
LIST = "[body.p, body.n, body.k]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to_number(body.p)", Decimal("12345.67")),
        ("to_number(body.t)", Decimal("0.10")),
        ("to_number(body.n)", 2),
        ("to_number('17')", 17),
        *(
            (f"to_number({x})", None)
            for x in ("' 1'", "'1_0'", "'NaN'", "'1e999'", "`true`", "`[]`")
        ),
        ("abs(body.k)", Decimal("1.17")),
        ("ceil(body.k)", -1),
        ("floor(body.p)", 12345),
        ("avg([body.p, body.n])", Decimal("6173.835")),
        ("avg(`[1, 2]`)", Decimal("1.5")),
        ("avg(`[]`)", None),
        (f"sum({LIST})", Decimal("12346.50")),
        (f"max({LIST})", Decimal("12345.67")),
        (f"min({LIST})", Decimal("-1.17")),
        (f"sort({LIST})", [Decimal("-1.17"), 2, Decimal("12345.67")]),
        (f"sort_by({LIST}, &@)[0]", Decimal("-1.17")),
        (f"max_by({LIST}, &@)", Decimal("12345.67")),
        (f"min_by({LIST}, &@)", Decimal("-1.17")),
        ("type(body.p)", "number"),
        ("to_string(body.p)", "12345.67"),
        ("to_string({a: body.k, b: 'я'})", '{"a":-1.17,"b":"я"}'),
        ("to_array(body.p)", [Decimal("12345.67")]),
        ("not_null(body.x, body.p)", Decimal("12345.67")),
        ("digits(body.p)", "1234567"),
        ("concat([body.p, `0.5`])", "12345.670.5"),
        ('pick(body.t, `{"0.10": 7}`)', 7),
        ("body.p > `12345.66` && body.p < `12345.68`", True),
    ],
)
def test_every_function_of_numbers_keeps_kopecks(text, expected):
    found = Expression(text, ANSWER).evaluate(NUMBERS)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("body.k == `-1.17`", True),
        ("body.n == `2.0`", True),
        ("[body.k][?@ == `-1.17`]", [Decimal("-1.17")]),
        ("contains([body.k], `-1.17`)", True),
        ('{a: body.k} == `{"a": -1.17}`', True),
        ("body.k != `-1.17`", False),
    ],
)
def test_a_fraction_never_equalled_the_same_fraction_in_an_expression(text, expected):
    assert Expression(text, ANSWER).evaluate(NUMBERS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[" * 2000 + "]" * 2000,
        "(" * 2000 + "body" + ")" * 2000,
        "||".join(["body"] * 2000),
        "|".join(["body"] * 2000),
        "!" * 2000 + "body",
        "[" * 120 + "body" + "]" * 120,
        "`" + "[" * 3000 + "]" * 3000 + "`",
    ],
)
def test_a_deep_expression_ended_in_a_recursion_error(text):
    with pytest.raises(ExpressionError, match="nested too deeply"):
        Expression(text, ANSWER)


@pytest.mark.parametrize("text", ["`1e999`", "`NaN`", "`-Infinity`", '`[{"a": 1e400}]`'])
def test_a_number_that_json_has_not(text):
    with pytest.raises(ExpressionError, match="beyond all bounds"):
        Expression(text, ANSWER)


def test_names_under_a_root():
    def names(text):
        return Expression(text, REQUEST).names_under("call")

    assert names("call.key") == {"key"}
    assert names("concat([vehicle.vin, '-', call.key])") == {"key"}
    assert names("{a: call.today, b: call.key}") == {"today", "key"}
    assert names("'call.key'") == set()


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
