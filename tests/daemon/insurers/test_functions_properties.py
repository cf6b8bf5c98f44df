"""What holds of every function, whatever it is given."""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath import functions as jmespath_functions
from jmespath.exceptions import JMESPathError

from osago_daemon.insurers.functions import Functions
from osago_daemon.insurers.functions.dictionaries import Dictionary, LookUp, folded

FUNCTIONS = Functions()
EACH = settings(deadline=None, max_examples=20)  # of some forty functions
ROUND_TRIP = settings(deadline=None, max_examples=50)
LIBRARYS = jmespath_functions.Functions.FUNCTION_TABLE
REWRITTEN = ("sum", "avg", "to_number", "to_string")
OURS = sorted({*Functions.FUNCTION_TABLE} - {*LIBRARYS} | {*REWRITTEN})


def call(name, *arguments):
    return FUNCTIONS.call_function(name, list(arguments))


TABLE = LookUp(Dictionary("makes", {folded("LADA"): ("LADA", 1)}), shown=True)
NUMBERS = (
    st.integers()
    | st.integers(-3, 30)
    | st.sampled_from([10**400, -(10**4000), 1e308, -1e-308, 0.1, 2.0])
    | st.decimals(allow_nan=False, allow_infinity=False)
)
TEXTS = (
    st.text(st.characters(codec=None), max_size=20)
    | st.text("0123456789.-+ #", max_size=20)
    | st.sampled_from(
        ["2026-07-05", "DD.MM.YYYY", "+7 999 000-00-01", "7700000000000", "0001-01-01"]
    )
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=6,
)


@pytest.mark.parametrize("name", OURS)
@EACH
@given(data=st.data())
def test_a_function_gives_a_value_or_the_error_of_an_expression(name, data):
    signature = Functions.FUNCTION_TABLE[name]["signature"]
    count = data.draw(st.integers(0, len(signature) + 1))
    arguments = [data.draw(_fitting(signature, i)) for i in range(count)]
    if name == "look_up" and arguments and data.draw(st.booleans()):
        arguments[0] = TABLE
    with suppress(JMESPathError):
        call(name, *arguments)


def _fitting(signature, index):
    """Mostly of the declared type, so that what lies behind is reached."""
    types = signature[index]["types"] if index < len(signature) else []
    fitting = {
        ("number",): NUMBERS,
        ("string",): TEXTS,
        ("array",): st.lists(VALUES, max_size=4),
        ("array-number",): st.lists(NUMBERS, max_size=4),
        ("object",): st.dictionaries(TEXTS, VALUES, max_size=4),
    }.get(tuple(types), SCALARS)
    return fitting | VALUES


@ROUND_TRIP
@given(
    day=st.dates(),
    pattern=st.permutations(["YYYY", "MM", "DD"]).flatmap(
        lambda tokens: st.lists(
            st.sampled_from([".", "/", " ", "-", "", "T", "г", "(["]), min_size=4, max_size=4
        ).map(lambda between: "".join(a + b for a, b in zip(between, [*tokens, ""], strict=True)))
    ),
)
def test_a_date_comes_back_from_any_dress(day: date, pattern):
    assert call("parse_date", call("format_date", day.isoformat(), pattern), pattern) == (
        day.isoformat()
    )


@ROUND_TRIP
@given(day=st.dates(min_value=date(1, 1, 2)))
def test_a_day_comes_back_from_unix_time(day):
    text = day.isoformat()
    assert call("from_unix_s", call("unix_s", text)) == text
    assert call("from_unix_ms", call("unix_ms", text)) == text
    assert call("unix_ms", text) == 1000 * call("unix_s", text)


@ROUND_TRIP
@given(
    number=st.from_regex(r"[0-9]{10}", fullmatch=True),
    code=st.sampled_from(["", "8", "7", "+7", "8 ", "+7 (", "7-"]),
    dress=st.sampled_from(["+7 (###) ###-##-##", "8##########", "### ### ####", "+###########"]),
)
def test_a_phone_number_is_the_same_in_any_dress(number, code, dress):
    dressed = call("phone", f"{code}{number}", dress)
    assert re.sub("[0-9]", "#", dressed).count("#") - dress.count("#") == len(
        re.findall("[0-9]", dress)
    )
    assert call("digits", dressed).endswith(number)
    assert call("phone", f"+7{number}", "+7##########") == f"+7{number}"


@ROUND_TRIP
@given(hp=st.decimals(min_value=0, max_value=3000, places=2))
def test_power_comes_back_from_kilowatts(hp):
    assert call("kw_to_hp", call("hp_to_kw", hp, 4), 2) == hp


@ROUND_TRIP
@given(
    series=st.from_regex(r"[0-9]{2}(?:[0-9]{2}|[А-Я]{2})", fullmatch=True),
    number=st.from_regex(r"[0-9]{6}", fullmatch=True),
    dress=st.sampled_from(
        ["## ## ######", "#### ######", "####№######", "##-##-######", "##########"]
    ),
)
def test_a_document_comes_apart_as_it_was_joined(series, number, dress):
    joined = call("layout", call("concat", [series, number]), dress)
    assert call("document_series", joined) == series
    assert call("document_number", joined) == number


@ROUND_TRIP
@given(amount=st.integers(0, 10**10))
def test_money_comes_back_from_kopecks(amount):
    roubles = call("roubles", amount)
    assert call("kopecks", roubles) == amount
    text = call("decimal_text", roubles, 2)
    assert Decimal(text) * 100 == amount
    assert call("decimal_text", roubles, 2, ",") == text.replace(".", ",")


def nulls(value):
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        return sum((each is None) + nulls(each) for each in children)
    return 0


@ROUND_TRIP
@given(value=VALUES)
def test_nothing_null_is_left(value):
    found = call("without_nulls", value)
    assert nulls(found) == 0
    if nulls(value) == 0:
        assert found == value


@ROUND_TRIP
@given(value=st.booleans(), yes=st.sampled_from(["да", "YES", "1", "true", "Y", 1]))
def test_a_boolean_comes_back_from_their_words(value, yes):
    no = {"да": "нет", "YES": "NO", "1": "0", "true": "false", "Y": "N", 1: 0}[yes]
    assert call("to_bool", call("yes_no", value, yes, no)) is value
