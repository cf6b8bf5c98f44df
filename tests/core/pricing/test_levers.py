"""Levers: what makes a policy cheaper, and that it does."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from osago_core.pricing.facts import rated
from osago_core.pricing.kbm import aprils
from osago_core.pricing.levers import levers
from osago_core.tariff import TariffBook
from osago_core.tariff.driver_tables import KBM_CLASSES
from tests.support.applications import (
    TODAY,
    VEHICLES,
    Years,
    checked,
    make_application,
    make_checked,
)

BOOK = TariffBook()
TARIFF = BOOK.on(TODAY)
STARTS = TODAY + timedelta(days=4)
OLD_HAND = Years(age=45, experience=25, kbm_class="13")
NOVICE = Years(age=19, experience=0, kbm_class="3")

years = st.builds(
    lambda age, share, kbm, born, since: Years(age, int((age - 17) * share), kbm, born, since),
    st.integers(19, 75),
    st.floats(0, 1),
    st.sampled_from(KBM_CLASSES) | st.none(),
    st.integers(5, 360),
    st.integers(5, 360),
)


def levers_of(application, today=TODAY):
    return levers(application, rated(application, BOOK), TARIFF, today)


def multiplier_on(day, application):
    """What it is for a policy that starts that day, after years without claims."""
    period = application.period.model_copy(update={"start_date": day})
    drivers = application.drivers
    for _ in range(aprils(TODAY, day)):
        drivers = tuple(after_a_year(driver) for driver in drivers)
    then = application.model_copy(update={"period": period, "drivers": drivers})
    return TARIFF.calculate(rated(then, BOOK).facts).multiplier


def after_a_year(driver):
    if driver.kbm_class is None:
        return driver
    return driver.model_copy(update={"kbm_class": TARIFF.next_kbm_class(driver.kbm_class, 0)})


def of_code(found, code):
    return [lever for lever in found if lever.code == code]


def test_the_dear_driver_may_be_left_out_and_the_cheap_one_not():
    (lever,) = of_code(levers_of(make_checked(drivers=(OLD_HAND, NOVICE))), "driver_left_out")
    assert lever.params["driver"] == "2"
    assert lever.params["changed"] == "KBM 1.17 → 0.46, KVS 2.27 → 0.91"
    assert lever.text.startswith("leave out driver 2")


def test_a_lone_driver_is_not_left_out():
    assert of_code(levers_of(make_checked(drivers=(NOVICE,))), "driver_left_out") == []


def test_unlimited_is_a_lever_where_a_driver_costs_more():
    dear = make_checked(drivers=(NOVICE._replace(kbm_class="M"),))
    (lever,) = of_code(levers_of(dear), "drivers_unlimited")
    assert lever.multiplier == Decimal("3.16") * Decimal("1.80") * Decimal("1.10")
    assert of_code(levers_of(make_checked(drivers=(OLD_HAND,))), "drivers_unlimited") == []


def test_for_a_company_unlimited_says_that_its_class_is_not_known():
    dear = make_checked(owner="company", drivers=(NOVICE,))
    (lever,) = of_code(levers_of(dear), "drivers_unlimited_company")
    assert "KBM 1.00 stands for the class of the organisation" in lever.text


def test_a_birthday_that_changes_kvs_is_a_lever_from_that_day_on():
    driver = Years(age=21, experience=3, kbm_class=None, since_birthday=300, since_anniversary=5)
    (lever,) = of_code(levers_of(make_checked(drivers=(driver,))), "driver_birthday")
    born = make_checked(drivers=(driver,)).drivers[0].birth_date
    assert lever.from_date == born.replace(year=born.year + 22)
    assert lever.from_date > STARTS
    assert lever.params["age"] == "22"
    assert lever.params["changed"] == "KVS 1.65 → 1.13"
    assert lever.saving_share == Decimal("0.3152")


def test_an_anniversary_that_changes_kvs_is_a_lever_and_another_is_not():
    dear = Years(age=26, experience=2, kbm_class=None, since_birthday=5, since_anniversary=100)
    (lever,) = of_code(levers_of(make_checked(drivers=(dear,))), "driver_experience")
    assert (lever.params["driver"], lever.params["experience"]) == ("1", "3")
    same_band = dear._replace(experience=3)
    assert of_code(levers_of(make_checked(drivers=(same_band,))), "driver_experience") == []


def test_a_birthday_of_a_driver_who_is_not_the_dearest_is_none():
    cheap = Years(age=49, experience=20, kbm_class="13", since_birthday=200)
    found = levers_of(make_checked(drivers=(cheap, NOVICE._replace(since_birthday=5))))
    birthdays = [lever for lever in found if lever.code.startswith("driver_birthday")]
    assert "1" not in [lever.params["driver"] for lever in birthdays]


def test_of_twins_who_turn_22_together_one_is_told():
    twin = Years(age=21, experience=3, kbm_class="13", since_birthday=300, since_anniversary=5)
    found = of_code(levers_of(make_checked(drivers=(twin, twin))), "driver_birthday_april")
    assert len(found) == 1


def test_who_waits_beyond_1_april_has_the_class_of_that_day_too():
    driver = Years(age=21, experience=3, kbm_class="7", since_birthday=300, since_anniversary=5)
    (lever,) = of_code(levers_of(make_checked(drivers=(driver,))), "driver_birthday_april")
    assert lever.from_date > date(2026, 4, 1)
    assert (lever.params["age"], lever.params["kbm"]) == ("22", "0.74")
    assert lever.params["changed"] == "KBM 0.78 → 0.74, KVS 1.65 → 1.13"
    assert "without a claim until then, KBM is 0.74" in lever.text


def test_an_anniversary_beyond_1_april_says_so_as_well():
    driver = Years(age=26, experience=2, kbm_class="7", since_birthday=5, since_anniversary=100)
    (lever,) = of_code(levers_of(make_checked(drivers=(driver,))), "driver_experience_april")
    assert (lever.params["experience"], lever.params["kbm"]) == ("3", "0.74")


def test_before_1_april_the_class_stays():
    driver = Years(age=21, experience=3, kbm_class="7", since_birthday=350, since_anniversary=5)
    (lever,) = of_code(levers_of(make_checked(drivers=(driver,))), "driver_birthday")
    assert lever.from_date < date(2026, 4, 1)
    assert lever.params["changed"] == "KVS 1.65 → 1.13"


def test_a_second_1_april_changes_the_class_once_more():
    driver = Years(age=21, experience=3, kbm_class="7", since_birthday=30, since_anniversary=5)
    application = make_checked(drivers=(driver,), period__start_date="2026-04-20")
    (lever,) = of_code(levers_of(application, date(2026, 3, 2)), "driver_birthday_april")
    assert lever.params["kbm"] == "0.74"
    (lever,) = of_code(levers_of(application, date(2025, 3, 2)), "driver_birthday_april")
    assert lever.params["kbm"] == "0.68"


def test_a_class_that_is_not_known_does_not_change_on_1_april():
    driver = Years(age=21, experience=3, kbm_class=None, since_birthday=300, since_anniversary=5)
    (lever,) = of_code(levers_of(make_checked(drivers=(driver,))), "driver_birthday")
    assert lever.params["changed"] == "KVS 1.65 → 1.13"


def test_a_birthday_on_1_april_is_told_beside_the_class_of_that_day():
    driver = Years(age=21, experience=3, kbm_class="7", since_birthday=5, since_anniversary=5)
    raw = make_application(drivers=(driver,))
    raw["drivers"][0]["birth_date"] = "2004-04-01"
    found = levers_of(checked(raw))
    on_the_day = [lever.code for lever in found if lever.from_date == date(2026, 4, 1)]
    assert on_the_day == ["driver_birthday_april", "kbm_april"]


def test_in_transit_no_lever_speaks_of_a_class():
    dear = Years(age=21, experience=0, kbm_class="3", since_birthday=100, since_anniversary=100)
    found = levers_of(make_checked(owner="company", registration="transit", drivers=(dear,)))
    assert {"drivers_unlimited", "driver_birthday"} <= {lever.code for lever in found}
    assert not [lever for lever in found if "KBM" in lever.text or "kbm" in lever.params]


def test_the_coming_1_april_is_a_lever_for_a_class_that_can_improve():
    (lever,) = of_code(levers_of(make_checked(drivers=(Years(kbm_class="7"),))), "kbm_april")
    assert lever.from_date == date(2026, 4, 1)
    assert lever.params["changed"] == "KBM 0.78 → 0.74"
    for kbm_class in ("13", None):
        application = make_checked(drivers=(Years(kbm_class=kbm_class),))
        assert of_code(levers_of(application), "kbm_april") == []


def test_shorter_use_is_told_once_for_each_value_of_its_coefficient():
    found = of_code(levers_of(make_checked(period__use_months=8)), "use_months")
    assert {lever.params["months"]: lever.saving_share for lever in found} == {
        "3": Decimal("0.4444"),
        "4": Decimal("0.3333"),
        "5": Decimal("0.2778"),
        "6": Decimal("0.2222"),
        "7": Decimal("0.1111"),
    }


def test_ten_months_cost_as_much_as_a_year_and_are_no_lever():
    months = [lever.params["months"] for lever in of_code(levers_of(make_checked()), "use_months")]
    assert months == ["3", "4", "5", "6", "7", "8", "9"]


def test_a_company_may_limit_the_use_of_special_machines_only_and_to_six_months():
    car = make_checked(owner="company")
    tractor = make_checked("tractor", owner="company")
    assert of_code(levers_of(car), "use_months") == []
    months = [lever.params["months"] for lever in of_code(levers_of(tractor), "use_months")]
    assert months == ["6", "7", "8", "9"]


def test_months_of_use_are_no_lever_where_they_do_not_count():
    for changes in ({"registration": "foreign"}, {"period__months": 6}):
        assert of_code(levers_of(make_checked(**changes)), "use_months") == []


def test_power_and_territory_are_never_levers():
    just_above = make_checked(vehicle__power_hp=150.1, drivers=(OLD_HAND, NOVICE))
    assert {lever.code for lever in levers_of(just_above)} <= {
        "driver_left_out",
        "drivers_unlimited",
        "driver_birthday",
        "driver_birthday_april",
        "driver_experience",
        "driver_experience_april",
        "kbm_april",
        "use_months",
    }


@settings(max_examples=50)
@given(
    st.lists(years, min_size=1, max_size=4),
    st.sampled_from(sorted(VEHICLES)),
    st.sampled_from(["person", "company"]),
)
def test_a_lever_saves_something_and_the_greatest_saving_comes_first(drivers, vehicle, owner):
    drivers = [each._replace(age=each.age + 3) for each in drivers]  # old enough for buses
    application = make_checked(vehicle, owner=owner, drivers=drivers)
    now = TARIFF.calculate(rated(application, BOOK).facts)
    found = levers_of(application)
    for lever in found:
        assert lever.multiplier < now.multiplier
        assert lever.saving_share == round(1 - lever.multiplier / now.multiplier, 4)
        for end, saving in (("min", lever.saving_min), ("max", lever.saving_max)):
            rate = getattr(now.base_rate, end)
            left = getattr(now, f"premium_{end}") - saving
            assert abs(left - rate * lever.multiplier) < Decimal("0.01")
            assert saving > 0
    assert [lever.multiplier for lever in found] == sorted(lever.multiplier for lever in found)


@settings(max_examples=30)
@given(st.lists(years, min_size=2, max_size=4))
def test_leaving_a_driver_out_saves_what_an_application_without_that_driver_costs_less(drivers):
    application = make_checked(drivers=drivers)
    now = TARIFF.calculate(rated(application, BOOK).facts).multiplier
    found = of_code(levers_of(application), "driver_left_out")
    saved = {lever.params["driver"]: lever.multiplier for lever in found}
    for n in range(len(drivers)):
        fewer = rated(make_checked(drivers=drivers[:n] + drivers[n + 1 :]), BOOK)
        then = TARIFF.calculate(fewer.facts).multiplier
        assert then <= now
        assert saved.get(str(n + 1)) == (then if then < now else None)


@settings(max_examples=40)
@given(st.lists(years, min_size=1, max_size=3))
def test_waiting_saves_what_an_application_that_starts_that_day_costs_less(drivers):
    application = make_checked(drivers=drivers)
    for lever in levers_of(application):
        if not lever.code.startswith(("driver_birthday", "driver_experience")):
            continue
        assert STARTS < lever.from_date <= STARTS + timedelta(days=366)
        assert multiplier_on(lever.from_date, application) == lever.multiplier
        assert multiplier_on(lever.from_date - timedelta(days=1), application) > lever.multiplier
