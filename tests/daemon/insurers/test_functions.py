"""The functions of expressions: as docs/insurers.md shows them, and what they refuse."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from jmespath import functions as jmespath_functions

from osago_core.application import Valid, check
from osago_daemon.insurers import dictionary_tables, look_ups
from osago_daemon.insurers.exact import exact
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.functions import Functions
from osago_daemon.insurers.names import ANSWER, REQUEST

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/insurers.md").read_text(encoding="utf-8")
ROWS = [line.split("|") for line in PAGE.splitlines() if "`` → ``" in line]
EXAMPLES = [
    re.search(r"``(.+?)`` → ``(.+)``", line).groups()
    for line in PAGE.splitlines()
    if "`` → ``" in line
]
OURS = set(Functions.FUNCTION_TABLE) - set(jmespath_functions.Functions.FUNCTION_TABLE)


@pytest.fixture(scope="module")
def scope():
    raw = json.loads((ROOT / "examples/application.json").read_text(encoding="utf-8"))
    checked = check(raw, today=date(2026, 7, 1))
    assert isinstance(checked, Valid)
    return exact({**checked.application.normal_form(), "call": {"today": "2026-07-01"}})


def value(text, scope=None):
    makes = {"makes": {"entries": {"LADA": {"value": 1, "aliases": ["Лада"]}}}}
    with look_ups.using(dictionary_tables.read(makes, Path()).dictionaries):
        expression = Expression(text, ANSWER if scope is None else REQUEST)
    return expression.evaluate({} if scope is None else scope)


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_an_example_of_the_page(text, expected, scope):
    assert value(text, scope) == exact(json.loads(expected))


def test_every_function_of_ours_has_its_row_and_its_example():
    called = {name for text, _ in EXAMPLES for name in re.findall(r"([a-z_0-9]+)\(", text)}
    named = {name for row in ROWS for name in re.findall(r"`([a-z_0-9]+)\(", row[1])}
    assert called >= OURS
    assert named == OURS | {"sum"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kladr(vehicle.vin, `13`)", "kladr() keeps 2 digits (region), 5 (district)"),
        ("kladr(vehicle.vin, `2`, `20`)", "kladr() expects a whole number from 1 to 19"),
        ("kladr(vehicle.vin, '2')", "kladr() got string, expected number"),
        ("parse_date(vehicle.vin, 'DD.MM.YY')", "parse_date() expects a pattern with DD, MM and"),
        ("parse_date(vehicle.vin, 'DD.MM.YYYY DD')", "parse_date() expects a pattern with DD, MM"),
        ("phone(owner.phone, '+7 ###')", "phone() expects a pattern with # for each of 10 digits"),
        ("layout(vehicle.vin, '')", "layout() expects a pattern with # for each character"),
        ("cut(vehicle.vin, `-1`)", "a length is a whole number from 0 to 1000"),
        ("pad_left(vehicle.vin, `1.5`)", "a length is a whole number from 0 to 1000"),
        ("pad_left(vehicle.vin, `3`, '')", "padding is by one character"),
        ("round(vehicle.year, `11`)", "the digits after the point are a whole number from 0 to"),
        ("decimal_text(vehicle.year, `2`, ';')", "decimal_text() expects '.' or ',' before the"),
        ("upper(`1`)", "upper() got number, expected string or null"),
        ("format_date(vehicle.vin)", "format_date() takes 2 arguments, not 1"),
        ("round()", "round() takes 1 or 2 arguments, not 0"),
        ("round(a, b, c)", "round() takes 1 or 2 arguments, not 3"),
        ("pick(a, b, c, d)", "pick() takes 2 or 3 arguments, not 4"),
        ("first_of()", "first_of() takes at least 1 argument, not 0"),
        ("if(a, b)", "if() takes 3 arguments, not 2"),
        ("look_up('maks', vehicle.brand)", "there is no dictionary `maks`; did you mean `makes`?"),
        ("look_up('x', vehicle.brand)", "there is no dictionary `x`; there is makes"),
        ("look_up(vehicle.brand, 'x')", "look_up() takes the name of a dictionary in quotes first"),
        ("look_up(`1`, 'x')", "look_up() takes the name of a dictionary in quotes first"),
        ("digest(vehicle.vin, 'sha3')", "the algorithm is one of md5, sha1, sha256, sha512"),
        ("hmac('k', vehicle.vin, 'md5', 'hax')", "the result is written as one of hex, base64"),
        ("yes_noo(a, b, c)", "unknown function yes_noo(); did you mean `yes_no`?"),
    ],
)
def test_a_mistake_that_the_file_shows(text, problem):
    with pytest.raises(ExpressionError) as caught:
        value(text, {})
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("parse_date('1.2.2026', 'DD.MM.YYYY')", "parse_date() expects a date of the pattern"),
        ("parse_date('31.02.2026', 'DD.MM.YYYY')", "parse_date() expects a date of the pattern"),
        ("parse_date('05.07.20261', 'DD.MM.YYYY')", "parse_date() expects a date of the pattern"),
        ("parse_date('05x07x2026', 'DD.MM.YYYY')", "parse_date() expects a date of the pattern"),
        ("each_with(`[1]`, `{}`)", "each_with() expects a list of objects"),
        ("from_json('{')", "from_json() got something that is no JSON"),
        ("from_xml('<!DOCTYPE a><a/>')", "from_xml() got something that is no XML"),
        ("from_base64('@')", "from_base64() got something that is no Base64 of a text"),
        ("add_days('2026-07-01', `1.5`)", "add_days() expects a whole number from -100000"),
        ("add_days('9999-12-31', `1`)", "add_days() leaves the years 1 to 9999"),
        ("add_seconds('tomorrow', `1`)", "add_seconds() expects an ISO date, or date and time"),
        ("add_seconds('2026-07-01', `1e300`)", "add_seconds() leaves the years 1 to 9999"),
        ("unix_s('tomorrow')", "unix_s() expects an ISO date, or date and time"),
        ("from_unix_s(`1e12`)", "from_unix_s() expects a moment between the years 1 and 9999"),
        ("yes_no(@, `1`, `0`)", "yes_no() got object, expected boolean or null"),
        ("to_bool('maybe')", "to_bool() expects a boolean, 1, 0, or a word"),
        ("to_bool(`2`)", "to_bool() expects a boolean, 1, 0, or a word"),
        ("kopecks(`1.005`)", "kopecks() got a fraction of a kopeck"),
        ("layout('12345', '###-###')", "layout() has 6 places in its pattern and got 5"),
        ("phone('+375 29 123-45-67', '##########')", "phone() expects a phone number of +7"),
        ("document_number('123456')", "document_number() expects a series of 2 or 4 characters"),
        ("document_series('77 00 12345')", "document_series() expects a series of 2 or 4"),
        ("kladr('77', `2`)", "kladr() expects a code of 13, 17 or 19 digits"),
        ("kladr('7700000000000', `15`, `13`)", "kladr() can't keep more digits than the width"),
        ("object_of(['a'], `[1, 2]`)", "object_of() expects as many values as keys"),
        ("object_of(['a', 'a'], `[1, 2]`)", "object_of() expects keys that are all different"),
        ("object_of([body.x], `[1]`)", "object_of() expects keys that are all different"),
        ("object_of([@], `[1]`)", "object_of() expected text, a number or a boolean"),
        ("cut([body.x], `1`)", "cut() got array, expected string or number or null"),
        ("pad_left('x', length([@]), concat(['ab']))", "padding is by one character"),
        ("round(`1`, sum([`11`]))", "round() expects a whole number from 0 to 10"),
    ],
)
def test_what_a_function_can_not_read(text, problem):
    with pytest.raises(ExpressionError) as caught:
        value(text)
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unix_s('2026-07-05T00:00:00+03:00')", 1783198800),
        ("unix_s('2026-07-05T00:00:00')", 1783198800),  # Moscow's
        ("unix_ms('1970-01-01T00:00:00.0015Z')", 1),
        ("from_unix_s(`1783198799.9`)", "2026-07-04"),
        ("from_unix_s(`-1`)", "1970-01-01"),
        ("parse_date('20260705', 'YYYYMMDD')", "2026-07-05"),
        ("parse_date('2026/07/05T00:00:00Z', 'YYYY/MM/DD')", "2026-07-05"),
        ("first_of(body.x, ' ', '', `0`, `1`)", 0),
        ("first_of(body.x, '')", None),
        ("if(`0`, 'yes', 'no')", "yes"),
        ("if('', 'yes', 'no')", "no"),
        ("if(`{}`, 'yes', 'no')", "no"),
        ("[if(body.x, phone('x', '##########'), `1`), if('y', `1`, kladr('x', `2`))]", [1, 1]),
        ("[@, @][?if(`true`, `true`, upper(@))] | length(@)", 2),  # left to the interpreter
        ("map(&if(`false`, upper(@), @), `[1, 2]`)", [1, 2]),
        ("to_bool(`1`)", True),
        ("to_bool('0')", False),
        ("to_bool(' Нет ')", False),
        ("""pick(body.x, `{"null": 1}`, 'none')""", "none"),
        ("round(`2.5`)", 3),
        ("round(`-2.5`)", -3),
        ("round(`-0.4`)", 0),
        ("decimal_text(`-0.004`, `2`)", "0.00"),
        ("decimal_text(`1e15`, `0`)", "1000000000000000"),
        ("roubles(`5`)", Decimal("0.05")),
        ("roubles(`500`)", 5),
        ("layout(`77`, '# #')", "7 7"),
        ("phone('9990000001', '8##########')", "89990000001"),
        ("phone(`79990000001`, '##########')", "9990000001"),
        ("document_series('77УХ 123456')", "77УХ"),
        ("document_series('ВЕ№123456')", "ВЕ"),
        ("kladr('7700000000000', `15`, `17`)", "77000000000000000"),
        ("kladr('5000300200000470012', `19`)", "5000300200000470012"),
        ("as_list(body.x)", []),
        ("as_list(`[1]`)", [1]),
        ("as_list('ab')", ["ab"]),
        (
            'without_nulls(`{"a": null, "b": [null, {"c": null}], "d": false}`)',
            {"b": [{}], "d": False},
        ),
    ],
)
def test_values_at_the_edge(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("name", "sex"),
    [
        *[(name, "m") for name in ("Иванович", "ИЛЬИЧ", "Мамед оглы", "Асан уулу")],
        *[(name, "f") for name in ("Ивановна", "Кузьминична", "Мамед кызы", "ильинична ")],
        *[(name, None) for name in ("", "Иван", "Мария-Луиза")],
    ],
)
def test_a_patronymic(name, sex):
    assert value("gender(body, 'm', 'f')") is None
    assert Expression("gender(body, 'm', 'f')", ANSWER).evaluate({"body": name}) == sex
