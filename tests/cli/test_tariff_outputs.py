"""The tariff report in every format, from a report whose numbers are known."""

import csv
import io
import json

import pytest

from osago_cli.output.formats import Format
from osago_cli.output.tariff import CSV_COLUMNS, show
from osago_cli.output.tariff_table import MOST_ALIKE, MOST_LEVERS, lines
from osago_core.wire.methods import TariffCalculateResult
from osago_core.wire.tariff import TariffTerritory
from tests.cli.tariff_reports import (
    CHANGED,
    UNKNOWN_CLASS,
    coefficient,
    document,
    lever,
    price,
    report,
)

SPACE = "\N{NO-BREAK SPACE}"
WARNING = {"path": "owner", "code": "contact_missing", "text": "give a phone", "params": {}}
ASKED = {"drivers": "unlimited", "use_months": 6}


@pytest.fixture
def table(monkeypatch):
    def told(of, changes=None, lang="ru", width=80):
        monkeypatch.setenv("OSAGO_LANG", lang)
        text = "\n".join(lines(document(of), changes or {}, width))
        return text.replace(SPACE, " ") + "\n"

    return told


def written(capsys, format_, of, changes=None):
    show(document(of), [WARNING], changes or {}, format_)
    return capsys.readouterr().out


RUSSIAN = """\
Премия приблизительно: от 3 130,12 ₽ до 19 387,07 ₽
Приблизительно, потому что:
  КБМ: класс КБМ одного из водителей неизвестен

Указание 7204-У, с 09.12.2025
Полис начинается 15.01.2026: возраст и стаж на этот день
Транспорт: легковой автомобиль физического лица
Территория: Республика Татарстан: Казань (по названию)

      Значение       Почему
ТБ    1 399–8 665 ₽  в этих пределах выбирает страховщик
КТ    1,70           Республика Татарстан: Казань
КБМ   0,46           класс 13, самый дорогой из 2 водителей
КВС   0,83           возраст 41, стаж 21, самый дорогой из 2 водителей
КО    1,00           ограниченный список водителей
КМ    1,40           120 < 136,5 ≤ 150 л.с.
КС    1,00 ~         период использования 12 мес.
Итог  2,2374         премия = ТБ × итог
~ источник средней надёжности

Как дешевле, при той же базовой ставке
Что изменить                               Экономия                   Когда
исключить водителя 2, если он не будет     626,02–3 877,41 ₽  38,5 %  сразу
управлять (КВС 1,92 → 0,91)
начать в день, когда водителю 1            626,02–3 877,41 ₽  20,0 %  05.05.2027
исполнится 22 (КВС 1,92 → 0,91)
"""

ENGLISH_CHANGED = """\
Premium: from 3,130.12 ₽ to 19,387.07 ₽

Change: unlimited drivers; months of use: 6
After the change: from 5,262.34 ₽ to 32,593.40 ₽
Difference: from +2,132.22 ₽ to +13,206.33 ₽ (+68.1 %)

Edict 7204-U, from 2025-12-09
The policy starts on 2026-01-15: ages and experience are of that day
Vehicle: car of an individual
Territory: Tatarstan: Казань (by name)

       Value          Changed        +/-      Why
TB     1,399–8,665 ₽  1,399–8,665 ₽           the insurer chooses within this
                                              corridor
KT     1.70           1.70                    Tatarstan: Казань
KBM    0.46           1.00 ?         +0.54    class 13, the dearest of 2 drivers
                                              → unlimited drivers
KVS    0.83           1.00           +0.17    age 41, driving experience 21, the
                                              dearest of 2 drivers
                                              → unlimited drivers
KO     1.00           3.16           +2.16    limited list of drivers
                                              → unlimited drivers
KM     1.40           1.40                    120 < 136.5 ≤ 150 hp
KS     1.00 ~         0.70 ~         -0.30    12 months of use
                                              → 6 months of use
Total  2.2374         3.7615         +1.5241  premium = TB × total
~ medium confidence   ? low confidence
"""


