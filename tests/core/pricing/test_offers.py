"""What is said of an offer: nothing of a lawful one, and the cause of one that can't be."""

import dataclasses
import string
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from osago_core.money import to_kopecks
from osago_core.offer import Offer
from osago_core.pricing.offers import CHECKS, check_offer
from osago_core.tariff import (
    Doubt,
    Owner,
    RatedDriver,
    RatedFacts,
    VehicleClass,
    tariff_on,
    territories,
)
from osago_core.wire.tariff import OfferFindings

DAY = date(2026, 3, 1)
TARIFF = tariff_on(DAY)
ROUBLE = Decimal(1)
CORRIDOR = {
    "kopecks_suspected",
    "roubles_suspected",
    "full_year_suspected",
    "base_rate_below",
    "base_rate_above",
}
OWNERS = {VehicleClass.CAR_INDIVIDUAL: Owner.INDIVIDUAL, VehicleClass.CAR_LEGAL: Owner.LEGAL}
SHARES = st.decimals(0, 1, places=4)


def facts(**changes):
    """41 years, 21 of driving, class 13, 136 hp, Kazan: all of it certain."""
    usual = {
        "vehicle_class": VehicleClass.CAR_INDIVIDUAL,
        "owner": Owner.INDIVIDUAL,
        "territory_id": "ta/kazan",
        "power_hp": Decimal(136),
        "drivers": (RatedDriver(41, 21, "13"),),
    }
    return RatedFacts(**usual | changes)


@cache
def calculate(policy=None):
    return TARIFF.calculate(policy or facts())


HALF_YEAR = calculate(facts(use_months=6))
SURE = calculate()
UNKNOWN_CLASS = calculate(facts(drivers=(RatedDriver(41, 21, None),)))
UNSURE_KT = calculate(facts(territory_id="ba/ishimbay"))


def checked(premium, calculation=SURE, **fields):
    offer = Offer(premium=premium, **fields)
    return check_offer(offer, calculation, TARIFF)


def codes(premium, calculation=SURE, **fields):
    return [check.code for check in checked(premium, calculation, **fields).checks]


@st.composite
def calculations(draw):
    vehicle_class = draw(st.sampled_from(list(VehicleClass)))
    age = draw(st.integers(16, 95))
    kbm_class = draw(st.sampled_from(["M", "0", "3", "13", None]))
    driver = RatedDriver(age, draw(st.integers(0, age - 16)), kbm_class)
    return TARIFF.calculate(
        RatedFacts(
            vehicle_class=vehicle_class,
            owner=OWNERS.get(vehicle_class) or draw(st.sampled_from(list(Owner))),
            territory_id=draw(st.sampled_from(territories())).id,
            power_hp=draw(st.decimals(1, 400, places=1)),
            drivers=draw(st.sampled_from([None, (driver,)])),
            use_months=draw(st.integers(1, 12)),
        )
    )


def rate_at(calculation, share):
    low, high = calculation.base_rate.min, calculation.base_rate.max
    return to_kopecks(low + (high - low) * share)


def test_the_calculations_of_these_tests_are_as_sure_as_their_names_say():
    assert not SURE.approximate
    assert not HALF_YEAR.approximate
    assert {doubt.about for doubt in UNKNOWN_CLASS.doubts} == {"kbm"}
    assert {doubt.about for doubt in UNSURE_KT.doubts} == {"kt"}


@given(calculations(), SHARES, st.booleans(), st.booleans(), st.booleans())
def test_a_lawful_offer_has_nothing_against_it_however_it_is_rounded(
    calculation, share, whole, tells_rate, tells_coefficients
):
    rate = rate_at(calculation, share)
    premium = calculation.premium(rate)
    found = checked(
        premium.quantize(ROUBLE).quantize(Decimal("0.01")) if whole else premium,
        calculation,
        base_rate=rate if tells_rate else None,
        coefficients={
            name.upper(): to_kopecks(value) for name, value in calculation.coefficients.items()
        }
        if tells_coefficients
        else None,
    )
    assert found.checks == ()
    assert 0 <= found.tariff.position <= 1
    assert found.tariff.approximate == calculation.approximate


