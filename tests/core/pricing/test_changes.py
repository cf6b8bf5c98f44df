"""What if: changes applied to what is rated."""

import pytest

from osago_core.pricing.changes import change, use_doubts
from osago_core.pricing.facts import Rated, Unpriced, calculate, rated
from osago_core.tariff import TariffBook
from osago_core.wire.tariff import TariffChanges
from tests.support.applications import TODAY, Years, make_checked

BOOK = TariffBook()
TARIFF = BOOK.on(TODAY)
TRACTOR = {"vehicle": "tractor"}
TWO = (Years(kbm_class="7"), Years(age=23, experience=4, kbm_class=None))


def changed(of, **changes):
    return change(of, rated(of, BOOK), TariffChanges(**changes), TARIFF)


def classes(of):
    return [driver.kbm_class for driver in of.facts.drivers]


def only_problem(of):
    assert isinstance(of, Unpriced)
    (problem,) = of.problems
    return problem.path, problem.code


def test_nothing_given_changes_nothing():
    application = make_checked(drivers=TWO)
    assert changed(application) == rated(application, BOOK)


def test_unlimited_drivers_price_as_an_application_for_them():
    other = rated(make_checked(drivers="unlimited"), BOOK)
    assert changed(make_checked(drivers=TWO), drivers="unlimited") == other


def test_fewer_months_price_as_an_application_for_them():
    other = rated(make_checked(period__use_months=6), BOOK)
    assert changed(make_checked(), use_months=6) == other


def test_a_class_is_that_of_every_driver():
    assert classes(changed(make_checked(drivers=TWO), kbm_class="5")) == ["5", "5"]


@pytest.mark.parametrize("typed", ["M", "m", " М ", "м"])
def test_class_m_may_be_typed_in_either_alphabet(typed):
    assert classes(changed(make_checked(), kbm_class=typed)) == ["M"]


def test_claims_turn_every_drivers_class_into_the_next():
    then = changed(make_checked(drivers=TWO), claims=1)
    assert classes(then) == ["4", "1"]


def test_claims_of_an_unknown_class_count_from_class_3_and_say_so():
    then = changed(make_checked(drivers=TWO), claims=0)
    assert classes(then) == ["8", "4"]
    (doubt,) = then.doubts
    assert (doubt.about, doubt.code) == ("kbm", "kbm_class_presumed")
    assert "class 3" in doubt.text


def test_claims_count_from_the_class_that_is_asked_about():
    then = changed(make_checked(drivers=TWO), kbm_class="13", claims=1)
    assert classes(then) == ["7", "7"]
    assert then.doubts == ()


def test_changes_go_together():
    then = changed(make_checked(), use_months=3, kbm_class="3", claims=2)
    calculation = calculate(then.facts, TARIFF)
    assert calculation.facts.use_months == 3
    assert classes(then) == ["M"]


def test_a_company_s_class_counts_with_unlimited_use():
    company = make_checked(owner="company", drivers="unlimited")
    then = changed(company, kbm_class="9")
    assert then.facts.owner_kbm_class == "9"
    assert "owner_kbm_unknown" not in [d.code for d in calculate(then.facts, TARIFF).doubts]
    assert changed(company, kbm_class="9", claims=1).facts.owner_kbm_class == "5"


