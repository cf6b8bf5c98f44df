"""The report: a price with its reasons, its doubts, and the same after changes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osago_core.money import to_kopecks
from osago_core.pricing.facts import UnpricedError, price
from osago_core.pricing.report import report
from osago_core.tariff import NoTariff, TariffBook
from osago_core.tariff.driver_tables import KBM_CLASSES
from osago_core.wire.tariff import TariffChanges, TariffReport
from tests.support.applications import TODAY, VEHICLES, Years, make_checked

BOOK = TariffBook()
vehicles = st.sampled_from(sorted(VEHICLES))
owners = st.sampled_from(["person", "sole_trader", "company"])
registrations = st.sampled_from(["russia", "foreign", "transit"])


def reported(application, *, on=TODAY, **changes):
    return report(application, book=BOOK, on=on, today=TODAY, changes=TariffChanges(**changes))


def multiplier(**changes):
    return price(make_checked(**changes), book=BOOK, on=TODAY)[1].multiplier


def test_a_report_tells_the_corridor_the_reasons_and_the_edict():
    told = reported(make_checked(address=("Республика Татарстан", "Казань"))).price
    assert (told.edict, told.effective_from) == ("7204-U", date(2025, 12, 9))
    assert told.edition == date(2026, 1, 1)
    assert told.vehicle_class == "car_individual"
    assert (told.territory.id, told.territory.by) == ("ta/kazan", "name")
    assert told.territory.name_ru == "Республика Татарстан: Казань"
    assert (told.base_rate.min, told.base_rate.max) == (1399, 8665)
    assert told.base_rate.source
    km = next(line for line in told.coefficients if line.name == "km")
    assert (km.text, km.reason) == ("KM 1.10: 70 < 87 ≤ 100 hp", "power_band")
    assert km.params == {"over": "70", "power": "87", "to": "100"}
    assert told.premium_min == to_kopecks(1399 * told.multiplier)
    assert told.premium_max == to_kopecks(8665 * told.multiplier)


def test_doubts_of_the_application_and_of_the_tariff_make_it_approximate():
    told = reported(make_checked(owner="company", drivers="unlimited")).price
    assert [doubt.code for doubt in told.doubts] == ["legal_territory", "owner_kbm_unknown"]
    assert told.approximate
    approximate = {line.name for line in told.coefficients if line.approximate}
    assert approximate == {"kt", "kbm"}


def test_without_doubts_nothing_is_approximate():
    told = reported(make_checked()).price
    assert (told.doubts, told.approximate) == ((), False)
    assert not any(line.approximate for line in told.coefficients)


def test_the_edition_is_that_of_the_day_asked_for():
    told = reported(make_checked(), on=date(2025, 11, 1)).price
    assert told.edict != "7204-U"
    assert told.effective_from < date(2025, 11, 1)


def test_a_day_without_a_tariff_names_the_table():
    with pytest.raises(NoTariff) as gap:
        reported(make_checked(), on=date(2010, 1, 1))
    assert gap.value.table == "edition"


def test_a_day_without_a_tariff_is_told_before_drivers_who_were_children_then():
    with pytest.raises(NoTariff):
        reported(make_checked(), on=date(1999, 1, 1))


def test_changes_are_told_beside_what_is():
    told = reported(make_checked(), use_months=6)
    assert told.changed.multiplier == told.price.multiplier * Decimal("0.70")
    assert told.price == reported(make_checked()).price


def test_without_changes_there_is_nothing_beside_it():
    assert reported(make_checked()).changed is None


@pytest.mark.parametrize(
    ("application", "changes"),
    [({"drivers": "unlimited"}, {"drivers": "unlimited"}), ({}, {"use_months": 12})],
)
def test_a_change_to_what_is_there_is_told_as_the_same_price(application, changes):
    told = reported(make_checked(**application), **changes)
    assert told.changed == told.price


def test_months_that_the_law_does_not_know_make_it_approximate_until_changed():
    told = reported(make_checked(period__use_months=2), use_months=3)
    (doubt,) = told.price.doubts
    assert (doubt.about, doubt.code) == ("ks", "months_below_least")
    assert doubt.params == {"least": "3", "months": "2"}
    assert [line.name for line in told.price.coefficients if line.approximate] == ["ks"]
    assert (told.changed.doubts, told.changed.approximate) == ((), False)


def test_of_a_day_far_from_its_start_the_policy_starts_soon_after_that_day():
    young = Years(age=22, experience=3, since_birthday=30)  # 21 in November
    application = make_checked(drivers=(young,))
    now, then = (reported(application, on=on).price for on in (TODAY, date(2025, 11, 1)))
    assert (now.starts_on, then.starts_on) == (date(2026, 3, 6), date(2025, 11, 5))
    ages = [
        next(line for line in told.coefficients if line.name == "kvs").params["age"]
        for told in (now, then)
    ]
    assert ages == ["22", "21"]


@pytest.mark.parametrize(
    ("on", "starts_on"),
    [
        (date(2026, 1, 4), date(2026, 1, 8)),
        (date(2026, 1, 5), date(2026, 3, 6)),
        (date(2026, 3, 6), date(2026, 3, 6)),
        (date(2026, 3, 7), date(2026, 3, 11)),
    ],
)
def test_a_start_at_most_60_days_after_that_day_stays(on, starts_on):
    assert reported(make_checked(), on=on).price.starts_on == starts_on


@pytest.mark.parametrize("owner", ["person", "sole_trader", "company"])
@pytest.mark.parametrize("registration", ["russia", "foreign", "transit"])
@pytest.mark.parametrize("vehicle", sorted(VEHICLES))
def test_every_kind_of_application_has_a_report(registration, vehicle, owner):
    dear = Years(age=23, experience=0, kbm_class="3", since_birthday=300, since_anniversary=300)
    for drivers in ((dear, dear._replace(age=21)), "unlimited"):
        told = reported(
            make_checked(vehicle, owner=owner, registration=registration, drivers=drivers)
        )
        names = {line.name for line in told.price.coefficients}
        assert ("kbm" in names) == (registration != "transit")
        cheaper = [lever.code for lever in told.levers if lever.saving_share > 0]
        assert len(cheaper) == len(told.levers)
        assert (drivers == "unlimited") or "driver_left_out" in cheaper


def test_changes_that_make_no_sense_are_problems_below_changes():
    with pytest.raises(UnpricedError) as raised:
        reported(make_checked(), kbm_class="14")
    assert [problem.path for problem in raised.value.problems] == ["changes.kbm_class"]


def test_an_application_without_a_territory_has_no_price():
    with pytest.raises(UnpricedError) as raised:
        reported(make_checked(address=("Гондор", "Минас-Тирит")))
    assert [problem.path for problem in raised.value.problems] == ["owner.address"]


def test_a_report_survives_the_wire_and_holds_nothing_personal():
    application = make_checked(drivers=(Years(), Years(age=20, experience=1)))
    told = reported(application, claims=1)
    line = told.model_dump_json()
    assert TariffReport.model_validate_json(line).model_dump_json() == line
    personal = ["Иван", "XTA219010", "А123ВС", "000001", "+7999", "example.org", "Тестовая"]
    personal += [driver.birth_date.isoformat() for driver in application.drivers]
    assert not [word for word in personal if word in line]


@settings(max_examples=40)
@given(vehicles, owners, registrations, st.booleans(), st.none() | st.sampled_from(KBM_CLASSES))
def test_the_corridor_holds_the_premium_of_every_base_rate_inside_it(
    vehicle, owner, registration, unlimited, kbm_class
):
    drivers = "unlimited" if unlimited else (Years(kbm_class=kbm_class),)
    told = reported(
        make_checked(vehicle, owner=owner, registration=registration, drivers=drivers)
    ).price
    product = Decimal(1)
    for line in told.coefficients:
        product *= line.value
    assert product == told.multiplier
    for tenth in range(11):
        rate = told.base_rate.min + (told.base_rate.max - told.base_rate.min) * tenth / 10
        premium = to_kopecks(rate * told.multiplier)
        assert told.premium_min <= premium <= told.premium_max


@settings(max_examples=40)
@given(st.sampled_from(["car", "taxi", "moto"]), owners, st.lists(st.integers(1, 600), min_size=2))
def test_more_power_is_never_cheaper(vehicle, owner, powers):
    found = [
        multiplier(vehicle=vehicle, owner=owner, vehicle__power_hp=power)
        for power in sorted(powers)[:3]
    ]
    assert found == sorted(found)


@settings(max_examples=30)
@given(st.integers(21, 80), vehicles, owners, st.data())
def test_more_experience_is_never_dearer_at_the_same_age(age, vehicle, owner, data):
    experience = data.draw(st.integers(0, age - 18))
    less, more = (
        multiplier(
            vehicle=vehicle, owner=owner, drivers=(Years(age=age, experience=years, kbm_class="5"),)
        )
        for years in (experience, experience + 1)
    )
    assert more <= less


@pytest.mark.parametrize("owner", ["person", "company"])
def test_a_better_class_is_never_dearer(owner):
    found = [multiplier(owner=owner, drivers=(Years(kbm_class=each),)) for each in KBM_CLASSES]
    assert found == sorted(found, reverse=True)