@given(calculations(), SHARES)
def test_a_hundredfold_premium_is_taken_for_kopecks_and_a_hundredth_for_roubles(calculation, share):
    premium = calculation.premium(rate_at(calculation, share))
    [check] = checked(premium * 100, calculation).checks
    assert (check.code, check.severity) == ("kopecks_suspected", "warning")
    assert check.params["lawful"] == str(premium)
    if premium == premium.quantize(ROUBLE):
        [check] = checked(premium / 100, calculation).checks
        assert (check.code, check.severity) == ("roubles_suspected", "warning")


@given(calculations(), st.decimals(0, 10**6, places=2))
def test_a_premium_outside_has_exactly_one_word_of_the_corridor_and_one_inside_has_none(
    calculation, premium
):
    found = checked(premium, calculation)
    said = [check.code for check in found.checks if check.code in CORRIDOR]
    near = any(calculation.allows(premium + by) for by in (Decimal("-0.5"), 0, Decimal("0.5")))
    whole = premium == premium.quantize(ROUBLE)
    lawful = calculation.allows(premium) or (whole and near)
    assert len(said) == (not lawful)
    assert lawful == (0 <= found.tariff.position <= 1)


AMOUNTS = st.decimals(0, Decimal("9999999999999.99"), places=2)
COEFFICIENTS = (
    st.decimals(Decimal("0.0000000001"), Decimal(10**14), allow_nan=False, places=None)
    .map(lambda value: Decimal(f"{value:.6g}"))
    .filter(lambda v: len(f"{v:f}") <= 12)
)


@given(
    st.none() | calculations(),
    AMOUNTS,
    st.none() | AMOUNTS,
    st.none()
    | st.dictionaries(
        st.sampled_from(["KBM", "kt", " Kvs", "ko", "km", "KS", "kp"]) | st.text(max_size=4),
        COEFFICIENTS,
        max_size=6,
    ),
    st.booleans(),
)
def test_no_offer_is_too_strange_to_be_checked(calculation, premium, rate, coefficients, final):
    found = checked(premium, calculation, base_rate=rate, coefficients=coefficients, final=final)
    severities = [check.severity for check in found.checks]
    assert severities == sorted(severities, reverse=True)  # warnings first
    for check in found.checks:
        assert check.text
        words = {name for _, name, _, _ in string.Formatter().parse(CHECKS[check.code]) if name}
        assert words <= check.params.keys()
        assert all(isinstance(value, str) for value in check.params.values())


def test_the_base_rate_behind_a_premium_is_told_with_its_place_in_the_corridor():
    tariff = checked(SURE.premium(Decimal("4321.5"))).tariff
    assert (tariff.base_rate, tariff.min, tariff.max) == (Decimal("4321.50"), 1399, 8665)
    assert tariff.position == round((4321.5 - 1399) / (8665 - 1399), 3)


def test_the_position_says_outside_exactly_where_no_lawful_base_rate_leads():
    by = Decimal("0.01")
    assert checked(SURE.premium_max + by).tariff.position == 1.001
    assert checked(SURE.premium_max).tariff.position == 1
    assert checked(SURE.premium_min).tariff.position == 0
    assert checked(SURE.premium_min - by).tariff.position == -0.001


def test_a_base_rate_too_long_for_the_wire_is_only_told_in_the_check():
    assert SURE.multiplier < 1
    found = checked(Decimal("9999999999999.99"))
    assert found.tariff is None
    assert [check.code for check in found.checks] == ["base_rate_above"]


def test_without_a_calculation_there_is_nothing_to_say():
    assert checked(1, None) == OfferFindings()


