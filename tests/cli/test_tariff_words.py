"""What the tariff says has words in both languages; numbers and days are written as each does."""

import string
from datetime import date

import pytest

from osago_cli import locale
from osago_cli.output import tariff_words as words
from osago_core.pricing import texts as pricing
from osago_core.tariff import TariffBook, VehicleClass, texts
from osago_core.tariff.coefficients import COEFFICIENTS
from tests.cli.tariff_reports import KAZAN, LINES, coefficient, document, doubt, lever, price

SPACE = "\N{NO-BREAK SPACE}"

REASONS = {f"tariff.reason.{code}": text for code, text in texts.REASONS.items()}
DOUBTS = {f"tariff.doubt.{code}": text for code, text in (texts.DOUBTS | pricing.DOUBTS).items()}
LEVERS = {f"tariff.lever.{code}": text for code, text in pricing.LEVERS.items()}
CODED = REASONS | DOUBTS | LEVERS


def values(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_code_of_the_tariff_has_words_and_no_words_are_left_over(lang):
    prefixes = ("tariff.reason.", "tariff.doubt.", "tariff.lever.")
    known = {key for key in locale.texts(lang) if key.startswith(prefixes)}
    assert known == CODED.keys()


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_words_use_only_what_comes_with_their_code(lang):
    for key, english in CODED.items():
        known = values(english) | ({"changed", "day"} if key in LEVERS else set())
        assert values(locale.texts(lang)[key]) <= known, key


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_class_coefficient_and_problem_has_words(lang):
    known = locale.texts(lang)
    assert {f"tariff.class.{each}" for each in VehicleClass} <= known.keys()
    assert {f"tariff.coefficient.{name}" for name in (*COEFFICIENTS, "base_rate")} <= known.keys()
    located = {
        *("region_unknown", "place_needed", "place_unclear", "place_elsewhere", "codes_disagree"),
    }
    for code in located | pricing.PROBLEMS.keys():
        checked = lang == "en" or f"problem.{code}" in known  # English comes with it
        assert f"tariff.problem.{code}" in known or checked, code


@pytest.mark.parametrize(
    ("lang", "told"),
    [("ru", "120 < 136,5 ≤ 150 л.с."), ("en", "120 < 136.5 ≤ 150 hp")],
)
def test_a_reason_is_told_in_the_users_language(monkeypatch, lang, told):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert words.reason(document(LINES[4]), None) == told


@pytest.mark.parametrize(
    ("lang", "told"), [("ru", "Республика Татарстан: Казань"), ("en", "Tatarstan: Казань")]
)
def test_a_territory_has_its_russian_name_in_russian(monkeypatch, lang, told):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert words.reason(document(LINES[0]), document(KAZAN)) == told


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("ru", "КТ: для этой редакции значение неизвестно, взято из редакции от 13.09.2022"),
        ("en", "KT: not known for this edition, taken from that of 2022-09-13"),
    ],
)
def test_a_doubt_says_what_it_is_about_with_days_as_people_write_them(monkeypatch, lang, told):
    monkeypatch.setenv("OSAGO_LANG", lang)
    found = document(doubt("kt", "assumed_unchanged", {"since": "2022-09-13"}))
    assert words.doubt(found) == told


def test_a_lever_names_coefficients_in_russian_and_keeps_each_on_one_line(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    found = lever("driver_left_out", changed="KBM 0.91 → 0.52, KVS 1.65 → 0.91", driver="3")
    assert words.lever(document(found)) == (
        "исключить водителя 3, если он не будет управлять "
        f"(КБМ{SPACE}0,91{SPACE}→{SPACE}0,52, КВС{SPACE}1,65{SPACE}→{SPACE}0,91)"
    )


def test_codes_of_a_newer_core_speak_its_english(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    line = document(coefficient("ko", "1", "drivers_limited")) | {"reason": "of_tomorrow"}
    assert words.reason(line, None) == "limited list of drivers"
    found = document(doubt("kbm", "kbm_class_unknown", {})) | {"code": "of_tomorrow"}
    assert words.doubt(found) == "КБМ: the bonus-malus class of a driver is not known"
    assert words.lever(document(lever("of_tomorrow"))).startswith("as the core says")
    assert words.problem("of_tomorrow", "as the core says", {}) == "as the core says"


@pytest.mark.parametrize(
    ("lang", "edict", "told"),
    [
        ("ru", "7204-U", "Указание 7204-У, с 09.12.2025"),
        ("en", "7204-U", "Edict 7204-U, from 2025-12-09"),
        ("ru", "7349-U (amends 7204-U)", "Указание 7349-У (изменяет 7204-У), с 09.12.2025"),
        (
            "ru",
            "3384-U as amended by 3604-U",
            "Указание 3384-У в редакции 3604-У, с 09.12.2025",
        ),
        ("ru", "6007-U as amended (KM)", "Указание 6007-У с изменениями, с 09.12.2025"),
    ],
)
def test_the_edict_is_called_as_it_is_in_each_language(monkeypatch, lang, edict, told):
    monkeypatch.setenv("OSAGO_LANG", lang)
    assert words.edict(document(price(edict=edict))) == told


def test_tables_younger_than_the_edict_are_told_with_it(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    told = words.edict(document(price(edition=date(2026, 1, 1))))
    assert told == "Указание 7204-У, с 09.12.2025; таблицы с 01.01.2026"


def test_no_shipped_edict_stays_english_in_russian(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    book = TariffBook()
    for version in book.versions:
        told = words.edict(document(price(edict=book.edition(version).edict)))
        assert not set(told) & set(string.ascii_letters), told


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("ru", ["1,40", "0,8288", "+2,16", "1,548", f"1{SPACE}399–8{SPACE}665{SPACE}₽"]),
        ("en", ["1.40", "0.8288", "+2.16", "1.548", f"1,399–8,665{SPACE}₽"]),
    ],
)
def test_numbers_are_written_as_each_language_does(monkeypatch, lang, told):
    monkeypatch.setenv("OSAGO_LANG", lang)
    numbers = [words.number(value) for value in (1.4, 0.828828)]
    added = words.number(words.difference(1.0, 3.16), signed=True)
    rates = words.corridor(1399.0, 8665.0)
    assert [*numbers, added, words.number(1.548), rates] == told


def test_kopecks_of_a_base_rate_are_not_dropped(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    assert words.corridor(1399.5, 8665.0) == f"1{SPACE}399,50–8{SPACE}665{SPACE}₽"


def test_a_span_is_what_an_agent_reads_out(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    told = words.span(3130.12, 19387.07).replace(SPACE, " ")
    assert told == "от 3 130,12 ₽ до 19 387,07 ₽"
    assert words.span(-1, 2.5, signed=True).replace(SPACE, " ") == "от -1,00 ₽ до +2,50 ₽"
