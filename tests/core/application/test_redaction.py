"""No personal value gets through a redactor; what looks personal gets through no text."""

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from osago_core.application import (
    MASK,
    Application,
    Redactor,
    Valid,
    check,
    mask_patterns,
    personal_paths,
)
from osago_core.application.shape import leaves

NAMES = ["application", "family", "taxi", "motorcycle", "young_driver", "foreign_license", "bus"]


def application_of(raw: object, today: date) -> Application:
    checked = check(raw, today=today)
    assert isinstance(checked, Valid), checked
    return checked.application


def values_at(value: Any, path: str) -> list[str]:
    if value is None or value == "unlimited":
        return []
    if not path:
        return [value]
    if isinstance(value, list):
        return [found for item in value for found in values_at(item, path)]
    step, _, rest = path.partition(".")
    return values_at(value.get(step.removesuffix("[]")), rest)


def personal_values(form: dict[str, Any]) -> list[str]:
    return [value for path in personal_paths() for value in values_at(form, path)]


def test_every_field_is_marked_as_personal_or_not():
    undecided = [
        path for path, place in leaves(Application) if (place.personal is None) != place.public
    ]
    assert undecided == []


def test_what_is_personal():
    paths = set(personal_paths())
    assert {
        "vehicle.vin",
        "vehicle.plate",
        "vehicle.document.number",
        "owner.last_name",
        "owner.birth_date",
        "owner.passport.number",
        "owner.address.text",
        "owner.phone",
        "owner.email",
        "policyholder.inn",
        "drivers[].license.number",
        "drivers[].previous_license.last_name",
    } <= paths
    assert not paths & {"vehicle.brand", "owner.address.region", "period.start_date", "owner.kind"}


@pytest.mark.parametrize("name", NAMES)
def test_no_personal_value_stays_in_a_text(example, today, name):
    application = application_of(example(name), today)
    values = personal_values(application.normal_form())
    assert len(values) > 5
    redactor = Redactor.of(application)
    for value in values:
        for text in (value, f"({value})", f"value={value.lower()};", f"x: {value.upper()} y"):
            masked = redactor.mask(text)
            assert MASK in masked
            assert value.casefold() not in masked.casefold()


@given(st.data())
def test_no_personal_value_stays_between_random_texts(example, today, data):
    application = application_of(example(data.draw(st.sampled_from(NAMES))), today)
    value = data.draw(st.sampled_from(personal_values(application.normal_form())))
    before, after = data.draw(st.text(max_size=30)), data.draw(st.text(max_size=30))
    assume(value.casefold() not in f"{before} {after}".casefold())
    masked = Redactor.of(application).mask(f"{before} {value} {after}")
    assert value.casefold() not in masked.casefold()


cyrillic_name = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяё", min_size=2, max_size=15)


@given(cyrillic_name, st.sampled_from(["", "-"]), cyrillic_name)
def test_no_name_stays_however_odd(example, first, join, second):
    name = f"{first}{join}{second}".capitalize()
    redactor = Redactor.of(example("application", {"owner.last_name": name}))
    assert name.casefold() not in redactor.mask(f"Страхователь {name}, отказ").casefold()


@pytest.mark.parametrize(
    "text",
    [
        "Иванову", "ИВАНОВЫМ", "Ивана", "Ивановичу", "Ивaнoв", "Tестовая",
        "01.02.1985", "1985-02-01", "1.2.1985", "01/02/1985", "1 февраля 1985", "01.02.85",
        "1985-02-01T00:00:00", "19850201", "02/01/1985",
        "476064000", "476053200", "476053200000", "476049600",
        "4510 123456", "45 10 № 123456", "4510123456", "серия 4510", "№123456",
        "А123ВС77", "a 123 bc 77", "A123ВС 77", "xta219010l0000001", "ХТА219010L0000001",
        "+7 999 000-00-01", "8(999)0000001", "999 000 00 01", "9990000001",
        "IVANOV@EXAMPLE.ORG", "99 00 000001", "г. Москва, ул. Тестовая, д. 1, кв. 1",
    ],
)  # fmt: skip
def test_masks_the_usual_dresses(example, text):
    masked = Redactor.of(example()).mask(f"Отказ: {text}, причина")
    kept = masked.removeprefix("Отказ: ").removesuffix(", причина").replace(MASK, "")
    assert MASK in masked
    assert kept.strip(" -№(+)T:0") in {"", "7", "8", "серия", "г. Москва, ул. , д. 1, кв. 1"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Павел", "Павла"),
        ("Толстой", "Толстому"),
        ("Достоевский", "Достоевского"),
        ("Анна", "Анне"),
        ("Юлия", "Юлии"),
        ("Пётр", "Петра"),
        ("Семёнова", "Семеновой"),
        ("Мамин-Сибиряк", "Мамина-Сибиряка"),
    ],
)
def test_masks_names_in_other_cases(example, name, text):
    redactor = Redactor.of(example("application", {"owner.first_name": name}))
    assert redactor.mask(f"для {text} нет") in {f"для {MASK} нет", f"для {MASK}-{MASK} нет"}


@pytest.mark.parametrize("text", ["А123ВС", "a 123 bc", "А123ВС 99", "А123ВС77RUS"])
def test_masks_a_plate_without_its_region(example, text):
    masked = Redactor.of(example()).mask(f"знак {text}, отказ")
    assert masked in {f"знак {MASK}{rest}, отказ" for rest in ("", " 99", "RUS")}