@pytest.mark.parametrize(
    ("premium", "code", "text"),
    [
        (
            SURE.premium_max + 1,
            "base_rate_above",
            "the base rate behind it, 8666.00, is above the highest lawful one, 8665",
        ),
        (
            SURE.premium_min - 1,
            "base_rate_below",
            "the base rate behind it, 1398.00, is below the lowest lawful one, 1399",
        ),
    ],
)
def test_just_outside_names_the_base_rate_and_the_bound(premium, code, text):
    [check] = checked(premium).checks
    assert (check.code, check.severity, check.text) == (code, "warning", text)
    assert (check.params["min"], check.params["max"]) == ("1399", "8665")


def test_only_a_whole_number_may_be_half_a_rouble_beside_the_corridor():
    assert SURE.premium_max == Decimal("8632.66")
    assert codes(8633) == []
    assert codes("8632.67") == ["base_rate_above"]
    assert codes(8634) == ["base_rate_above"]


def test_an_approximate_calculation_proves_nothing_and_says_so():
    [check] = checked(UNSURE_KT.premium_max + 10, UNSURE_KT).checks
    assert (check.code, check.severity) == ("base_rate_above", "info")
    assert "approximately" in check.text


def test_no_doubt_about_a_coefficient_explains_a_factor_of_a_hundred():
    [check] = checked(UNSURE_KT.premium(Decimal(5000)) * 100, UNSURE_KT).checks
    assert (check.code, check.severity) == ("kopecks_suspected", "warning")


def test_a_preliminary_offer_is_checked_like_a_final_one():
    assert codes(SURE.premium_max * 100, final=False) == ["kopecks_suspected"]


def full_year(rate):
    return to_kopecks(rate * HALF_YEAR.multiplier / HALF_YEAR.coefficients["ks"])


@pytest.mark.parametrize(
    ("rate", "fields"),
    [
        (Decimal(8000), {}),  # above the corridor of half a year
        (Decimal(4000), {"coefficients": {"KS": "1"}}),
        (Decimal(4000), {"coefficients": {"ks": "1.00", "kt": "1.7"}, "base_rate": 4000}),
        (Decimal(4000), {"base_rate": 4000}),
        (Decimal("4000.37"), {"base_rate": "4000.37", "coefficients": {"ks": "0.7"}}),
        (Decimal(8000), {"base_rate": 8000}),
    ],
)
def test_the_price_of_a_year_for_half_a_year_is_noticed_and_is_the_only_thing_said(rate, fields):
    assert HALF_YEAR.coefficients["ks"] == Decimal("0.70")
    [check] = checked(full_year(rate), HALF_YEAR, **fields).checks
    assert (check.code, check.severity) == ("full_year_suspected", "warning")
    assert check.params == {"months": "6", "ks": "0.70"}


def test_where_the_base_rate_proves_our_ks_it_is_no_years_price_whatever_ks_is_named():
    premium = HALF_YEAR.premium(Decimal(5000))
    [check] = checked(premium, HALF_YEAR, base_rate=5000, coefficients={"ks": 1}).checks
    assert (check.code, check.severity) == ("coefficient_differs", "warning")
    assert check.params == {"name": "ks", "theirs": "1.00", "ours": "0.70"}


def test_a_full_year_that_was_asked_for_is_no_suspicion():
    assert codes(SURE.premium(Decimal(4000)), coefficients={"ks": 1}, base_rate=4000) == []


def test_a_premium_that_no_year_explains_keeps_its_own_word_and_their_ks_differs():
    said = codes(full_year(Decimal(30000)), HALF_YEAR, coefficients={"ks": 1})
    assert said == ["base_rate_above", "coefficient_differs"]


def test_a_year_for_half_a_year_is_only_information_where_the_corridor_is_approximate():
    calculation = calculate(facts(use_months=6, territory_id="ba/ishimbay"))
    premium = to_kopecks(calculation.premium(Decimal(8000)) / Decimal("0.7"))
    [check] = checked(premium, calculation).checks
    assert (check.code, check.severity) == ("full_year_suspected", "info")


