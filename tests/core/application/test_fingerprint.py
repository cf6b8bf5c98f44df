"""The fingerprint: blind to how things are written, sensitive to all that is rated."""

import json
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osago_core.application import Application, Valid, check, fingerprint
from osago_core.application.fields.alphabet import to_cyrillic, to_latin
from osago_core.application.shape import leaves

KEY = b"k" * 32
ANYBODY = {
    "kind": "person", "last_name": "Другой", "first_name": "Пётр", "birth_date": "1991-01-01",
    "passport": {"kind": "passport_rf", "series": "4511", "number": "000009",
                 "issue_date": "2012-01-01"},
    "address": {"region": "Москва"},
}  # fmt: skip

# Name of an example, a rated path, another value that is just as right.
RATED: list[tuple[str, str, Any]] = [
    ("application", "vehicle.category", "BE"),
    ("application", "vehicle.use", "rental"),
    ("application", "vehicle.brand", "Lada (ВАЗ)"),
    ("application", "vehicle.model", "Vesta"),
    ("application", "vehicle.year", 2019),
    ("application", "vehicle.power_hp", 87.1),
    ("foreign_vehicle", "vehicle.registration", "transit"),
    ("application", "vehicle.vin", "XTA219010L0000002"),
    ("application", "vehicle.body_number", "XTA219010"),
    ("tractor", "vehicle.chassis_number", "00000008"),
    ("application", "vehicle.plate", "А124ВС77"),
    ("application", "vehicle.document.kind", "pts"),
    ("application", "vehicle.document.series", "7701"),
    ("application", "vehicle.document.number", "000002"),
    ("application", "vehicle.document.issue_date", "2020-05-06"),
    ("truck", "vehicle.max_mass_kg", 16000),
    ("bus", "vehicle.seats", 16),
    ("application", "vehicle.trailer", True),
    ("bus", "vehicle.diagnostic_card.number", "000000000000000000003"),
    ("bus", "vehicle.diagnostic_card.valid_until", "2027-04-01"),
    ("application", "owner.last_name", "Петров"),
    ("application", "owner.first_name", "Пётр"),
    ("application", "owner.middle_name", ...),
    ("application", "owner.birth_date", "1985-02-02"),
    ("application", "owner.passport.kind", "foreign_passport"),
    ("application", "owner.passport.series", "4511"),
    ("application", "owner.passport.number", "123457"),
    ("application", "owner.passport.issue_date", "2010-03-16"),
    ("application", "owner.address.region", "Московская область"),
    ("application", "owner.address.place", "Зеленоград"),
    ("application", "owner.address.text", "г Москва, ул Тестовая, д 11, кв 1"),
    ("application", "owner.address.postcode", "101000"),
    ("application", "owner.address.kladr", "7700000000001"),
    ("application", "owner.address.fias", "0c5b2444-70a0-4932-980c-b4dc0d3f02b5"),
    ("application", "owner.address.oktmo", "45000000"),
    ("application", "owner.inn", "500100732259"),
    ("taxi", "owner.ogrnip", ...),
    ("taxi", "owner.inn", "500100732259"),
    ("truck", "owner.name", "ООО «Иное»"),
    ("truck", "owner.inn", "7707083893"),
    ("truck", "owner.kpp", "773601001"),
    ("truck", "owner.ogrn", "1027700132195"),
    ("application", "policyholder", ANYBODY),
    ("young_driver", "policyholder.birth_date", "2007-11-09"),
    ("young_driver", "policyholder.address.place", "Челябинск"),
    ("application", "drivers", "unlimited"),
    ("application", "drivers[0].last_name", "Петров"),
    ("application", "drivers[0].first_name", "Пётр"),
    ("application", "drivers[0].middle_name", "Петрович"),
    ("application", "drivers[0].birth_date", "1985-02-02"),
    ("application", "drivers[0].license.series", "9901"),
    ("application", "drivers[0].license.number", "000002"),
    ("application", "drivers[0].license.issue_date", "2023-06-02"),
    ("application", "drivers[0].license.foreign", True),
    ("application", "drivers[0].driving_since", "2005-06-02"),
    ("application", "drivers[0].kbm_class", "12"),
    ("family", "drivers[0].previous_license.series", "52ОС"),
    ("family", "drivers[0].previous_license.number", "000021"),
    ("family", "drivers[0].previous_license.issue_date", "2009-04-09"),
    ("family", "drivers[0].previous_license.last_name", "Попова"),
    ("application", "period.start_date", "2026-12-24"),
    ("application", "period.months", 6),
    ("application", "period.use_months", 6),
]  # fmt: skip

UNRATED: list[tuple[str, str, Any]] = [
    ("application", "owner.phone", "+79990000099"),
    ("application", "owner.email", "other@example.org"),
    ("application", "owner.sex", "female"),
    ("application", "drivers[0].sex", ...),
    ("family", "owner.passport.issued_by", "Другое отделение"),
    ("family", "owner.passport.division_code", ...),
]


def application_of(raw: object, today: date) -> Application:
    checked = check(raw, today=today)
    assert isinstance(checked, Valid), checked
    return checked.application


def mark(raw: object, today: date) -> str:
    return fingerprint(application_of(raw, today), KEY)


