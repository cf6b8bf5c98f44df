"""Insurers' kinds of client: coarse, impersonal, the finest first."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.pricing.segments import segment_of, segments_of
from osago_core.tariff import Owner, RatedDriver, RatedFacts, Registration, VehicleClass


def facts(**changes):
    usual = {
        "vehicle_class": VehicleClass.CAR_INDIVIDUAL,
        "owner": Owner.INDIVIDUAL,
        "territory_id": "ta/kazan",
        "power_hp": Decimal(136),
        "drivers": (RatedDriver(age=41, experience=21, kbm_class="13"),),
    }
    return RatedFacts(**usual | changes)


def driven_by(*drivers):
    return facts(drivers=tuple(RatedDriver(*driver) for driver in drivers))


def test_the_finer_comes_first_and_lies_in_the_coarser_which_is_of_one_territory():
    fine, wide = segments_of(facts())
    assert segment_of(facts()) == fine
    assert fine == "car_individual|individual|russia|ta/kazan|25-59|3+|12-13|<=150"
    assert wide == "car_individual|individual|russia|ta/kazan"


@pytest.mark.parametrize(
    "other",
    [
        {"vehicle_class": VehicleClass.CAR_TAXI},
        {"territory_id": "ta/rest"},
        {"drivers": None},
        {"power_hp": Decimal("150.1")},
        {"power_hp": None},
        {"drivers": (RatedDriver(24, 5, "13"),)},
        {"drivers": (RatedDriver(60, 21, "13"),)},
        {"drivers": (RatedDriver(41, 2, "13"),)},
        {"drivers": (RatedDriver(41, 21, "11"),)},
        {"drivers": (RatedDriver(41, 21, "2"),)},
        {"kbm": Decimal("0.46")},
        {"registration": Registration.FOREIGN, "territory_id": None},
    ],
)
def test_what_insurers_tell_apart_is_apart(other):
    assert segment_of(facts(**other)) != segment_of(facts())


@pytest.mark.parametrize(
    "other",
    [
        {"use_months": 3},
        {"power_hp": Decimal(150)},
        {"drivers": (RatedDriver(25, 3, "12"),)},
        {"drivers": (RatedDriver(59, 41, "13"), RatedDriver(41, 21, "12"))},
    ],
)
def test_what_they_do_not_tell_apart_is_together(other):
    assert segment_of(facts(**other)) == segment_of(facts())


def test_a_list_is_as_young_as_its_youngest_and_as_new_as_its_newest_driver():
    both = driven_by((62, 40, "13"), (23, 5, "13"), (35, 1, "M"))
    assert segment_of(both) == segment_of(driven_by((23, 1, "M")))


def test_a_driver_of_unknown_class_counts_as_one_without_history():
    assert segment_of(driven_by((41, 21, None))) == segment_of(driven_by((41, 21, "3")))
    assert segment_of(driven_by((41, 21, None))) != segment_of(driven_by((41, 21, "M")))


@given(st.integers(16, 90), st.integers(0, 60), st.sampled_from(["M", "3", "13"]))
def test_clients_of_a_place_are_of_few_kinds(age, experience, kbm_class):
    fine = segment_of(driven_by((max(age, experience), experience, kbm_class)))
    kinds = {"<25", "25-59", "60+", "<3", "3+", "M-2", "3-11", "12-13", "<=150"}
    assert set(fine.split("|")[4:]) <= kinds
