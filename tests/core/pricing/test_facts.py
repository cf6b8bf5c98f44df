"""What the tariff sees of an application, and what stands in the way of a price."""

from datetime import date
from decimal import Decimal

import pytest

from osago_core.pricing.facts import Rated, Unpriced, UnpricedError, full_years, price, rated
from osago_core.tariff import NoTariff, Owner, Registration, TariffBook, VehicleClass
from tests.support.applications import TODAY, VEHICLES, Years, make_checked

BOOK = TariffBook()
OWNERS = ("person", "sole_trader", "company")
ROWS = {
    "taxi": VehicleClass.CAR_TAXI,
    "moto": VehicleClass.MOTO,
    "light truck": VehicleClass.TRUCK_LE16T,
    "heavy truck": VehicleClass.TRUCK_GT16T,
    "small bus": VehicleClass.BUS_LE16,
    "large bus": VehicleClass.BUS_GT16,
    "bus on a route": VehicleClass.BUS_REGULAR,
    "trolleybus": VehicleClass.TROLLEYBUS,
    "tram": VehicleClass.TRAM,
    "tractor": VehicleClass.TRACTOR,
}


def rate(*args, **changes):
    return rated(make_checked(*args, **changes), BOOK)


def broken(application, **vehicle):
    """One that the checks of an application would not let pass."""
    return application.model_copy(
        update={"vehicle": application.vehicle.model_copy(update=vehicle)}
    )


def codes(doubts):
    return [doubt.code for doubt in doubts]


@pytest.mark.parametrize(("vehicle", "row"), ROWS.items())
@pytest.mark.parametrize("owner", OWNERS)
def test_every_vehicle_has_its_row_whoever_owns_it(vehicle, row, owner):
    assert rate(vehicle, owner=owner).facts.vehicle_class is row


def test_a_car_has_its_row_by_owner_and_a_sole_trader_is_an_individual():
    facts = [rate(owner=owner).facts for owner in OWNERS]
    assert [each.vehicle_class for each in facts] == [
        VehicleClass.CAR_INDIVIDUAL,
        VehicleClass.CAR_INDIVIDUAL,
        VehicleClass.CAR_LEGAL,
    ]
    assert [each.owner for each in facts] == [Owner.INDIVIDUAL, Owner.INDIVIDUAL, Owner.LEGAL]


def test_a_small_bus_by_category_is_one_whatever_its_seats():
    bus = make_checked("small bus", vehicle__category="D1", vehicle__seats=20)
    assert rated(bus, BOOK).facts.vehicle_class is VehicleClass.BUS_LE16


def test_every_vehicle_owner_use_and_registration_has_a_price_or_names_what_is_missing():
    for vehicle in VEHICLES:
        for owner in OWNERS:
            for drivers in ((Years(),), "unlimited"):
                for registration in Registration:
                    if registration is Registration.FOREIGN_UNFRIENDLY:
                        continue  # an application cannot say so
                    application = make_checked(
                        vehicle, owner=owner, drivers=drivers, registration=registration
                    )
                    found, calculation = price(application, book=BOOK, on=TODAY)
                    assert found.facts.registration is registration
                    assert 0 < calculation.premium_min < calculation.premium_max


def test_an_edition_without_the_row_says_which_table_lacks_it():
    with pytest.raises(NoTariff) as gap:
        price(make_checked("tram"), book=BOOK, on=date(2022, 5, 1))
    assert gap.value.table == "TB"


def test_years_are_full_on_the_day_the_policy_starts():
    almost = Years(age=24, experience=3, since_birthday=-1, since_anniversary=-1)
    on_the_day = Years(age=24, experience=3, since_birthday=0, since_anniversary=0)
    ages = [
        (driver.age, driver.experience)
        for driver in rate(drivers=(almost, on_the_day)).facts.drivers
    ]
    assert ages == [(23, 2), (24, 3)]


def test_born_on_29_february_is_a_year_older_on_1_march():
    born = date(2004, 2, 29)
    assert full_years(born, date(2027, 2, 28)) == 22
    assert full_years(born, date(2027, 3, 1)) == 23
    assert full_years(born, date(2028, 2, 28)) == 23
    assert full_years(born, date(2028, 2, 29)) == 24


def test_a_known_place_says_what_decided():
    found = rate(address=("Республика Татарстан", "Казань"))
    assert isinstance(found, Rated)
    assert (found.territory.id, found.by) == ("ta/kazan", "name")
    assert found.facts.territory_id == "ta/kazan"


