"""What a calculation says about itself: reasons, confidence, doubts."""

from datetime import date
from decimal import Decimal

import pytest

from osago_core.tariff import Confidence, Owner, RatedDriver, Registration, VehicleClass, tariff_on

TODAY = tariff_on(date(2026, 3, 1))


def test_each_coefficient_has_a_line_in_words(make_facts):
    calculation = TODAY.calculate(make_facts())
    assert [line.text for line in calculation.lines] == [
        "KT 1.70: Tatarstan: Казань",
        "KBM 0.46: class 13",
        "KVS 0.91: age 41, 21 years of driving",
        "KO 1.00: limited list of drivers",
        "KM 1.40: 120 < 136 ≤ 150 hp",
        "KS 1.00: 12 months of use",
    ]
    assert not calculation.approximate


@pytest.mark.parametrize(
    ("power", "text"),
    [
        ("150", "KM 1.40: 120 < 150 ≤ 150 hp"),
        ("150.1", "KM 1.60: 150.1 > 150 hp"),
        ("50.0", "KM 0.60: 0 < 50 ≤ 50 hp"),
    ],
)
def test_power_is_shown_as_given(make_facts, power, text):
    assert TODAY.calculate(make_facts(power_hp=Decimal(power))).line("km").text == text


def test_a_reason_is_a_code_with_words_for_programs(make_facts):
    line = TODAY.calculate(make_facts()).line("km")
    assert line.reason == "power_band"
    assert line.params == {"over": "120", "power": "136", "to": "150"}
    assert line.provenance.source == ("TCO", "IPC", "VSKD", "ANT")


def test_the_multiplier_of_novosibirsk_is_shown(make_facts):
    facts = make_facts(territory_id="nvs/novosibirsk")
    before = TODAY.calculate(facts).line("kt")
    after = tariff_on(date(2026, 7, 1)).calculate(facts).line("kt")
    assert before.text == "KT 3.12: Novosibirsk Oblast: Новосибирск, 1.56 × 2.00"
    assert after.text == "KT 2.34: Novosibirsk Oblast: Новосибирск, 1.56 × 1.50"
    assert not before.approximate
    assert after.confidence is Confidence.LOW
    assert [doubt.code for doubt in after.doubts] == ["low_confidence"]


def test_a_territory_not_known_for_this_edict_is_approximate(make_facts):
    calculation = TODAY.calculate(make_facts(territory_id="ta/rest"))
    (doubt,) = calculation.doubts
    assert calculation.approximate
    assert calculation.line("kt").confidence is Confidence.LOW
    assert doubt.text == "kt: not known for this edition, taken from that of 2022-09-13"


def test_a_row_known_for_cars_may_be_a_guess_for_tractors(make_facts):
    car = TODAY.calculate(make_facts(territory_id="al/rest"))
    tractor = TODAY.calculate(
        make_facts(territory_id="al/rest", vehicle_class=VehicleClass.TRACTOR)
    )
    assert not car.approximate
    assert tractor.line("kt").doubts[0].params == {"since": "2022-09-13"}


@pytest.mark.parametrize(
    ("vehicle_class", "doubts"),
    [
        (
            VehicleClass.TRUCK_LE16T,
            ["kt: 30.00 where the state of registration is on the list of unfriendly ones"],
        ),
        (VehicleClass.CAR_INDIVIDUAL, []),  # the same 1.70 for both
    ],
)
def test_a_truck_from_abroad_was_surely_friendly(make_facts, vehicle_class, doubts):
    def said(day, registration=Registration.FOREIGN):
        facts = make_facts(
            vehicle_class=vehicle_class, registration=registration, territory_id=None
        )
        doubts = tariff_on(day).calculate(facts).doubts
        return [doubt.text for doubt in doubts if doubt.code == "maybe_unfriendly"]

    assert said(date(2026, 3, 1)) == doubts
    assert said(date(2025, 12, 20)) == []
    assert said(date(2026, 3, 1), Registration.FOREIGN_UNFRIENDLY) == []
    assert said(date(2026, 3, 1), Registration.TRANSIT) == []


def test_ages_of_motorcyclists_rest_on_one_source(make_facts):
    moto = TODAY.calculate(make_facts(vehicle_class=VehicleClass.MOTO))
    assert [(doubt.about, doubt.code) for doubt in moto.doubts] == [("kvs", "low_confidence")]


def test_a_coefficient_from_one_weak_source_is_a_doubt(make_facts):
    tariff = tariff_on(date(2019, 6, 1))
    calculation = tariff.calculate(make_facts(drivers=None))
    assert [(doubt.about, doubt.code) for doubt in calculation.doubts] == [("ko", "low_confidence")]


def test_lists_name_the_driver_who_counts(make_facts):
    drivers = (RatedDriver(41, 21, "13"), RatedDriver(22, 0, "5"))
    calculation = TODAY.calculate(
        make_facts(drivers=drivers, vehicle_class=VehicleClass.CAR_LEGAL, owner=Owner.LEGAL)
    )
    assert calculation.line("kbm").text == "KBM 0.91: class 5, the dearest of 2 drivers"
    assert calculation.line("kvs").text == (
        "KVS 3.384: age 22, 0 years of driving, the dearest of 2 drivers; 1.88 × 1.80, legal owner"
    )
    with pytest.raises(KeyError):
        calculation.line("kp")
