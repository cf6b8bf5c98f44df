"""Estimates: within the law, exact where insurers are, and honest about how little is known."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cache
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.money import to_kopecks
from osago_core.offer import Offer
from osago_core.pricing import estimates, texts
from osago_core.pricing.estimates import LearnedRates, base_rate_behind, base_rate_of
from osago_core.pricing.observations import ENOUGH, FRESH, MAX_KOPECKS, OBSERVED
from osago_core.pricing.offers import CHECKS, check_offer
from osago_core.pricing.segments import segments_of
from osago_core.tariff import Doubt, Owner, RatedDriver, RatedFacts, VehicleClass, tariff_on
from osago_core.tariff import texts as tariff_texts
from osago_core.wire.tariff import Check

TODAY = date(2026, 3, 20)
BEFORE_THE_EDITION = date(2025, 12, 31)
A_DAY = timedelta(days=1)


@cache
def priced(  # the policy of the tariff's own tests; change what matters
    age=41,
    kbm_class="13",
    territory="ta/kazan",
    power=136,
    vehicle_class=VehicleClass.CAR_INDIVIDUAL,
):
    driver = RatedDriver(age, min(21, age - 18), kbm_class)
    return tariff_on(TODAY).calculate(
        RatedFacts(
            vehicle_class=vehicle_class,
            owner=Owner.INDIVIDUAL,
            territory_id=territory,
            power_hp=Decimal(power),
            drivers=(driver,),
        )
    )


USUAL = priced()

calculations = st.builds(
    priced,
    age=st.integers(18, 80),
    kbm_class=st.sampled_from(["M", "0", "3", "7", "13"]),
    territory=st.sampled_from(["ta/kazan", "ta/rest", "ba/ufa", "ad/all"]),
    power=st.sampled_from([40, 90, 136, 151]),
    vehicle_class=st.sampled_from([VehicleClass.CAR_INDIVIDUAL, VehicleClass.CAR_TAXI]),
)
amounts = st.decimals("0.01", "99999.99", places=2)
days = st.integers(0, FRESH.days).map(lambda days: TODAY - days * A_DAY)
lessons = st.lists(st.tuples(calculations, amounts, days), max_size=80)


clients = count(1)


def of_another_client(calculation):
    """The same kind of client, of a multiplier of its own: no two answers count as one."""
    multiplier = calculation.multiplier + next(clients) * Decimal("0.0000001")
    return replace(calculation, multiplier=multiplier)


def taught(*lessons, insurer="a"):
    """Day after day; those of a day as they come."""
    rates = LearnedRates()
    for calculation, base_rate, day in sorted(lessons, key=lambda lesson: lesson[2]):
        rates.learn(insurer, of_another_client(calculation), Decimal(base_rate), day)
    return rates


def taught_often(*base_rates, calculation=USUAL, day=TODAY):
    return taught(*((calculation, rate, day) for rate in base_rates))


def text_of(rates, insurer="a"):
    """In its order, which says what goes first."""
    return json.dumps(rates.as_json(insurer))


# What it says


@given(lessons, calculations)
def test_an_estimate_lies_in_the_corridor_and_low_is_not_above_high(lessons, asked):
    estimate = taught(*lessons).estimate("a", asked, TODAY)
    if estimate is not None:
        assert asked.premium_min <= estimate.premium_low <= estimate.premium
        assert estimate.premium <= estimate.premium_high <= asked.premium_max
        assert ENOUGH <= estimate.observations <= OBSERVED
        assert min(day for _, _, day in lessons) <= estimate.since <= TODAY


@given(
    st.lists(calculations, min_size=ENOUGH, max_size=60),
    st.integers(int(USUAL.base_rate.min), int(USUAL.base_rate.max)),
    calculations,
)
def test_an_insurer_that_always_takes_the_same_base_rate_is_known_to_the_kopeck(
    quoted, base_rate, asked
):
    corridor = asked.base_rate
    base_rate = min(max(Decimal(base_rate), corridor.min), corridor.max)
    of_asked = segments_of(asked.facts)[1]
    quoted = [one for one in quoted if segments_of(one.facts)[1] == of_asked] or [asked]
    rates = LearnedRates()
    for calculation in (quoted * ENOUGH)[: max(ENOUGH, len(quoted))]:
        learned = base_rate_behind(calculation, calculation.premium(base_rate))
        rates.learn("a", of_another_client(calculation), learned, TODAY)
    estimate = rates.estimate("a", asked, TODAY)
    expected = asked.premium(base_rate)
    assert {estimate.premium_low, estimate.premium, estimate.premium_high} == {expected}


@given(st.lists(st.tuples(calculations, amounts, days), max_size=OBSERVED), calculations, st.data())
def test_the_order_of_the_answers_does_not_matter(lessons, asked, data):
    shuffled = data.draw(st.permutations(lessons))
    assert taught(*lessons).estimate("a", asked, TODAY) == taught(*shuffled).estimate(
        "a", asked, TODAY
    )


def test_the_range_is_from_the_tenth_to_the_ninetieth_percent_around_the_median():
    estimate = taught_often(*range(4000, 4011)).estimate("a", USUAL, TODAY)
    assert estimate.premium_low == USUAL.premium(Decimal(4001))
    assert estimate.premium == USUAL.premium(Decimal(4005))
    assert estimate.premium_high == USUAL.premium(Decimal(4009))
    assert (estimate.observations, estimate.since) == (11, TODAY)
    assert not estimate.approximate


def test_one_odd_answer_among_many_does_not_move_it():
    usual, odd = [4000] * 20, [8000]
    assert taught_often(*usual, *odd).estimate("a", USUAL, TODAY).premium_high == USUAL.premium(
        Decimal(4000)
    )


def test_base_rates_beyond_the_corridor_are_cut_to_it():
    estimate = taught_often(*[99999] * 5).estimate("a", USUAL, TODAY)
    assert estimate.premium_low == estimate.premium_high == USUAL.premium_max


def test_an_estimate_under_an_unknown_class_says_that_it_is_approximate():
    unknown = priced(kbm_class=None)
    assert taught_often(*[4000] * 5).estimate("a", unknown, TODAY).approximate


# When it says nothing


def test_four_answers_are_too_few_and_five_enough():
    assert taught_often(*[4000] * 4).estimate("a", USUAL, TODAY) is None
    assert taught_often(*[4000] * 5).estimate("a", USUAL, TODAY) is not None


def test_each_insurer_is_known_by_its_own_answers():
    assert taught_often(*[4000] * 5).estimate("b", USUAL, TODAY) is None


def test_after_thirty_days_without_an_answer_nothing_is_said():
    rates = taught_often(*[4000] * 5)
    assert rates.estimate("a", USUAL, TODAY + FRESH) is not None
    assert rates.estimate("a", USUAL, TODAY + FRESH + A_DAY) is None


def test_only_answers_of_the_last_thirty_days_count():
    oldest, stale = TODAY - FRESH, TODAY - FRESH - A_DAY
    fresh = [(USUAL, 4000, oldest)] * 2 + [(USUAL, 4000, TODAY)] * 2
    older = [(USUAL, 6000, stale)] * 10
    assert taught(*older, *fresh).estimate("a", USUAL, TODAY) is None
    estimate = taught(*older, *fresh, (USUAL, 4000, TODAY)).estimate("a", USUAL, TODAY)
    assert (estimate.observations, estimate.since) == (5, oldest)
    assert estimate.premium_high == USUAL.premium(Decimal(4000))


def test_the_same_answer_under_the_same_multiplier_counts_once_a_day():
    rates = LearnedRates()
    for _ in range(5):
        rates.learn("a", USUAL, Decimal(4000), TODAY)
    assert rates.lessons("a") == 1
    again = [
        (of_another_client(USUAL), 4000, TODAY),
        (USUAL, 4001, TODAY),
        (USUAL, 4000, TODAY + A_DAY),
        (replace(priced(age=22), multiplier=USUAL.multiplier), 4000, TODAY + A_DAY),
    ]
    for lesson, (calculation, base_rate, day) in enumerate(again, start=2):
        rates.learn("a", calculation, Decimal(base_rate), day)
        assert rates.lessons("a") == lesson
    rates.learn("b", USUAL, Decimal(4000), TODAY)
    assert rates.lessons("b") == 1


def test_repetitions_are_remembered_of_the_latest_answers_only(monkeypatch):
    monkeypatch.setattr(estimates, "SEEN", 2)
    rates = LearnedRates()
    for base_rate in (4000, 4001, 4002, 4002, 4001, 4000):
        rates.learn("a", USUAL, Decimal(base_rate), TODAY)
    assert rates.lessons("a") == 4
    assert len(rates._seen["a"]) == 2


def test_what_was_restored_is_no_repetition():
    rates = taught_often()
    empty = rates.as_json("a")
    for _ in range(2):
        rates.learn("a", USUAL, Decimal(4000), TODAY)
        rates.restore("a", empty)
    assert rates.lessons("a") == 2


def test_base_rates_of_another_edition_do_not_count():
    earlier = tariff_on(BEFORE_THE_EDITION).calculate(USUAL.facts)
    assert earlier.version != USUAL.version
    rates = taught(*[(earlier, 4000, BEFORE_THE_EDITION)] * 5)
    assert rates.estimate("a", earlier, BEFORE_THE_EDITION) is not None
    assert rates.estimate("a", USUAL, BEFORE_THE_EDITION + A_DAY) is None


def test_answers_from_the_future_do_not_count():
    rates = taught_often(*[4000] * 5, day=TODAY + A_DAY)
    assert rates.estimate("a", USUAL, TODAY) is None


@pytest.mark.parametrize("restarted", [False, True])
def test_answers_dated_ahead_by_a_wrong_clock_give_way_to_those_of_today(restarted):
    rates = taught_often(*[4000] * OBSERVED, day=TODAY + 300 * A_DAY)
    if restarted:
        saved = rates.as_json("a")
        rates = LearnedRates()
        rates.restore("a", saved)
    for base_rate in range(5000, 5005):
        rates.learn("a", USUAL, Decimal(base_rate), TODAY)
    estimate = rates.estimate("a", USUAL, TODAY)
    assert (estimate.observations, estimate.premium) == (5, USUAL.premium(Decimal(5002)))
    # nor do they count when their day comes
    assert rates.estimate("a", USUAL, TODAY + 300 * A_DAY) is None
    for base_rate in range(5005, 5005 + OBSERVED):
        rates.learn("a", USUAL, Decimal(base_rate), TODAY)
    assert rates.estimate("a", USUAL, TODAY).observations == OBSERVED


# Which segment


def test_the_finest_segment_with_enough_answers_decides():
    young, elsewhere = priced(age=22), priced(territory="ba/ufa")
    rates = taught(*[(USUAL, 4000, TODAY)] * 5, *[(young, 6000, TODAY)] * 5)
    assert rates.estimate("a", USUAL, TODAY).premium == USUAL.premium(Decimal(4000))
    assert rates.estimate("a", young, TODAY).premium == young.premium(Decimal(6000))
    senior = rates.estimate("a", priced(age=70), TODAY)
    assert senior.observations == 10
    assert senior.premium_low == priced(age=70).premium(Decimal(4000))
    assert rates.estimate("a", elsewhere, TODAY) is None
    taxi = priced(vehicle_class=VehicleClass.CAR_TAXI)
    assert rates.estimate("a", taxi, TODAY) is None


def test_an_estimate_says_whether_other_drivers_and_powers_stood_in():
    rates = taught_often(*[4000] * 5)
    assert not rates.estimate("a", USUAL, TODAY).wider
    for other in (priced(age=70), priced(power=200), priced(kbm_class="3")):
        assert rates.estimate("a", other, TODAY).wider


def test_a_fine_segment_that_is_stale_gives_way_to_a_coarser_one():
    young = priced(age=22)
    old = TODAY - FRESH - A_DAY
    rates = taught(*[(young, 6000, old)] * 5, *[(USUAL, 4000, TODAY)] * 5)
    estimate = rates.estimate("a", young, TODAY)
    assert (estimate.wider, estimate.observations) == (True, 5)


# What an offer teaches


def test_whole_base_rates_are_found_again_behind_rounded_premiums():
    calculation = priced(kbm_class="13", territory="ad/all", power=40)
    assert calculation.multiplier < 1
    assert base_rate_behind(calculation, calculation.premium(Decimal(4217))) == 4217


def test_a_base_rate_with_kopecks_is_kept_with_them():
    dear = priced(age=20, kbm_class="M")
    assert base_rate_behind(dear, dear.premium(Decimal("4217.35"))) == Decimal("4217.35")


@given(calculations, st.integers(int(USUAL.base_rate.min), int(USUAL.base_rate.max)))
def test_a_premium_told_in_whole_roubles_leads_back_to_within_what_that_hides(calculation, rate):
    told = calculation.premium(Decimal(rate)).quantize(Decimal(1))
    found = base_rate_behind(calculation, told)
    assert abs(calculation.premium(found) - told) <= Decimal("0.5")
    if calculation.multiplier > 1:
        assert found == rate


def test_the_highest_base_rate_teaches_although_its_premium_was_rounded_up():
    highest = USUAL.premium_max.quantize(Decimal(1), ROUND_CEILING)
    assert highest > USUAL.premium_max
    assert base_rate_of(USUAL, Offer(premium=highest), ()) == USUAL.base_rate.max


def offer_of(calculation, base_rate=4200, **fields):
    return Offer(premium=calculation.premium(Decimal(base_rate)), **fields)


def doubt(severity, code="c"):
    return Check(code=code, severity=severity, text="t")


def test_a_final_lawful_offer_teaches_its_base_rate():
    assert base_rate_of(USUAL, offer_of(USUAL), ()) == 4200
    assert base_rate_of(USUAL, offer_of(USUAL, base_rate=Decimal(9999)), ()) is None


def test_the_base_rate_behind_counts_and_not_what_the_insurer_calls_so():
    offer = offer_of(USUAL).model_copy(update={"base_rate": Decimal(1500)})
    assert base_rate_of(USUAL, offer, ()) == 4200


def test_a_preliminary_offer_and_one_with_a_warning_teach_nothing():
    assert base_rate_of(USUAL, offer_of(USUAL, final=False), ()) is None
    assert base_rate_of(USUAL, offer_of(USUAL), [doubt("info"), doubt("warning")]) is None
    assert base_rate_of(USUAL, offer_of(USUAL), [doubt("info")]) == 4200


@pytest.mark.parametrize(("named", "taught"), [(None, None), (4300, 4300), (43, None)])
def test_with_a_class_unknown_to_us_only_what_the_insurer_names_teaches(named, taught):
    unknown = priced(kbm_class=None)
    offer = offer_of(unknown).model_copy(update={"base_rate": named and Decimal(named)})
    assert base_rate_of(unknown, offer, ()) == taught
    assert base_rate_of(unknown, offer, [doubt("info", "base_rate_differs")]) is None


UNSURE_KT = priced(territory="ba/ishimbay")


def taught_by(calculation, base_rate, theirs, named):
    """What an offer teaches whose insurer takes other coefficients, with its checks."""
    premium = Decimal(base_rate) * calculation.multiplier
    for name, value in theirs.items():
        premium *= Decimal(value) / calculation.coefficients[name]
    offer = Offer(premium=to_kopecks(premium), base_rate=named, coefficients=theirs)
    checks = check_offer(offer, calculation, tariff_on(TODAY)).checks
    return [(one.code, one.severity) for one in checks], base_rate_of(calculation, offer, checks)


def test_a_doubtful_kt_that_the_insurer_contradicts_teaches_nothing():
    for named in (None, 4200):
        said, learned = taught_by(UNSURE_KT, 4200, {"kt": "1.3"}, named)
        assert said == [("coefficient_differs", "info")]
        assert learned is None


def test_a_doubtful_kt_that_the_insurer_does_not_contradict_teaches():
    for theirs in ({}, {"kt": UNSURE_KT.coefficients["kt"]}):
        assert taught_by(UNSURE_KT, 4200, theirs, None) == ([], 4200)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("kvs", "1.2", "coefficient_differs"), ("kbm", "0.83", "kbm_reported")],
)
def test_another_doubtful_coefficient_than_the_insurers_teaches_what_it_names(name, value, code):
    doubt = Doubt(name, "low_confidence", {"source": "X"})
    doubtful = replace(USUAL, doubts=(doubt,))
    said = [(code, "info")]
    assert taught_by(doubtful, 4200, {name: value}, 4200) == (said, 4200)
    assert taught_by(doubtful, 4200, {name: value}, None) == (said, None)
    differs = ("base_rate_differs", "warning")
    assert taught_by(doubtful, 4200, {name: value}, 4600) == ([differs, *said], None)
    assert taught_by(doubtful, 800, {name: value}, 800)[1] is None  # not lawful


def test_what_we_may_not_know_is_doubted_by_these_codes():
    assert texts.DOUBTS.keys() | tariff_texts.DOUBTS.keys() >= estimates._NOT_OURS_TO_KNOW
    assert CHECKS.keys() >= {estimates._BASE_RATE_DIFFERS, *estimates._DIFFERS}


@pytest.mark.parametrize("base_rate", ["0", "0.004", "-4000", "NaN", "Infinity", "1e12", "1e40"])
def test_what_can_be_no_base_rate_is_refused_and_nothing_learned(base_rate):
    rates = taught_often(4000)
    before = text_of(rates)
    with pytest.raises(ValueError, match="base rate"):
        rates.learn("a", USUAL, Decimal(base_rate), TODAY)
    assert (text_of(rates), rates.lessons("a")) == (before, 1)


# What is kept


def test_only_the_latest_base_rates_are_kept():
    early = [(USUAL, 2000, TODAY - A_DAY)] * OBSERVED
    late = [(USUAL, 4000, TODAY)] * OBSERVED
    estimate = taught(*early, *late).estimate("a", USUAL, TODAY)
    assert estimate.observations == OBSERVED
    assert estimate.premium_low == USUAL.premium(Decimal(4000))
    assert estimate.since == TODAY


@given(lessons, st.integers(1, 12))
def test_what_is_kept_is_bounded(lessons, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "SEGMENTS", most)
        segments = taught(*lessons).as_json("a")["segments"]
    assert len(segments) <= most
    for editions in segments.values():
        assert sum(len(of_day) for days in editions.values() for of_day in days.values()) <= 50


def test_the_least_recently_used_segments_go_first(monkeypatch):
    kazan, ufa = USUAL, priced(territory="ba/ufa")
    rates = taught(*[(kazan, 4000, TODAY)] * 5, *[(ufa, 5000, TODAY)] * 5)
    assert rates.estimate("a", kazan, TODAY).premium == kazan.premium(Decimal(4000))
    monkeypatch.setattr(estimates, "SEGMENTS", 4)
    taxi = priced(vehicle_class=VehicleClass.CAR_TAXI)
    rates.learn("a", taxi, Decimal(4000), TODAY)
    left = [segments_of(ufa.facts)[1], segments_of(kazan.facts)[0], *segments_of(taxi.facts)]
    assert list(rates.as_json("a")["segments"]) == left


@given(lessons)
def test_what_is_restored_is_what_was_saved(lessons):
    saved = text_of(taught(*lessons))
    restored = taught_often(1234)
    restored.restore("a", json.loads(saved))
    assert text_of(restored) == saved


@given(lessons, calculations)
def test_it_says_the_same_after_a_restart(lessons, asked):
    rates, restored = taught(*lessons), LearnedRates()
    restored.restore("a", json.loads(text_of(rates)))
    assert restored.estimate("a", asked, TODAY) == rates.estimate("a", asked, TODAY)


def test_a_snapshot_is_no_part_of_what_goes_on():
    rates = taught_often(4000)
    saved = rates.as_json("a")
    before = deepcopy(saved)
    rates.learn("a", USUAL, Decimal(4001), TODAY)
    assert saved == before


def test_what_is_saved_holds_bands_days_and_amounts_only():
    saved = text_of(taught((priced(age=23), "4217.35", TODAY)))
    assert saved == (
        '{"segments": {'
        '"car_individual|individual|russia|ta/kazan|<25|3+|12-13|<=150": '
        '{"2026-01-01": {"2026-03-20": [421735]}}, '
        '"car_individual|individual|russia|ta/kazan": {"2026-01-01": {"2026-03-20": [421735]}}}}'
    )


def test_lessons_count_what_was_learned_and_not_what_was_restored():
    rates = taught_often(4000, 4001)
    assert (rates.lessons("a"), rates.lessons("b")) == (2, 0)
    rates.restore("b", rates.as_json("a"))
    assert rates.lessons("b") == 0


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items if isinstance(value, dict | list) else ():
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))
        else:
            yield (*path, key)


def replaced(value, path, junk):
    if not path:
        return junk
    spoilt = deepcopy(value)
    inner = spoilt
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    return spoilt


@given(st.data())
def test_junk_anywhere_is_never_half_restored(data):
    good = taught((USUAL, 4000, TODAY), (priced(age=22), 5000, TODAY)).as_json("a")
    junk = data.draw(JUNK)
    spoilt = replaced(good, data.draw(st.sampled_from(list(places(good)))), junk)
    rates = taught_often(1234)
    before = text_of(rates)
    try:
        rates.restore("a", spoilt)
    except ValueError:
        assert text_of(rates) == before
    else:
        assert rates.as_json("a") == spoilt


A_SEGMENT = {"2026-01-01": {"2026-03-20": [400000]}}


@pytest.mark.parametrize(
    "segment",
    [
        None,
        [],
        {},
        {"2026-01-01": {}},
        {"2026-01-01": {"2026-03-20": []}},
        {"2026-01-01": {"2026-03-20": 400000}},
        {"2026-01-01": {"2026-03-20": [0]}},
        {"2026-01-01": {"2026-03-20": [-1]}},
        {"2026-01-01": {"2026-03-20": [True]}},
        {"2026-01-01": {"2026-03-20": [4000.5]}},
        {"2026-01-01": {"2026-03-20": ["400000"]}},
        {"2026-01-01": {"2026-03-20": [400000, MAX_KOPECKS + 1]}},
        {"2026-01-01": {"20260320": [400000]}},
        {"2026-01-01": {"2026-02-30": [400000]}},
        {"2026-01-01": {"today": [400000]}},
        {7: {"2026-03-20": [400000]}},
    ],
)
def test_junk_after_good_values_is_refused_whole(segment):
    rates = taught_often(1234)
    before = text_of(rates)
    with pytest.raises(ValueError, match=r"."):
        rates.restore("a", {"segments": {"x": A_SEGMENT, "y": segment}})
    assert text_of(rates) == before


@pytest.mark.parametrize("data", [None, 1, "segments", [], {}, {"segments": None}])
def test_what_is_no_snapshot_at_all_is_refused(data):
    with pytest.raises(ValueError, match="objects"):
        LearnedRates().restore("a", data)


def test_of_too_many_segments_the_latest_used_and_of_too_many_base_rates_the_latest_are_restored():
    many = {f"s{number}": A_SEGMENT for number in range(estimates.SEGMENTS + 3)}
    many["busy"] = {"2026-01-01": {"2026-03-19": [1] * 30, "2026-03-20": [2] * 30}}
    rates = LearnedRates()
    rates.restore("a", {"segments": many})
    left = rates.as_json("a")["segments"]
    assert (len(left), next(iter(left))) == (estimates.SEGMENTS, "s4")
    assert left["busy"] == {"2026-01-01": {"2026-03-19": [1] * 20, "2026-03-20": [2] * 30}}
