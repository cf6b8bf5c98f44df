"""Who used which KBM, and who differs."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.pricing.agreement import agreement
from osago_core.pricing.kbm import classes_of
from osago_core.tariff import tariff_on

CLASSES = partial(classes_of, tariff=tariff_on(date(2026, 3, 1)))
OURS = Decimal("0.46")
NAMES = ("Снегирь", "Кедр", "Барсук", "Север", "Янтарь")


def agreed(*values, ours=OURS):
    offers = [(name, {"kbm": value}) for name, value in zip(NAMES, values, strict=False)]
    return agreement(offers, ours, CLASSES)


@pytest.mark.parametrize(
    ("values", "ours", "text"),
    [
        (
            (1.17, 0.46, 1.17, 0.46, 0.46),
            OURS,
            (
                "2 of 5 differ: Снегирь, Барсук use 1.17 (class 3); "
                "Кедр, Север, Янтарь agree with 0.46 (class 13)"
            ),
        ),
        (
            (0.46, 1.17),
            OURS,
            "1 of 2 differs: Кедр uses 1.17 (class 3); Снегирь agrees with 0.46 (class 13)",
        ),
        (
            (1.17, 1.3, 1.17),
            OURS,
            (
                "3 of 3 differ: Снегирь, Барсук use 1.17 (class 3); Кедр uses 1.30; "
                "ours is 0.46 (class 13)"
            ),
        ),
        (
            (1.0, 0.46),
            None,
            "the insurers differ: Снегирь uses 1.00 (class 4); Кедр uses 0.46 (class 13)",
        ),
        ((0.46, 0.46), OURS, "Снегирь, Кедр agree with 0.46 (class 13)"),
        ((0.46, 0.46), None, "Снегирь, Кедр use 0.46 (class 13)"),
    ],
)
def test_who_differs_is_told_before_who_agrees(values, ours, text):
    assert agreed(*values, ours=ours).text == text


def test_the_value_used_most_is_first_and_of_equals_the_dearest():
    found = agreed(0.46, 1.17, 0.52, 1.17, 2.25)
    assert [str(group.value) for group in found.groups] == ["1.17", "2.25", "0.52", "0.46"]
    assert [group.ours for group in found.groups] == [False, False, False, True]


@pytest.mark.parametrize(
    ("values", "ours", "unanimous"),
    [
        ((0.46, 0.46), OURS, True),
        ((0.46, 0.46), None, True),
        ((1.17, 1.17), OURS, False),
        ((1.17, 0.46), OURS, False),
        ((1.17, 0.46), None, False),
    ],
)
def test_unanimous_is_with_each_other_and_with_us(values, ours, unanimous):
    assert agreed(*values, ours=ours).unanimous is unanimous


def test_whoever_reports_no_kbm_has_no_say():
    offers = [("a", None), ("b", {}), ("c", {"kt": 1.7}), ("d", {"Kbm ": Decimal("0.46")})]
    assert agreement(offers, OURS, CLASSES).asked == 1
    assert agreement(offers[:3], OURS, CLASSES) is None


@given(st.lists(st.sampled_from([0.46, 1.17, 1.0, 1.0000000001, 3.92]), min_size=1, max_size=5))
def test_everybody_is_in_exactly_one_group_however_the_number_is_written(values):
    found = agreed(*values)
    told = [insurer for group in found.groups for insurer in group.insurers]
    assert sorted(told) == sorted(NAMES[: len(values)])
    assert len({group.value for group in found.groups}) == len(found.groups) <= 4
    assert all(len(group.classes) == 1 for group in found.groups)
