"""The normal form: plain JSON, all keys present, everything resolved."""

import json
from datetime import date

import pytest

from osago_core.application import Application, Valid, check
from osago_core.application.period import Period
from osago_core.application.shape import places_of


def application_of(raw: object, today: date) -> Application:
    checked = check(raw, today=today)
    assert isinstance(checked, Valid), checked
    return checked.application


NAMES = ["application", "family", "taxi", "truck", "tractor", "young_driver", "foreign_license"]


@pytest.mark.parametrize("name", NAMES)
def test_is_plain_json_and_its_own_normal_form(example, today, name):
    form = application_of(example(name), today).normal_form()
    assert json.loads(json.dumps(form)) == form
    again = json.loads(json.dumps(form))
    del again["policyholder_is_owner"], again["period"]["end_date"]
    assert application_of(again, today).normal_form() == form | {"policyholder_is_owner": False}


def test_has_all_keys_with_null_for_what_is_not_given(example, today):
    form = application_of(example(), today).normal_form()
    application = application_of(example(), today)
    assert set(form["vehicle"]) == set(places_of(type(application.vehicle)))
    assert form["vehicle"]["body_number"] is None
    assert form["vehicle"]["trailer"] is False
    assert form["owner"]["address"]["fias"] is None
    assert form["drivers"][0]["previous_license"] is None
    assert form["drivers"][0]["license"]["foreign"] is False


def test_resolves_the_policyholder(example, today):
    form = application_of(example(), today).normal_form()
    assert form["policyholder"] == form["owner"]
    assert form["policyholder_is_owner"] is True

    form = application_of(example("young_driver"), today).normal_form()
    assert form["policyholder"]["first_name"] == "Никита"
    assert form["policyholder_is_owner"] is False


def test_policyholder_is_the_owner_unless_said_otherwise(example, today):
    left_out = application_of(example("application", {"policyholder": ...}), today)
    assert left_out == application_of(example(), today)


def test_numbers_stay_as_written(example, today):
    assert '"power_hp": 87,' in json.dumps(application_of(example(), today).normal_form())
    unlimited = application_of(example("unlimited"), today).normal_form()
    assert unlimited["vehicle"]["power_hp"] == 199.9
    assert unlimited["drivers"] == "unlimited"


@pytest.mark.parametrize("period", [..., None, {}, {"start_date": None}, {"start_date": ""}])
def test_a_start_date_left_out_is_the_4th_day_after_today(example, period):
    raw = example("application", {"period": period})
    form = application_of(raw, date(2028, 2, 26)).normal_form()
    assert form["period"] == {
        "start_date": "2028-03-01",
        "end_date": "2029-02-28",
        "months": 12,
        "use_months": 12,
    }


def test_months_of_use_are_the_whole_term_by_default(example, today):
    application = application_of(example("application", {"period.months": 6}), today)
    assert application.period.use_months == 6


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-12-01", 12, "2027-11-30"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2027-03-01", 12, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-14"),
    ],
)
def test_the_last_insured_day(start, months, end):
    period = Period(start_date=date.fromisoformat(start), months=months)
    assert period.end_date == date.fromisoformat(end)


def test_look_alikes_and_cases_are_normalised(example, today):
    changes = {
        "vehicle.category": " в ",
        "vehicle.use": "PERSONAL",
        "vehicle.vin": "хта219010L0000001",
        "vehicle.plate": "a 123 bc 77",
        "drivers[0].kbm_class": "м",
        "owner.kind": "Person",
        "policyholder": "Owner",
    }
    form = application_of(example("application", changes), today).normal_form()
    assert form["vehicle"]["category"] == "B"
    assert form["vehicle"]["use"] == "personal"
    assert form["vehicle"]["vin"] == "XTA219010L0000001"
    assert form["vehicle"]["plate"] == "А123ВС77"
    assert form["drivers"][0]["kbm_class"] == "M"


def test_an_application_does_not_print_people(example, today):
    application = application_of(example(), today)
    for shown in (repr(application), str(application), repr(application.owner), f"{application}"):
        assert "Иван" not in shown
        assert "4510" not in shown


def test_json_schema_can_be_published():
    schema = Application.model_json_schema()
    assert schema["required"] == ["vehicle", "owner", "drivers"]
    assert "start_date" not in schema["$defs"]["Period"].get("required", [])
    assert schema["$defs"]["Vehicle"]["additionalProperties"] is False
    assert json.loads(json.dumps(schema)) == schema