def test_where_the_ks_is_in_doubt_not_even_the_insurers_own_numbers_prove_a_full_year():
    """A doubt of the application, as it is added for a policy of a short term."""
    doubt = Doubt("ks", "short_term", {"months": "6"})
    calculation = dataclasses.replace(HALF_YEAR, doubts=(doubt,))
    [check] = checked(full_year(Decimal(4000)), calculation, coefficients={"ks": 1}).checks
    assert (check.code, check.severity) == ("full_year_suspected", "info")


def test_a_wrong_kbm_is_told_first_with_both_classes():
    found = checked(
        SURE.premium(Decimal(4000)), coefficients={"kt": "1.8", "KBM": "1.17", "km": "1.4"}
    )
    assert [check.code for check in found.checks] == ["kbm_differs", "coefficient_differs"]
    kbm, kt = found.checks
    assert kbm.params == {
        "theirs": "1.17",
        "theirs_class": "3",
        "ours": "0.46",
        "ours_class": "13",
    }
    assert kbm.text == (
        "KBM: the insurer uses 1.17 (class 3), the application gives 0.46 (class 13)"
    )
    assert kt.params == {"name": "kt", "theirs": "1.80", "ours": "1.70"}
    assert kt.text == "KT: the insurer uses 1.80, the tariff gives 1.70"


def test_a_kbm_that_is_no_classs_value_has_no_class():
    [check] = checked(SURE.premium(Decimal(4000)), coefficients={"kbm": "1.3"}).checks
    assert "theirs_class" not in check.params
    assert "uses 1.30, the" in check.text


def test_with_unlimited_drivers_ours_is_no_class():
    calculation = calculate(facts(drivers=None))
    [check] = checked(
        calculation.premium(Decimal(4000)), calculation, coefficients={"kbm": "1.17"}
    ).checks
    assert check.code == "kbm_differs"
    assert check.params == {"theirs": "1.17", "theirs_class": "3", "ours": "1.00"}


def test_where_our_class_is_not_known_the_insurers_is_information():
    [check] = checked(
        UNKNOWN_CLASS.premium(Decimal(4000)), UNKNOWN_CLASS, coefficients={"kbm": "0.46"}
    ).checks
    assert (check.code, check.severity) == ("kbm_reported", "info")
    assert check.text == (
        "KBM: the insurer uses 0.46 (class 13); we could only presume 1.17 (class 3)"
    )


def test_without_the_tariff_the_insurers_class_is_left_out():
    offer = Offer(premium=SURE.premium(Decimal(4000)), coefficients={"kbm": "1.17"})
    [check] = check_offer(offer, SURE).checks
    assert "theirs_class" not in check.params
    assert check.params["ours_class"] == "13"


def test_a_coefficient_that_we_only_assume_is_no_warning_where_theirs_differs():
    found = checked(
        UNSURE_KT.premium(Decimal(4000)), UNSURE_KT, coefficients={"kt": "1.8", "km": "1.6"}
    )
    assert [(c.params["name"], c.severity) for c in found.checks] == [
        ("km", "warning"),
        ("kt", "info"),
    ]


def test_a_coefficient_that_our_formula_lacks_counts_as_one():
    calculation = calculate(
        facts(vehicle_class=VehicleClass.TRUCK_LE16T, power_hp=None, drivers=None)
    )
    assert "km" not in calculation.coefficients
    premium = calculation.premium(Decimal(4000))
    assert codes(premium, calculation, coefficients={"km": 1}) == []
    assert codes(premium, calculation, coefficients={"km": "1.4"}) == ["coefficient_differs"]


@pytest.mark.parametrize("told", ["1.64", "1.638", "1.6380000000001", "1.63800"])
def test_a_coefficient_is_compared_as_far_as_it_is_told(told):
    legal = facts(
        vehicle_class=VehicleClass.CAR_LEGAL,
        owner=Owner.LEGAL,
        drivers=(RatedDriver(41, 21, "13"),),
    )
    calculation = calculate(legal)
    assert calculation.coefficients["kvs"] == Decimal("1.638")
    premium = calculation.premium(Decimal(3000))
    assert codes(premium, calculation, coefficients={"kvs": told}, base_rate=3000) == []
    assert codes(premium, calculation, coefficients={"kvs": "1.5"}) == ["coefficient_differs"]