def test_masks_a_plate_written_with_rus_in_raw_data(example):
    redactor = Redactor.of(example("application", {"vehicle.plate": "А123ВС77RUS"}))
    assert redactor.mask("знак А123ВС") == f"знак {MASK}"


def test_masks_a_document_number_inside_a_longer_run(example):
    assert Redactor.of(example()).mask("код 991234567") == f"код 99{MASK}7"


def test_masks_the_beginning_of_a_day_only_as_a_number_of_its_own(example):
    redactor = Redactor.of(example())
    for text in ("14760532001", "4760532000", "4760532", "премия 2119.85", "код 0201851"):
        assert redactor.mask_known(text) == text
    assert redactor.mask_known('{"born":476053200000}') == f'{{"born":{MASK}}}'


def test_masks_days_before_1970_as_numbers(example):
    redactor = Redactor.of(example("application", {"owner.birth_date": "1960-02-01"}))
    assert redactor.mask_known("-312951600 s") == f"-{MASK} s"
    assert redactor.mask_known("до 315") == "до 315"


def test_leaves_the_words_it_is_to_spare_and_only_those(example):
    raw = example("application", {"owner.last_name": "Лада"})
    redactor = Redactor.of(raw, sparing={"lada"})
    assert redactor.mask_known("LADA Лады, Иван") == f"LADA {MASK}, {MASK}"


def test_masks_a_foreign_phone_without_its_plus(example):
    redactor = Redactor.of(example("application", {"owner.phone": "+375 29 000 00 01"}))
    assert redactor.mask("тел. 375290000001") == f"тел. {MASK}"


def test_needles_do_not_print_people(example):
    redactor = Redactor.of(example())
    redactor.mask("")
    needles = redactor._needles
    shown = f"{needles!r} {needles.names!r} {sorted(map(repr, needles.codes))}"
    assert "4510" not in shown
    assert "ahob" not in shown


def test_leaves_everything_else_readable(example):
    redactor = Redactor.of(example())
    for text in (
        "Не страхуем LADA Granta 2020 года в регионе Москва",
        "Премия 12 345,67 руб., КБМ 0.46, ТБ 4 500.50 руб.",
        "HTTP 503 after 15 s, attempt 2 of 3",
        "диван и карнавал",
    ):
        assert redactor.mask(text) == text


def test_raw_data_with_misspelt_fields_is_masked_as_well(example):
    raw = example()
    raw["owner"]["lst_name"] = "Замочников"
    raw["owner"]["pasport"] = {"n": [{"deep": "77 88 999000"}], "digits": 123456789}
    raw["owner"]["birth_date"] = "31.12.1979"
    raw["owner"]["phone"] = 89990001122
    redactor = Redactor.of(raw)
    masked = redactor.mask("Замочникова 7788999000 123456789 31.12.1979 999-000-11-22")
    assert masked == " ".join([MASK] * 5)


@pytest.mark.parametrize(
    "text",
    [
        "+7 (912) 345-67-89", "89123456789", "912 345 67 89", "a.b+c@mail.example.org",
        "XTA219010L0000001", "хта219010l0000001", "А123ВС77", "a 123 bc 777", "1234 АВ 77",
        "АВ12377", "АВ 123 77", "АВ 123 С 77", "4510 123456", "45 10 123456", "99 АВ 123456",
        "4510 № 123456", "500100732259", "7707083893", "112-233-445 95",
        "XXX0123456789", "ХХХ 0123456789", "ХХХ № 0123456789", "ааа-0123456789",
    ],
)  # fmt: skip
def test_patterns_mask_what_looks_personal(text):
    assert mask_patterns(f"Ответ: {text}.") == f"Ответ: {MASK}."
    assert mask_patterns(f"{text};") == f"{MASK};"


@pytest.mark.parametrize(
    "id_",
    [
        "7707083893", "500100732259", " 89123456789 ",
        "01234567-4510-4123-4567-890123456789",
        "8912a456-7890-4451-8123-123456789012", "0C5B2444-70A0-4932-980C-B4DC0D3F02B5",
    ],
)  # fmt: skip
def test_ids_of_quotes_do_not_pass_for_documents(id_):
    assert mask_patterns(id_) == id_


@given(st.uuids())
def test_no_uuid_passes_for_a_document(id_):
    assert mask_patterns(f"quote {id_} of {id_.hex[:8]}x") == f"quote {id_} of {id_.hex[:8]}x"


def test_an_id_that_is_the_phone_of_the_application_is_masked(example):
    redactor = Redactor.of(example())
    assert redactor.mask("79990000001") == f"7{MASK}"
    assert redactor.mask("9912345678") == f"99{MASK}78"
    assert redactor.mask("9900777777") == "9900777777"


@pytest.mark.parametrize(
    "text",
    [
        "Премия 12 345,67 руб.", "не более 5 на 10000", "8 800 555 35 35", "2026-11-22T10:15:00Z",
        "КБМ 0.46, КТ 1.8", "HTTP 503", "12345.67", "quote 7f3a", "до 50000 и от 12345",
        "КАМАЗ 65115", "мощность 150.1 л.с.",
    ],
)  # fmt: skip
def test_patterns_leave_the_rest(text):
    assert mask_patterns(text) == text


@given(st.text())
def test_patterns_are_settled_after_one_pass(text):
    once = mask_patterns(text)
    assert mask_patterns(once) == once