@pytest.mark.parametrize(
    ("application", "changes", "path", "code"),
    [
        ({}, {"kbm_class": "14"}, "kbm_class", "kbm_class_unknown"),
        ({}, {"kbm_class": ""}, "kbm_class", "kbm_class_unknown"),
        ({"drivers": "unlimited"}, {"kbm_class": "5"}, "kbm_class", "kbm_class_unlimited"),
        ({"drivers": "unlimited"}, {"claims": 1}, "claims", "claims_unlimited"),
        ({}, {"drivers": "unlimited", "claims": 1}, "claims", "claims_unlimited"),
        (
            {"owner": "company", "drivers": "unlimited"},
            {"claims": 1},
            "claims",
            "claims_unlimited",
        ),
        ({"registration": "foreign"}, {"use_months": 6}, "use_months", "use_months_abroad"),
        ({"registration": "transit"}, {"use_months": 6}, "use_months", "use_months_abroad"),
        ({"registration": "transit"}, {"kbm_class": "5"}, "kbm_class", "kbm_not_counted"),
        ({"registration": "transit"}, {"claims": 0}, "claims", "kbm_not_counted"),
        ({}, {"use_months": 1}, "use_months", "months_below_least"),
        ({}, {"use_months": 2}, "use_months", "months_below_least"),
        ({"period__months": 5}, {"use_months": 2}, "use_months", "months_below_least"),
        ({"owner": "company"}, {"use_months": 1}, "use_months", "months_of_company"),
        ({"owner": "company"}, {"use_months": 11}, "use_months", "months_of_company"),
        (TRACTOR | {"owner": "company"}, {"use_months": 5}, "use_months", "months_below_least"),
        ({"period__months": 5}, {"use_months": 6}, "use_months", "use_months_beyond_term"),
    ],
)
def test_what_makes_no_sense_is_a_problem_at_its_place(application, changes, path, code):
    problem = only_problem(changed(make_checked(**application), **changes))
    assert problem == (f"changes.{path}", code)


@pytest.mark.parametrize(
    ("application", "months"),
    [
        ({}, 3),
        (TRACTOR, 3),
        (TRACTOR | {"owner": "company"}, 6),
        ({"owner": "company", "vehicle__use": "special"}, 6),
        ({"owner": "sole_trader"}, 3),
    ],
)
def test_the_least_lawful_months_of_use_are_no_problem(application, months):
    then = changed(make_checked(**application), use_months=months)
    assert then.facts.use_months == months
    assert list(use_doubts(make_checked(**application), then.facts)) == []
    fewer = changed(make_checked(**application), use_months=months - 1)
    (problem,) = fewer.problems
    assert problem.params["least"] == str(months)
    assert f"at least {months} months" in problem.text
    assert "40-FZ, article 16" in problem.text


def test_of_a_short_term_no_more_months_are_asked_for_than_it_has():
    (problem,) = changed(make_checked(period__months=2), use_months=1).problems
    assert (problem.code, problem.params["least"]) == ("months_below_least", "2")


@pytest.mark.parametrize(
    ("application", "changes"),
    [
        ({"drivers": "unlimited"}, {"drivers": "unlimited"}),
        ({}, {"use_months": 12}),
        ({"period__use_months": 2}, {"use_months": 2}),
        ({"owner": "company", "period__use_months": 5}, {"use_months": 5}),
        ({"registration": "foreign"}, {"use_months": 12}),
    ],
)
def test_what_is_there_already_changes_nothing(application, changes):
    application = make_checked(**application)
    assert changed(application, **changes) == rated(application, BOOK)


@pytest.mark.parametrize(
    ("application", "codes"),
    [
        ({"period__use_months": 2}, ["months_below_least"]),
        ({"period__use_months": 3}, []),
        ({"owner": "company", "period__use_months": 9}, ["months_of_company"]),
        ({"owner": "company"}, []),
        ({"period__months": 2}, []),
        ({"period__months": 2, "period__use_months": 1}, ["months_below_least"]),
        ({"registration": "foreign", "period__use_months": 1}, []),
    ],
)
def test_months_of_use_that_the_law_does_not_know_are_doubted(application, codes):
    application = make_checked(**application)
    doubts = list(use_doubts(application, rated(application, BOOK).facts))
    assert [doubt.code for doubt in doubts] == codes
    assert {doubt.about for doubt in doubts} <= {"ks"}


def test_all_that_makes_no_sense_is_told_at_once():
    found = changed(
        make_checked(registration="foreign", drivers="unlimited"),
        use_months=6,
        kbm_class="5",
        claims=1,
    )
    assert [problem.code for problem in found.problems] == [
        "use_months_abroad",
        "kbm_class_unlimited",
        "claims_unlimited",
    ]


def test_the_place_stays_what_it_was():
    application = make_checked(address=("Республика Татарстан", "Казань"))
    then = changed(application, drivers="unlimited")
    assert isinstance(then, Rated)
    assert (then.territory.id, then.by) == ("ta/kazan", "name")