def company():
    driver = RatedDriver(41, 21, "13")
    return calculate(
        facts(vehicle_class=VehicleClass.CAR_LEGAL, owner=Owner.LEGAL, drivers=(driver,))
    )


def berdsk():
    return calculate(facts(territory_id="nvs/berdsk"))


@pytest.mark.parametrize(
    ("of", "name", "ours", "tables"),
    [(company, "kvs", "1.638", "0.91"), (berdsk, "kt", "2.48", "1.24")],
)
def test_the_tables_own_value_is_no_difference_where_the_base_rate_proves_the_rest(
    of, name, ours, tables
):
    calculation = of()
    assert calculation.coefficients[name] == Decimal(ours)
    premium, told = calculation.premium(Decimal(3000)), {name: tables}
    assert codes(premium, calculation, base_rate=3000, coefficients=told) == []
    # not proven, or the premium itself lacks the rest
    assert codes(premium, calculation, coefficients=told) == ["coefficient_differs"]
    less = to_kopecks(premium * Decimal(tables) / Decimal(ours))
    said = codes(less, calculation, base_rate=3000, coefficients=told)
    assert "coefficient_differs" in said
    assert codes(premium, calculation, base_rate=3000, coefficients={name: "1.1"}) == [
        "coefficient_differs"
    ]


@pytest.mark.parametrize("value", ["0.000001", "1000000"])
def test_absurd_coefficients_beside_a_base_rate_are_told_and_stop_no_check(value):
    told = dict.fromkeys(("kbm", "kt", "kvs", "ko", "km", "ks", "kp"), value)
    said = checked(SURE.premium(Decimal(4000)), base_rate=4100, coefficients=told).checks
    assert [check.code for check in said] == [
        "kbm_differs",
        *["coefficient_differs"] * 6,
        "base_rate_differs",
    ]
    assert Decimal(said[-1].params["base_rate"]) < 10**13


def test_a_base_rate_that_does_not_lead_to_the_premium_is_told():
    [check] = checked(SURE.premium(Decimal(4000)), base_rate=4100).checks
    assert (check.code, check.severity) == ("base_rate_differs", "warning")
    assert check.params == {"theirs": "4100", "base_rate": "4000.00"}


def test_a_base_rate_is_held_against_the_coefficients_that_the_insurer_used():
    premium = to_kopecks(SURE.premium(Decimal(3000)) * Decimal("1.17") / Decimal("0.46"))
    assert codes(premium, base_rate=3000, coefficients={"kbm": "1.17"}) == ["kbm_differs"]
    assert codes(premium, base_rate=3000) == ["base_rate_differs"]
    assert codes(premium, base_rate=3500, coefficients={"kbm": "1.17"}) == [
        "kbm_differs",
        "base_rate_differs",
    ]


def test_where_both_amounts_are_kopecks_that_is_said_once():
    premium = SURE.premium(Decimal(4000)) * 100
    assert codes(premium, base_rate=400_000) == ["kopecks_suspected"]
    assert codes(premium, base_rate=4000) == ["kopecks_suspected"]


@given(SHARES, st.decimals(2, 50, places=2))
def test_a_doubtful_coefficient_makes_the_base_rate_a_doubt_unless_the_insurer_told_it(
    share, percent
):
    rate = rate_at(UNSURE_KT, share)
    named = to_kopecks(rate * (1 + percent / 100))
    assume(named != rate)
    kt = UNSURE_KT.coefficients["kt"]
    premium = UNSURE_KT.premium(rate)
    [unsure] = checked(premium, UNSURE_KT, base_rate=named).checks
    [sure] = checked(premium, UNSURE_KT, base_rate=named, coefficients={"kt": kt}).checks
    assert unsure.code == sure.code == "base_rate_differs"
    assert (unsure.severity, sure.severity) == ("info", "warning")
