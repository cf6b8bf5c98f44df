"""The rules that combine the tables, one by one."""

from datetime import date
from decimal import Decimal

import pytest

from osago_core.tariff import (
    BadFacts,
    Confidence,
    NoTariff,
    Owner,
    RatedDriver,
    Registration,
    VehicleClass,
    tariff_on,
)

SPRING_2026 = tariff_on(date(2026, 3, 1))
LEGAL_CAR = {"vehicle_class": VehicleClass.CAR_LEGAL, "owner": Owner.LEGAL}
YOUNG = RatedDriver(age=19, experience=0, kbm_class="3")
OLD = RatedDriver(age=60, experience=40, kbm_class="13")


def test_the_edition_of_a_day():
    dated = {
        date(2025, 12, 8): ("2025-04-17", "6007-U as amended (KM and KVS of motorcycles)"),
        date(2025, 12, 9): ("2025-12-09", "7204-U"),
        date(2026, 6, 21): ("2026-01-01", "7204-U"),
        date(2026, 6, 22): ("2026-06-22", "7349-U (amends 7204-U)"),
    }
    for day, expected in dated.items():
        assert (tariff_on(day).version, tariff_on(day).edict) == expected
    assert SPRING_2026.effective_from == date(2025, 12, 9)


@pytest.mark.parametrize(
    ("day", "table"), [(date(2015, 4, 11), "edition"), (date(2021, 1, 1), "TB")]
)
def test_days_without_a_tariff_name_what_is_missing(day, table):
    with pytest.raises(NoTariff) as caught:
        tariff_on(day)
    assert caught.value.table == table


@pytest.mark.parametrize(
    ("day", "changes", "table"),
    [
        (date(2019, 6, 1), {}, "KVS"),
        (date(2019, 6, 1), {"vehicle_class": VehicleClass.CAR_TAXI}, "TB"),
        (date(2019, 6, 1), {**LEGAL_CAR, "drivers": None}, "KO"),
        (date(2022, 3, 1), {}, "TB"),
        (date(2016, 1, 1), {}, "KT"),
    ],
)
def test_a_gap_in_an_old_edition_is_named_not_filled(make_facts, day, changes, table):
    with pytest.raises(NoTariff) as caught:
        tariff_on(day).calculate(make_facts(**changes))
    assert caught.value.table == table


def test_worst_of_a_list_by_class_and_by_age_may_be_two_drivers(make_facts):
    careless = RatedDriver(age=60, experience=40, kbm_class="M")
    calculation = SPRING_2026.calculate(make_facts(drivers=(YOUNG, careless)))
    assert calculation.coefficients["kbm"] == Decimal("3.92")
    assert calculation.coefficients["kvs"] == Decimal("2.27")


def test_a_driver_without_history_is_rated_as_class_3_and_that_is_approximate(make_facts):
    calculation = SPRING_2026.calculate(make_facts(drivers=(RatedDriver(41, 21),)))
    assert calculation.coefficients["kbm"] == Decimal("1.17")
    assert [doubt.code for doubt in calculation.doubts] == ["kbm_class_unknown"]


def test_a_given_kbm_stands_instead_of_the_class(make_facts):
    line = SPRING_2026.calculate(make_facts(kbm=Decimal("0.57"))).line("kbm")
    assert (line.value, line.text) == (Decimal("0.57"), "KBM 0.57: as given")


def test_unlimited_use_of_an_individual(make_facts):
    calculation = SPRING_2026.calculate(make_facts(drivers=None))
    expected = {"kbm": Decimal("1.00"), "kvs": Decimal(1), "ko": Decimal("3.16")}
    assert expected.items() <= calculation.coefficients.items()
    assert not calculation.approximate


def test_a_legal_owner_with_a_list_pays_for_it_in_kvs(make_facts):
    line = SPRING_2026.calculate(make_facts(**LEGAL_CAR, drivers=(OLD,))).line("kvs")
    assert line.value == Decimal("0.83") * Decimal("1.8")
    assert line.confidence is Confidence.MEDIUM  # as sure as the rule, not as the table
    assert line.text == "KVS 1.494: age 60, 40 years of driving; 0.83 × 1.80, legal owner"


def test_a_legal_owner_unlimited_has_the_class_of_the_organisation(make_facts):
    unknown = SPRING_2026.calculate(make_facts(**LEGAL_CAR, drivers=None))
    known = SPRING_2026.calculate(make_facts(**LEGAL_CAR, drivers=None, owner_kbm_class="9"))
    assert unknown.coefficients["kbm"] == 1
    assert [doubt.code for doubt in unknown.doubts] == ["owner_kbm_unknown"]
    assert known.coefficients["kbm"] == Decimal("0.68")
    assert known.coefficients["ko"] == Decimal("1.97")
    assert not known.approximate


def test_motorcycles_have_power_and_their_own_ages_since_april_2025(make_facts):
    moto = make_facts(vehicle_class=VehicleClass.MOTO, power_hp=Decimal(100))
    before = tariff_on(date(2025, 4, 16)).calculate(moto)
    after = tariff_on(date(2025, 4, 17)).calculate(moto)
    assert "km" not in before.coefficients
    assert after.coefficients["km"] == Decimal("1.66")
    assert (before.coefficients["kvs"], after.coefficients["kvs"]) == (
        Decimal("0.91"),
        Decimal("0.84"),
    )