def test_the_table_says_the_price_and_why_in_russian(table):
    assert table(report(doubts=[UNKNOWN_CLASS])) == RUSSIAN


def test_changes_stand_beside_what_is_with_the_difference(table):
    assert table(report(CHANGED, levers=()), ASKED, lang="en") == ENGLISH_CHANGED


def test_a_doubt_of_both_prices_is_told_once_and_a_new_one_with_the_change(table):
    new = ("kbm", "owner_kbm_unknown", {})
    told = table(report(price(doubts=[UNKNOWN_CLASS, new]), doubts=[UNKNOWN_CLASS]), ASKED)
    assert told.count("класс КБМ одного из водителей неизвестен") == 1
    _, after = told.split("После изменения приблизительно, потому что:\n")
    assert after.startswith("  КБМ: класс КБМ организации неизвестен\n")


def test_a_change_without_effect_says_so(table):
    assert "Разница: нет\n" in table(report(price()), {"claims": 0})


def test_a_change_that_is_so_already_says_so(table):
    told = table(report(CHANGED, lines=CHANGED.coefficients), ASKED)
    assert "водители без ограничений (так уже и есть); период" in told
    assert "мес.: 6 (так уже и есть)\n" in told
    assert "так уже" not in table(report(CHANGED), ASKED)


def test_levers_beside_changes_are_those_without_them_and_not_the_changes(table):
    others = [lever("use_months", months=n, changed=f"KS 1.00 → 0.{n}0") for n in ("6", "7")]
    unlimited = lever("drivers_unlimited", changed="KO 2.32 → 1.00")
    told = table(report(CHANGED, levers=(*others, unlimited)), ASKED)
    _, levers = told.split("Как дешевле (без этих изменений), при той же базовой ставке\n")
    assert "использовать 7 мес." in levers
    assert "использовать 6 мес." not in levers
    assert "не ограничивать" not in levers
    assert "Как дешевле" not in table(report(CHANGED, levers=(unlimited,)), ASKED)


@pytest.mark.parametrize(
    ("multiplier", "low", "high", "told"),
    [
        ("0.828828", "1159.53", "7181.79", "0,828828"),
        ("2.2374", "3130.12", "19387.07", "2,2374"),
        ("0.82882812345", "1159.53", "7181.80", "≈ 0,8288"),
    ],
)
def test_the_total_is_told_so_that_the_premium_comes_out_or_as_about(
    table, multiplier, low, high, told
):
    text = table(report(multiplier=multiplier, low=low, high=high))
    assert f"Итог  {told} " in text


def test_an_unknown_class_is_that_of_one_driver_only_where_there_are_several(table):
    alone = coefficient("kbm", "1.17", "kbm_class", kbm_class="3", drivers="1")
    told = table(report(lines=(alone,), doubts=[UNKNOWN_CLASS]))
    assert "КБМ: класс КБМ водителя неизвестен\n" in told


def test_a_coefficient_of_one_price_only_has_a_place_in_both(table):
    other = coefficient("kp", "0.2", "term_days", days="15")
    told = table(report(price((*price().coefficients[:-1], other))), ASKED)
    assert "КС    1,00 ~         —" in told
    assert "КП    —              0,20" in told


def months(count):
    return [lever("use_months", months=str(n), changed="KS 1.00 → 0.50") for n in range(count)]


def test_levers_that_are_alike_do_not_crowd_out_others(table):
    other = lever("kbm_april", "0.05", changed="KBM 0.91 → 0.83")
    told = table(report(levers=(*months(7), other)))
    assert told.count("использовать") == MOST_ALIKE
    assert "заключить договор с 1 апреля" in told
    assert told.endswith("ещё 5: -o json\n")


