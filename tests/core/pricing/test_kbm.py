"""What a year makes of a bonus-malus class, and which class a coefficient is."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.pricing.kbm import aprils, classes_of, next_april, no_history_class, transition
from osago_core.tariff import BadFacts, tariff_on
from osago_core.tariff.driver_tables import KBM_CLASSES

TODAY = date(2026, 5, 10)
TARIFF = tariff_on(TODAY)


def test_a_transition_is_told_with_both_values_and_the_day():
    told = transition("7", 1, tariff=TARIFF, today=TODAY)
    assert told.text == "class 7 (0.78), 1 claim: from 2027-04-01 class 4 (1.00)"
    assert told.params == {
        "from_class": "7",
        "from_value": "0.78",
        "claims": "1",
        "day": "2027-04-01",
        "to_class": "4",
        "to_value": "1.00",
    }


@pytest.mark.parametrize(
    ("kbm_class", "claims", "after"),
    [("13", 0, "13"), ("13", 1, "7"), ("10", 4, "M"), ("10", 40, "M"), ("M", 0, "0")],
)
def test_the_next_class_is_that_of_the_edicts_matrix(kbm_class, claims, after):
    assert transition(kbm_class, claims, tariff=TARIFF, today=TODAY).to_class == after


def test_without_history_the_year_begins_at_class_3():
    told = transition(None, 0, tariff=TARIFF, today=TODAY)
    assert (told.from_class, told.to_class) == ("3", "4")


def test_the_class_without_history_is_3_also_where_it_had_another_value():
    old = tariff_on(date(2019, 6, 1))
    assert old.kbm(None) != TARIFF.kbm(None)
    assert no_history_class(old) == no_history_class(TARIFF) == "3"


def test_what_cannot_be_is_refused():
    with pytest.raises(BadFacts):
        transition("14", 0, tariff=TARIFF, today=TODAY)
    with pytest.raises(BadFacts):
        transition("3", -1, tariff=TARIFF, today=TODAY)


@given(st.sampled_from(KBM_CLASSES), st.integers(0, 9))
def test_more_claims_never_make_a_class_cheaper(kbm_class, claims):
    fewer = transition(kbm_class, claims, tariff=TARIFF, today=TODAY)
    more = transition(kbm_class, claims + 1, tariff=TARIFF, today=TODAY)
    assert more.to_value >= fewer.to_value


@given(st.sampled_from(KBM_CLASSES))
def test_a_class_is_found_by_its_value(kbm_class):
    assert kbm_class in classes_of(TARIFF.kbm(kbm_class), TARIFF)


def test_a_value_is_compared_as_a_number_and_one_of_no_class_finds_none():
    assert classes_of(Decimal(1), TARIFF) == ("4",)
    assert classes_of(Decimal("0.5"), TARIFF) == ()


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_the_next_1_april_is_the_first_one_after_the_day(day):
    april = next_april(day)
    assert (april.month, april.day) == (4, 1)
    assert 0 < (april - day).days <= 366


def test_on_1_april_the_next_one_is_a_year_ahead():
    assert next_april(date(2026, 3, 31)) == date(2026, 4, 1)
    assert next_april(date(2026, 4, 1)) == date(2027, 4, 1)


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2026, 3, 2), 0),
        (date(2026, 5, 10), 0),
        (date(2027, 3, 31), 0),
        (date(2027, 4, 1), 1),
        (date(2028, 3, 31), 1),
        (date(2028, 4, 1), 2),
    ],
)
def test_classes_change_once_on_every_1_april_after_today(day, count):
    assert aprils(TODAY, day) == count


def test_a_1_april_that_is_today_has_changed_them_already():
    assert aprils(date(2026, 4, 1), date(2026, 12, 31)) == 0
