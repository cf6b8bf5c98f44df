"""How single fields may be written, and what they become."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from osago_core.application.fields import contacts, documents, numbers, registers, text, vehicles
from osago_core.application.fields.registers import inn_check_digit

digits = st.text("0123456789", min_size=1)


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


def code_of(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    return caught.value.errors()[0]["type"]


@pytest.mark.parametrize(
    ("kind", "written", "normal"),
    [
        (vehicles.Vin, " xta219010l0000001 ", "XTA219010L0000001"),
        (vehicles.Vin, "ХТА219010L0000001", "XTA219010L0000001"),
        (vehicles.BodyNumber, "nze121 - 3012345".replace(" ", ""), "NZE121-3012345"),
        (documents.VehicleSeries, "77 yx", "77УХ"),
        (documents.VehicleSeries, "77 00", "7700"),
        (documents.LicenseSeries, "99ab", "99АВ"),
        (documents.SixDigits, "000 001", "000001"),
        (documents.EptsNumber, "164301-0000-00001", "164301000000001"),
        (documents.PassportSeries, "45 10", "4510"),
        (documents.FreeNumber, " ab  0000001", "AB 0000001"),
        (documents.DivisionCode, "770001", "770-001"),
        (contacts.Phone, "8 (999) 000-00-01", "+79990000001"),
        (contacts.Phone, "79990000001", "+79990000001"),
        (contacts.Phone, "999 000 00 01", "+79990000001"),
        (contacts.Phone, "+7\u00a0495\u00a0000‑00‑01", "+74950000001"),
        (contacts.Phone, "+7 812 000-00-01", "+78120000001"),
        (contacts.Phone, "+375 (29) 000-00-01", "+375290000001"),
        (contacts.Phone, "+7 700 000 00 01", "+77000000001"),
        (documents.SixDigits, "111111", "111111"),
        (contacts.Email, " Ivan.Ivanov+osago@Example.ORG ", "Ivan.Ivanov+osago@example.org"),
        (contacts.Email, "ivan@пример.рф", "ivan@пример.рф"),
        (registers.PersonInn, "500100732259", "500100732259"),
        (registers.CompanyInn, "77 07 083893", "7707083893"),
        (registers.Ogrn, "1027700132195", "1027700132195"),
        (registers.Ogrnip, "304500116000157", "304500116000157"),
        (registers.Kpp, "7736 01 001", "773601001"),
        (registers.Kladr, "77 000 000 000 00", "7700000000000"),
        (registers.Fias, "0C5B2444-70A0-4932-980C-B4DC0D3F02B5",
         "0c5b2444-70a0-4932-980c-b4dc0d3f02b5"),
        (text.Name, "  Анна-Мария  ", "Анна-Мария"),
        (text.Name, "Салтыков - Щедрин", "Салтыков-Щедрин"),
        (text.Name, "Салтыков–Щедрин", "Салтыков-Щедрин"),
        (text.MiddleName, " — ", None),
        (text.MiddleName, "-", None),
        (text.Name, "О'Коннор", "О'Коннор"),
        (text.Name, "Ораз оглы", "Ораз оглы"),
        (text.Name, "Андрей", "Андрей"),
        (text.AddressText, "г Москва,\n ул Тестовая", "г Москва, ул Тестовая"),
        (numbers.PersonalDay, "2024-02-29", date(2024, 2, 29)),
        (numbers.PowerHp, 150.1, Decimal("150.1")),
        (numbers.PowerHp, 64 * 1.35962, Decimal("87.01568")),
    ],
)  # fmt: skip
def test_normal_form_of_one_field(kind, written, normal):
    assert read(kind, written) == normal
    assert read(kind, normal) == normal


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        (vehicles.Vin, "XTA219010L000001", "vin_length"),
        (vehicles.Vin, "XTA2190I0L0000001", "vin_characters"),
        (vehicles.Vin, "ХТА21901ОL0000001", "vin_characters"),
        (documents.VehicleSeries, "777", "vehicle_document_series"),
        (documents.VehicleSeries, "УХ77", "vehicle_document_series"),
        (documents.LicenseSeries, "99DF", "license_series"),
        (documents.SixDigits, "12345", "digit_count"),
        (documents.SixDigits, "١٢٣٤٥٦", "digit_count"),
        (documents.FreeNumber, "!!!", "document_number"),
        (documents.FreeNumber, "12", "document_number"),
        (documents.FreeSeries, "ABCDEFGHIJK", "document_series"),
        (documents.DivisionCode, "77-01", "division_code"),
        (contacts.Phone, "112", "phone_format"),
        (contacts.Phone, "8 999 000 00 0", "phone_format"),
        (contacts.Phone, "+7 899 900 00 00", "phone_format"),
        (contacts.Phone, "+999 000 00 01", "phone_format"),
        (contacts.Phone, "375 29 000 00 01", "phone_format"),
        (vehicles.Vin, "1" * 17, "placeholder_number"),
        (vehicles.Vin, "0" * 17, "placeholder_number"),
        (registers.PersonInn, "0" * 12, "placeholder_number"),
        (documents.PassportSeries, "0000", "placeholder_number"),
        (documents.SixDigits, "000 000", "placeholder_number"),
        (documents.FreeNumber, "0000-000", "placeholder_number"),
        (documents.EptsNumber, "1" * 15, "placeholder_number"),
        (contacts.Email, "ivan@localhost", "email_format"),
        (contacts.Email, "ivan@@example.org", "email_format"),
        (registers.PersonInn, "500100732258", "check_digit"),
        (registers.CompanyInn, "7707083894", "check_digit"),
        (registers.CompanyInn, "500100732259", "digit_count"),
        (registers.Ogrn, "1027700132196", "check_digit"),
        (registers.Ogrnip, "304500116000158", "check_digit"),
        (registers.Kpp, "77360100", "kpp_format"),
        (registers.Kladr, "77", "digit_count"),
        (registers.Fias, "0c5b2444", "fias_format"),
        (text.Name, "Иванов2", "name_characters"),
        (text.Name, "-Иванов", "name_characters"),
        (text.Name, "-", "name_characters"),
        (text.ShortText, "Gra\x00nta", "bad_characters"),
        (numbers.PersonalDay, "01.02.1985", "expected_date"),
        (numbers.PersonalDay, "2025-02-29", "expected_date"),
        (numbers.PersonalDay, "20250228", "expected_date"),
        (numbers.PersonalDay, 20250228, "expected_date"),
        (numbers.PersonalDay, datetime(2025, 2, 28), "expected_date"),  # noqa: DTZ001
        (numbers.PersonalDay, "1899-12-31", "date_out_of_range"),
        (numbers.PowerHp, "87", "expected_number"),
        (numbers.PowerHp, True, "expected_number"),
        (numbers.PowerHp, float("nan"), "expected_number"),
        (numbers.PowerHp, Decimal("sNaN"), "expected_number"),
        (numbers.PowerHp, float("inf"), "expected_number"),
        pytest.param(numbers.PowerHp, 10**5000, "number_too_large", id="huge"),
        (numbers.PowerHp, 0, "number_not_positive"),
        (numbers.PowerHp, -1, "number_not_positive"),
        (numbers.PowerHp, 1e-300, "number_not_positive"),
    ],
)
def test_mistakes_in_one_field(kind, written, code):
    assert code_of(kind, written) == code


@given(st.text("0123456789", min_size=9, max_size=9))
def test_inn_of_a_company_is_known_by_its_check_digit(start):
    assume(int(start))
    right = start + inn_check_digit(start)
    assert read(registers.CompanyInn, right) == right
    for wrong in set("0123456789") - {right[-1]}:
        assert code_of(registers.CompanyInn, start + wrong) == "check_digit"


@given(
    st.text("0123456789", min_size=10, max_size=10), st.integers(1, 9), st.sampled_from((10, 11))
)
def test_inn_of_a_person_is_known_by_both_check_digits(start, off_by, place):
    assume(int(start))
    right = start + inn_check_digit(start)
    right += inn_check_digit(right)
    assert read(registers.PersonInn, right) == right
    wrong = right[:place] + str((int(right[place]) + off_by) % 10) + right[place + 1 :]
    assert code_of(registers.PersonInn, wrong) == "check_digit"


@pytest.mark.parametrize(
    ("written", "category", "registration", "normal"),
    [
        ("a123bc77", "B", "russia", "А123ВС77"),
        ("А 123 ВС 799", "C", "russia", "А123ВС799"),
        ("ab 123 77", "B", "russia", "АВ12377"),
        ("А1234 77", "B", "russia", "А123477"),
        ("1234 ab 77", "A", "russia", "1234АВ77"),
        ("1234ab77", "tractor", "russia", "1234АВ77"),
        ("A123BC77", "B1", "russia", "А123ВС77"),
        ("AB123C77", "B", "transit", "АВ123С77"),
        ("TAB12377", "B", "transit", "ТАВ12377"),
        ("ab-123-cd", "B", "foreign", "AB123CD"),
        ("1005", "Tm", "russia", "1005"),
        ("A123BC77", None, None, "А123ВС77"),
        ("A 123 BC 77 rus", "B", "russia", "А123ВС77"),
        ("004D00177", "B", "russia", "004D00177"),
        ("004 Т 001 777", "B", "russia", "004T001777"),
        ("004 СD 1 77", "B", "russia", "004CD177"),
    ],
)
def test_plate_fits_category_and_registration(written, category, registration, normal):
    plate = read(vehicles.Plate, written)
    assert vehicles.plate_of(plate, category=category, registration=registration) == normal


@pytest.mark.parametrize(
    ("plate", "category", "registration"),
    [
        ("А123ВС77", "A", "russia"),
        ("А123ВС77", "tractor", "russia"),
        ("А123ВС77", "B", "transit"),
        ("АВ123С77", "B", "russia"),
        ("Я123ВС77", "B", "russia"),
        ("А123ВС00", "B", "russia"),
        ("004D00177", "A", "russia"),
        ("RUS", "B", "russia"),
        ("А123ВС7", "B", "russia"),
        ("АБВГДЕ", None, None),
    ],
)
def test_plate_that_does_not_fit(plate, category, registration):
    with pytest.raises(ValueError, match="plate_format"):
        vehicles.plate_of(plate, category=category, registration=registration)


NORMALISED = [
    vehicles.Vin, vehicles.Plate, vehicles.BodyNumber, documents.VehicleSeries,
    documents.LicenseSeries, documents.FreeNumber, documents.FreeSeries, documents.DivisionCode,
    contacts.Phone, contacts.Email, registers.Kpp, registers.Kladr, registers.Fias, text.Name,
    text.AddressText,
]  # fmt: skip


@given(
    st.sampled_from(NORMALISED),
    st.text(st.sampled_from("АВСавсABCabcЙйßİ 0123456789-.@+()'") | st.characters(), max_size=20),
)
def test_a_normal_form_is_its_own_normal_form(kind, written):
    try:
        normal = read(kind, written)
    except ValidationError:
        return
    assert read(kind, normal) == normal