def test_an_unknown_place_is_a_problem_of_the_owners_address():
    found = rate(address=("Гондор", "Минас-Тирит"))
    assert isinstance(found, Unpriced)
    (problem,) = found.problems
    assert (problem.path, problem.code) == ("owner.address", "region_unknown")
    assert "Гондор" not in problem.text


def test_a_misspelt_place_comes_with_what_may_have_been_meant():
    (problem,) = rate(address=("Республика Татарстан", "Казнь")).problems
    assert (problem.path, problem.code) == ("owner.address", "place_unclear")
    assert problem.suggestions[0].id == "ta/kazan"
    assert "; perhaps Tatarstan: Казань" in problem.text
    assert problem.params["suggestions"].startswith("Tatarstan: Казань")
    assert problem.params["suggestions_ru"].startswith("Республика Татарстан: Казань")


def test_a_code_decides_before_the_words():
    kazan = next(t for t in BOOK.gazetteer.territories if t.id == "ta/kazan")
    address = {"region": "Республика Татарстан", "place": "Казань", "fias": kazan.fias[0]}
    found = rate(owner__address=address)
    assert (found.territory.id, found.by) == ("ta/kazan", "fias")


def test_abroad_and_in_transit_no_place_is_asked_for():
    for registration in ("foreign", "transit"):
        found = rate(registration=registration, address=("Гондор", "Минас-Тирит"))
        assert (found.territory, found.by) == (None, None)


@pytest.mark.parametrize(
    ("vehicle", "fact", "code"),
    [
        ("car", "power_hp", "power_missing"),
        ("moto", "power_hp", "power_missing"),
        ("heavy truck", "max_mass_kg", "max_mass_missing"),
        ("large bus", "seats", "seats_missing"),
    ],
)
def test_a_missing_fact_is_named_at_its_place(vehicle, fact, code):
    found = rated(broken(make_checked(vehicle), **{fact: None}), BOOK)
    (problem,) = found.problems
    assert (problem.path, problem.code) == (f"vehicle.{fact}", code)


def test_everything_that_is_missing_is_told_at_once():
    application = make_checked("heavy truck", address=("Гондор", "Минас-Тирит"))
    found = rated(broken(application, max_mass_kg=None), BOOK)
    assert [problem.code for problem in found.problems] == [
        "max_mass_missing",
        "region_unknown",
    ]


def test_drivers_whom_no_band_holds_are_each_named_by_number():
    with pytest.raises(UnpricedError) as raised:
        price(
            _with_experience(make_checked(drivers=(Years(),) * 3), {1: 23, 2: 24}),
            book=BOOK,
            on=TODAY,
        )
    assert [problem.path for problem in raised.value.problems] == ["drivers[1]", "drivers[2]"]
    assert {problem.code for problem in raised.value.problems} == {"driver_not_rated"}


def _with_experience(application, ages):
    """Driving licences of countries that begin early give more years than any band holds."""
    drivers = [
        driver
        if n not in ages
        else driver.model_copy(
            update={
                "birth_date": date(TODAY.year - ages[n], 1, 1),
                "driving_since": date(TODAY.year - ages[n] + 13, 1, 1),
            }
        )
        for n, driver in enumerate(application.drivers)
    ]
    return application.model_copy(update={"drivers": tuple(drivers)})


def test_a_company_s_territory_is_a_doubt_only_where_a_territory_counts():
    assert codes(rate(owner="company").doubts) == ["legal_territory"]
    assert codes(rate(owner="company", registration="foreign").doubts) == []
    assert codes(rate(owner="sole_trader").doubts) == []


def test_a_term_below_a_year_is_a_doubt_where_months_of_use_count():
    found = rate(period__months=6)
    assert codes(found.doubts) == ["short_term"]
    assert "6 months" in found.doubts[0].text
    assert rate(period__months=6, registration="foreign").doubts == ()
    assert rate(period__use_months=6).doubts == ()


def test_an_unknown_class_is_the_engines_doubt():
    _, calculation = price(make_checked(drivers=(Years(kbm_class=None),)), book=BOOK, on=TODAY)
    assert codes(calculation.doubts) == ["kbm_class_unknown"]
    assert calculation.coefficients["kbm"] == Decimal("1.17")


def test_problems_hold_nothing_personal():
    found = rate(address=("Москва", None), drivers=(Years(),))
    assert isinstance(found, Rated)
    bad = rate(address=("Гондор", "Минас-Тирит"))
    assert "Иванов" not in repr(bad)
    assert "Минас" not in repr(bad)