def test_power_counts_for_cars_and_motorcycles_only(make_facts):
    truck = make_facts(vehicle_class=VehicleClass.TRUCK_LE16T, power_hp=None)
    assert "km" not in SPRING_2026.calculate(truck).coefficients
    with pytest.raises(BadFacts, match="power_hp"):
        SPRING_2026.calculate(make_facts(power_hp=None))


def test_tractors_have_a_column_of_their_own(make_facts):
    tractor = SPRING_2026.calculate(make_facts(vehicle_class=VehicleClass.TRACTOR))
    assert tractor.coefficients["kt"] == Decimal("1.14")


def test_foreign_vehicles_have_a_term_and_no_period_of_use(make_facts):
    foreign = make_facts(registration=Registration.FOREIGN, territory_id=None, term_months=3)
    calculation = SPRING_2026.calculate(foreign)
    assert list(calculation.coefficients) == ["kt", "kbm", "kvs", "ko", "km", "kp"]
    assert calculation.coefficients["kt"] == Decimal("1.70")
    assert calculation.coefficients["kp"] == Decimal("0.50")
    assert [doubt.code for doubt in calculation.doubts] == ["presumed_from"]


@pytest.mark.parametrize(("days", "kp"), [(5, "0.20"), (15, "0.20"), (16, "0.30")])
def test_terms_of_days(make_facts, days, kp):
    foreign = make_facts(
        registration=Registration.FOREIGN, territory_id=None, term_months=1, term_days=days
    )
    assert SPRING_2026.calculate(foreign).coefficients["kp"] == Decimal(kp)


def test_unfriendly_states_since_2026(make_facts):
    def kt(day, vehicle_class):
        facts = make_facts(
            registration=Registration.FOREIGN_UNFRIENDLY,
            territory_id=None,
            vehicle_class=vehicle_class,
        )
        return tariff_on(day).calculate(facts).coefficients["kt"]

    truck, car = VehicleClass.TRUCK_GT16T, VehicleClass.CAR_INDIVIDUAL
    assert kt(date(2025, 12, 31), truck) == Decimal("1.70")
    assert kt(date(2026, 1, 1), truck) == Decimal(30)
    assert kt(date(2026, 1, 1), car) == Decimal("1.70")


def test_transit_has_no_territory(make_facts):
    transit = make_facts(registration=Registration.TRANSIT, territory_id=None)
    calculation = SPRING_2026.calculate(transit)
    assert list(calculation.coefficients) == ["kvs", "ko", "km", "kp"]
    assert calculation.coefficients["kp"] == Decimal("0.20")


def test_trailer_and_abroad_in_2015(make_facts):
    day = tariff_on(date(2016, 1, 1))
    truck = make_facts(
        vehicle_class=VehicleClass.TRUCK_LE16T, kt=Decimal(1), trailer=True, drivers=(OLD,)
    )
    assert day.calculate(truck).coefficients["kpr"] == Decimal("1.40")
    foreign = make_facts(registration=Registration.FOREIGN, territory_id=None)
    calculation = day.calculate(foreign)
    assert calculation.coefficients["kvs"] == Decimal("1.70")
    assert [doubt.about for doubt in calculation.doubts] == ["kvs"]


def test_the_cap_is_off_today(make_facts):
    calculation = SPRING_2026.calculate(make_facts(drivers=None))
    assert calculation.multiplier == calculation.product
    assert calculation.premium_max > 3 * calculation.base_rate.max * calculation.coefficients["kt"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"drivers": ()}, "drivers"),
        ({"power_hp": Decimal(0)}, "power_hp"),
        ({"use_months": 0}, "use_months"),
        ({"term_months": 13}, "term_months"),
        ({"term_days": 0}, "term_days"),
        ({"kbm": Decimal(0)}, "kbm"),
        ({"owner": Owner.LEGAL}, "owner"),
        ({"vehicle_class": VehicleClass.CAR_LEGAL}, "owner"),
        ({"owner_kbm_class": "3"}, "owner_kbm_class"),
    ],
)
def test_facts_that_contradict_themselves_are_refused(make_facts, changes, field):
    with pytest.raises(BadFacts) as caught:
        make_facts(**changes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"territory_id": "nowhere"}, "territory_id"),
        ({"drivers": (RatedDriver(15, 0, "3"),)}, "drivers"),
        ({"drivers": (RatedDriver(20, 10, "3"),)}, "drivers"),
        ({"drivers": (RatedDriver(40, 10, "14"),)}, "kbm_class"),
    ],
)
def test_facts_outside_every_table_are_refused(make_facts, changes, field):
    with pytest.raises(BadFacts) as caught:
        SPRING_2026.calculate(make_facts(**changes))
    assert caught.value.field == field


@pytest.mark.parametrize("years", [(-1, 0), (30, -1), (30, 31)])
def test_drivers_that_cannot_be(years):
    with pytest.raises(BadFacts, match="drivers"):
        RatedDriver(*years)


def test_transitions_refuse_what_is_no_class_or_no_number():
    with pytest.raises(BadFacts, match="kbm_class"):
        SPRING_2026.next_kbm_class("14", 0)
    with pytest.raises(BadFacts, match="claims"):
        SPRING_2026.next_kbm_class("3", -1)
    assert SPRING_2026.next_kbm_class("13", 99) == "M"