def test_nobody_reads_out_more_than_a_few_levers(table):
    many = tuple(lever("driver_left_out", driver=str(n)) for n in range(12))
    told = table(report(levers=many))
    assert told.count("исключить водителя") == MOST_LEVERS
    assert told.endswith("ещё 4: -o json\n")


LONG = TariffTerritory(
    id="kda/x",
    name="Krasnodar Krai: " + "Анапа, Геленджик, Армавир, " * 5,
    name_ru="Краснодарский край: " + "Анапа, Геленджик, Армавир, " * 5,
    by="kladr",
)


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_longest_report_fits_eighty_columns(table, lang):
    dear = {"low": "103130.12", "high": "1119387.07", "territory": LONG}
    legal = coefficient(
        *("kvs", "1.9278", "kvs_worst_legal", "low"),
        age="41",
        experience="21",
        drivers="20",
        base="1.071",
        factor="1.8",
    )
    lines_ = (*price().coefficients[:2], legal, *price().coefficients[3:])
    doubts = [UNKNOWN_CLASS, ("kt", "assumed_unchanged", {"since": "2022-09-13"})]
    of = report(price(lines_, doubts=doubts, **dear), doubts=doubts[:1], **dear)
    everything = ASKED | {"kbm_class": "13", "claims": 4}
    told = table(of, everything, lang=lang).splitlines()
    assert max(map(len, told)) <= 80


@pytest.mark.parametrize("width", [40, 60])
def test_no_number_is_broken_where_there_is_little_room(table, width):
    told = table(report(CHANGED), ASKED, width=width)
    for number in ("1 399–8 665 ₽", "626,02–3 877,41 ₽"):
        assert number in told


def test_json_is_the_document_of_the_wire(capsys):
    of = report(CHANGED, doubts=[UNKNOWN_CLASS])
    told = json.loads(written(capsys, Format.JSON, of, ASKED))
    assert told["warnings"] == [WARNING]
    assert told["price"]["premium_min"] == 3130.12
    assert told["price"]["coefficients"][4]["value"] == 1.4
    read = TariffCalculateResult.model_validate(told)
    assert (read.price, read.levers, read.changed) == (of.price, of.levers, of.changed)
    assert read.model_dump(mode="json", exclude_none=True) == told


def test_ndjson_is_a_line_for_the_price_each_lever_and_the_changed_price(capsys):
    of = document(report(CHANGED))
    told = [
        json.loads(line)
        for line in written(capsys, Format.NDJSON, report(CHANGED)).split("\n")[:-1]
    ]
    assert [line.pop("type") for line in told] == ["price", "lever", "lever", "changed"]
    assert told == [of["price"], *of["levers"], of["changed"]]


def test_csv_is_a_row_for_each_coefficient_without_a_locale(capsys, monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    rows = list(csv.DictReader(io.StringIO(written(capsys, Format.CSV, report(CHANGED)))))
    assert tuple(rows[0]) == CSV_COLUMNS
    found = {row["name"]: row for row in rows}
    assert list(found) == [
        *("premium_min", "premium_max", "base_rate_min", "base_rate_max"),
        *("kt", "kbm", "kvs", "ko", "km", "ks", "multiplier"),
    ]
    assert (found["premium_max"]["value"], found["premium_max"]["changed"]) == (
        *("19387.07", "32593.40"),
    )
    assert found["ko"] == {
        "name": "ko",
        "value": "1.0",
        "changed": "3.16",
        "confidence": "high",
        "approximate": "false",
        "reason": "drivers_limited",
        "text": "KO 1.00: limited list of drivers",
        "changed_reason": "drivers_unlimited",
        "changed_text": "KO 3.16: unlimited drivers",
        "source": "TCO CALC26",
    }


def test_csv_without_changes_leaves_their_columns_empty(capsys):
    rows = csv.DictReader(io.StringIO(written(capsys, Format.CSV, report())))
    assert {row["changed"] + row["changed_reason"] for row in rows} == {""}