@pytest.fixture(scope="session")
def load(example):
    """Load examples, and a vehicle of another country beside them."""

    def load(name: str, changes: dict[str, Any] | None = None) -> Any:
        if name != "foreign_vehicle":
            return example(name, changes)
        foreign = {"vehicle.registration": "foreign", "vehicle.plate": "АВ123С77"}
        return example("application", foreign | (changes or {}))

    return load


@pytest.mark.parametrize(("name", "path", "value"), RATED)
def test_changes_with_every_rated_field(load, today, name, path, value):
    assert mark(load(name), today) != mark(load(name, {path: value}), today)


@pytest.mark.parametrize(("name", "path", "value"), UNRATED)
def test_ignores_what_has_no_price(load, today, name, path, value):
    assert mark(load(name), today) == mark(load(name, {path: value}), today)


def test_every_rated_field_is_in_the_test_above():
    tested = {path.replace("[0]", "[]") for _, path, _ in RATED}
    rated = {
        path
        for path, place in leaves(Application)
        # A policyholder is made of the same parts as an owner.
        if place.rated and not path.startswith("policyholder.")
    }
    assert rated - tested == {"owner.kind"}


def test_a_sole_trader_is_not_the_person(example, today):
    changes = {"owner.kind": "person", "owner.ogrnip": ...}
    trader = example("taxi", {"owner.ogrnip": ...})
    assert mark(trader, today) != mark(example("taxi", changes), today)


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return {key: shuffled(inner, chance) for key, inner in items}
    return [shuffled(inner, chance) for inner in value] if isinstance(value, list) else value


@given(st.randoms(use_true_random=False))
def test_is_stable_under_the_order_of_keys_and_drivers(example, today, chance):
    raw = example("family")
    other = shuffled(raw, chance)
    chance.shuffle(other["drivers"])
    assert mark(raw, today) == mark(other, today)


DRESSES = (str.lower, str.upper, to_latin, to_cyrillic)
SPACES = ("", " ", "\u00a0")
TEXTS = [
    ("vehicle", "plate"), ("vehicle", "vin"), ("vehicle", "brand"), ("owner", "last_name"),
    ("vehicle", "document", "series"), ("owner", "passport", "number"),
    ("owner", "address", "text"),
]  # fmt: skip


@given(st.sampled_from(TEXTS), st.sampled_from(SPACES), st.sampled_from(DRESSES))
def test_is_stable_under_case_space_and_look_alikes(example, today, steps, space, dress):
    raw = example("family")
    *parents, last = steps
    place = raw
    for step in parents:
        place = place[step]
    place[last] = f"{space} {dress(place[last])} {space}"
    assert mark(raw, today) == mark(example("family"), today)


@pytest.mark.parametrize("plate", ["в 456 ек 152", "B456EK152", "b456ek 152", " В456ЕК 152"])
def test_is_stable_under_dresses_of_a_plate(example, today, plate):
    dressed = example("family", {"vehicle.plate": plate})
    assert mark(dressed, today) == mark(example("family"), today)


def test_ignores_spaces_inside_a_body_number(example, today):
    forms = ("ABC 1234567", "ABC1234567", "abc-1234567")
    marks = {mark(example("application", {"vehicle.body_number": form}), today) for form in forms}
    assert len(marks) == 1


def test_ignores_how_a_foreign_passport_is_cut_into_series_and_number(example, today):
    def passport(series: str | None, number: str) -> str:
        document = {"kind": "foreign_passport", "series": series, "number": number,
                    "issue_date": "2015-01-01"}  # fmt: skip
        return mark(example("application", {"owner.passport": document}), today)

    forms = [("FA", "0000 001"), ("FA", "0000001"), (None, "FA0000001"), ("fa", "000-0001")]
    assert len({passport(*form) for form in forms}) == 1
    assert passport("FA", "0000002") != passport("FA", "0000001")


def test_a_golf_plus_is_no_golf(example, today):
    models = ("Golf", "Golf +")
    assert len({mark(example("application", {"vehicle.model": m}), today) for m in models}) == 2
    plus = [mark(example("application", {"vehicle.model": m}), today) for m in ("Golf +", "GOLF+")]
    assert plus[0] == plus[1]


def test_ignores_how_the_owner_is_named_as_policyholder(example, today):
    raw = example()
    assert mark(raw | {"policyholder": raw["owner"]}, today) == mark(raw, today)
    assert mark(json.loads(json.dumps(raw)), today) == mark(raw, today)


def test_ignores_whether_defaults_are_written_out(example, today):
    form = application_of(example(), today).normal_form()
    del form["policyholder_is_owner"], form["period"]["end_date"]
    assert mark(form, today) == mark(example(), today)


def test_a_later_day_is_another_start_date(example):
    assert mark(example(), date(2026, 11, 22)) != mark(example(), date(2026, 11, 23))


def test_depends_on_the_key_and_reveals_nothing(example, today):
    application = application_of(example(), today)
    first = fingerprint(application, KEY)
    assert first != fingerprint(application, b"other" * 8)
    assert len(first) == 64
    assert set(first) <= set("0123456789abcdef")


def test_a_key_that_hides_nothing_is_refused(example, today):
    with pytest.raises(ValueError, match="at least 16 bytes"):
        fingerprint(application_of(example(), today), b"short")
