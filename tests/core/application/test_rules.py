"""Cross-checks: one change to a valid application, one problem or warning."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from osago_core.application import Invalid, Valid, check
from osago_core.application.facts import facts_of

DRIVER = "drivers[0]"
PROBLEMS: list[tuple[str, Mapping[str, Any], tuple[str, str]]] = [
    ("application", {"vehicle.vin": ...}, ("vehicle.vin", "vehicle_number_missing")),
    ("application", {"vehicle.vin": "  "}, ("vehicle.vin", "vehicle_number_missing")),
    ("application", {"vehicle.year": 2028, "vehicle.document.issue_date": "2026-11-01"},
     ("vehicle.year", "vehicle_year_in_future")),
    ("application", {"vehicle.document.issue_date": "2018-12-31"},
     ("vehicle.document.issue_date", "document_before_vehicle")),
    ("application", {"vehicle.document.issue_date": "2026-11-23"},
     ("vehicle.document.issue_date", "date_in_future")),
    ("application", {"vehicle.document.series": "ВЕ"},
     ("vehicle.document.series", "tractor_series_only")),
    ("application", {"vehicle.document": {"kind": "foreign", "number": "A-100"}},
     ("vehicle.document.kind", "foreign_document_only")),
    ("application", {"vehicle.document": {"kind": "epts", "series": "77", "number": "1" * 15}},
     ("vehicle.document.series", "epts_has_no_series")),
    ("application", {"vehicle.power_hp": None}, ("vehicle.power_hp", "power_missing")),
    ("motorcycle", {"vehicle.power_hp": ...}, ("vehicle.power_hp", "power_missing")),
    ("truck", {"vehicle.max_mass_kg": ...}, ("vehicle.max_mass_kg", "max_mass_missing")),
    ("truck", {"vehicle.max_mass_kg": 25}, ("vehicle.max_mass_kg", "number_too_small")),
    ("bus", {"vehicle.seats": ...}, ("vehicle.seats", "seats_missing")),
    ("bus", {"vehicle.use": ...}, ("vehicle.use", "use_missing")),
    ("application", {"owner.birth_date": "1885-02-01"}, ("owner.birth_date", "date_out_of_range")),
    ("application", {"owner.birth_date": "1901-02-01", "owner.passport.issue_date": "2000-01-01"},
     ("owner.birth_date", "birth_date_implausible")),
    ("truck", {"policyholder": {"kind": "person"}}, ("policyholder.last_name", "missing_field")),
    ("application", {"owner.passport.issue_date": "2026-12-01"},
     ("owner.passport.issue_date", "date_in_future")),
    ("application", {"owner.passport.issue_date": "1999-01-31"},
     ("owner.passport.issue_date", "passport_before_14")),
    ("foreign_license", {"owner.passport.issue_date": "1992-08-18"},
     ("owner.passport.issue_date", "document_before_birth")),
    ("application", {f"{DRIVER}.driving_since": "2001-01-31"},
     (f"{DRIVER}.driving_since", "experience_before_16")),
    ("application", {f"{DRIVER}.driving_since": "2026-11-23"},
     (f"{DRIVER}.driving_since", "date_in_future")),
    ("application", {f"{DRIVER}.license.issue_date": "2026-11-23"},
     (f"{DRIVER}.license.issue_date", "date_in_future")),
    ("family", {f"{DRIVER}.previous_license.issue_date": "1995-09-11"},
     (f"{DRIVER}.previous_license.issue_date", "license_before_16")),
    ("application", {f"{DRIVER}.license.series": "СА"},
     (f"{DRIVER}.license.series", "tractor_series_only")),
    ("family", {"drivers[2].license": {"series": "99 12", "number": "000-002",
                                       "issue_date": "2023-08-15"}},
     ("drivers[2].license.number", "duplicate_license")),
    ("foreign_license", {f"{DRIVER}.license.issue_date": "1990-01-01",
                         f"{DRIVER}.birth_date": "1980-01-01"},
     (f"{DRIVER}.license.issue_date", "license_before_16")),
    ("application", {f"{DRIVER}.kind": "company"}, (DRIVER, "driver_not_person")),
    ("application", {"drivers": []}, ("drivers", "no_drivers")),
    ("application", {"drivers": "everybody"}, ("drivers", "expected_drivers")),
    ("application", {"policyholder": "me"}, ("policyholder", "expected_party")),
    ("application", {"period.start_date": "2026-11-21"}, ("period.start_date", "start_in_past")),
    ("application", {"period.start_date": "2027-11-23"}, ("period.start_date", "start_too_far")),
    ("application", {"period.months": 6, "period.use_months": 7},
     ("period.use_months", "use_longer_than_term")),
    ("application", {"period.months": 13}, ("period.months", "number_too_large")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "expected"), PROBLEMS)
def test_problem(example, today, name, changes, expected):
    checked = check(example(name, changes), today=today)
    assert isinstance(checked, Invalid)
    assert expected in [(problem.path, problem.code) for problem in checked.problems]


WARNINGS: list[tuple[str, Mapping[str, Any], tuple[str, str]]] = [
    ("application", {"period.start_date": "2026-11-25"}, ("period.start_date", "start_too_soon")),
    ("application", {"period.start_date": "2027-01-22"}, ("period.start_date", "start_far_ahead")),
    ("application", {"owner.passport.issue_date": "2005-01-31"},
     ("owner.passport.issue_date", "passport_expired")),
    # 45 years and 91 days old, with a passport of before that birthday.
    ("application", {"owner.birth_date": "1981-08-23", "owner.passport.issue_date": "2026-08-22"},
     ("owner.passport.issue_date", "passport_expired")),
    ("application", {"owner.phone": ...}, ("owner", "contact_missing")),
    ("young_driver", {"policyholder.email": ...}, ("policyholder", "contact_missing")),
    ("application", {f"{DRIVER}.driving_since": "2023-06-02"},
     (f"{DRIVER}.driving_since", "experience_after_license")),
    ("application", {"vehicle.use": "regular_route"}, ("vehicle.use", "use_unusual")),
    ("motorcycle", {"vehicle.use": "taxi"}, ("vehicle.use", "use_unusual")),
    ("bus", {"vehicle.diagnostic_card.valid_until": "2026-11-25"},
     ("vehicle.diagnostic_card.valid_until", "diagnostic_card_expired")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "expected"), WARNINGS)
def test_warning_leaves_the_application_valid(example, today, name, changes, expected):
    checked = check(example(name, changes), today=today)
    assert isinstance(checked, Valid)
    assert [(warning.path, warning.code) for warning in checked.warnings] == [expected]


@pytest.mark.parametrize(
    ("name", "too_young", "old_enough"),
    [
        # The policy starts on 2026-11-26, the 4th day after today.
        ("application", "2008-11-27", "2008-11-26"),
        ("motorcycle", "2008-11-27", "2008-11-26"),
        ("tractor", "2010-11-27", "2010-11-26"),
        ("bus", "2005-11-27", "2005-11-26"),
    ],
)
def test_youngest_age_counts_at_the_start_date(example, today, name, too_young, old_enough):
    driver = example("application")["drivers"][0]
    # With a foreign licence, so that only the age at the wheel can be wrong.
    license_ = {**driver["license"], "issue_date": "2026-01-01", "foreign": True}
    driver |= {"driving_since": "2026-01-01", "license": license_}

    def codes(birth_date: str) -> list[str]:
        changes = {"drivers": [{**driver, "birth_date": birth_date}]}
        checked = check(example(name, changes), today=today)
        return [each.code for each in checked.problems] if isinstance(checked, Invalid) else []

    assert codes(too_young) == ["driver_too_young"]
    assert codes(old_enough) == []


def test_a_replaced_passport_has_not_expired(example, today):
    for issued in ("2026-08-23", "2026-11-22"):
        changes = {"owner.birth_date": "1981-08-23", "owner.passport.issue_date": issued}
        assert check(example("application", changes), today=today).warnings == ()


def test_a_passport_is_not_called_expired_while_it_is_being_replaced(example, today):
    changes = {"owner.birth_date": "1981-08-24", "owner.passport.issue_date": "2026-08-22"}
    assert check(example("application", changes), today=today).warnings == ()


def test_who_is_born_on_29_february_comes_of_age_on_1_march(example):
    changes = {
        f"{DRIVER}.birth_date": "2008-02-29",
        f"{DRIVER}.driving_since": "2026-01-10",
        f"{DRIVER}.license.issue_date": "2026-01-10",
    }

    def codes(start_date: str) -> list[str]:
        application = example("application", changes | {"period.start_date": start_date})
        checked = check(application, today=date(2026, 2, 20))
        return [each.code for each in checked.problems] if isinstance(checked, Invalid) else []

    assert codes("2026-02-28") == ["driver_too_young"]
    assert codes("2026-03-01") == []


@pytest.mark.parametrize("day", [date(2024, 11, 22), date(2025, 6, 1), date(2026, 7, 1)])
def test_papers_of_the_year_before_the_model_year_stay_right_in_later_years(example, day):
    changes = {
        "vehicle.year": 2025,
        "vehicle.document.issue_date": "2024-11-10",
        f"{DRIVER}.license.issue_date": "2023-06-01",
    }
    checked = check(example("application", changes), today=day)
    assert isinstance(checked, Valid), checked


def test_a_foreign_licence_may_be_issued_before_16(example, today):
    changes = {
        f"{DRIVER}.birth_date": "1990-01-01",
        f"{DRIVER}.license.issue_date": "2005-01-01",
        f"{DRIVER}.driving_since": "2005-01-01",
    }
    checked = check(example("foreign_license", changes), today=today)
    assert isinstance(checked, Valid), checked


def test_a_dash_for_the_middle_name_means_that_there_is_none(example, today):
    changes = {"owner.middle_name": "-", f"{DRIVER}.middle_name": " — "}
    checked = check(example("application", changes), today=today)
    assert isinstance(checked, Valid), checked
    assert checked.application.owner.middle_name is None
    assert checked.application.drivers[0].middle_name is None


def test_facts_do_not_print_people(example):
    facts = facts_of(example("family"))
    for shown in (repr(facts), f"{facts.owner} {facts.drivers} {facts.vehicle}"):
        assert "datetime" not in shown
        assert not any(char.isdigit() for char in re.sub("0x[0-9a-f]+", "", shown))


def test_moped_may_be_driven_at_16(example, today):
    changes = {
        "vehicle.category": "M",
        f"{DRIVER}.birth_date": "2010-01-10",
        f"{DRIVER}.driving_since": "2026-01-10",
        f"{DRIVER}.license.issue_date": "2026-01-10",
    }
    assert isinstance(check(example("motorcycle", changes), today=today), Valid)


def test_foreign_vehicle_with_foreign_papers(example, today):
    changes = {
        "vehicle.registration": "foreign",
        "vehicle.plate": "123 ABC 01",
        "vehicle.document": {"kind": "foreign", "number": "AA-00012345"},
    }
    checked = check(example("application", changes), today=today)
    assert isinstance(checked, Valid)
    assert checked.application.vehicle.plate == "123ABC01"
