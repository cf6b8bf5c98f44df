"""`osago tariff`: what it asks the core for, and what it says where there is no price."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from math import prod

import pytest

from osago_cli import app as command_line
from osago_core.tariff.book import SHIPPED
from osago_core.wire.methods import TariffCalculateResult
from tests.support.processes import CLEAN, EXAMPLES

APPLICATION = EXAMPLES / "application.json"
ON = "--on=2026-03-01"
SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture
def osago(monkeypatch, capsys, tmp_path):
    """Runs the command; exit code, stdout, stderr. There is no insurers.toml unless made."""
    monkeypatch.setenv("OSAGO_INSURERS", str(tmp_path / "insurers.toml"))

    def run(*arguments, stdin="", lang="en", columns=80):
        monkeypatch.setenv("OSAGO_LANG", lang)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys, "argv", ["osago", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as left:
            command_line.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def document(osago):
    def run(*arguments, **options):
        code, out, err = osago("tariff", *arguments, "--json", **options)
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


@pytest.fixture
def own_tariff(tmp_path):
    """A folder of one's own, and the insurers.toml that names it."""
    folder = tmp_path / "own"
    shutil.copytree(SHIPPED, folder)
    (tmp_path / "insurers.toml").write_text('[tariff]\ndirectory = "own"\n')
    return folder


def example(**address):
    application = json.loads(APPLICATION.read_text())
    application["owner"]["address"] = {"text": "ул Канареечная, д 1", **address}
    return json.dumps(application)


def test_a_person_reads_between_which_premiums_it_lies_and_why(osago):
    code, out, err = osago("tariff", APPLICATION, ON, lang="ru")
    told = out.replace(SPACE, " ")
    assert (code, err) == (0, "")
    assert told.startswith("Премия: от 1 159,53 ₽ до 7 181,79 ₽\n")
    assert "Указание 7204-У, с 09.12.2025; таблицы с 01.01.2026\n" in told
    assert "КМ    1,10           70 < 87 ≤ 100 л.с.\n" in told
    assert max(map(len, told.splitlines())) <= 80


def test_a_program_reads_the_document_of_the_wire_and_the_sum_comes_out(document):
    told = document(APPLICATION, ON, "--drivers=unlimited", "--months=6")
    report = TariffCalculateResult.model_validate(told)
    assert [line.name for line in report.price.coefficients] == [
        *("kt", "kbm", "kvs", "ko", "km", "ks"),
    ]
    for price in (report.price, report.changed):
        factors = (line.value for line in price.coefficients)
        premium = prod(factors, start=price.base_rate.max)
        assert premium.quantize(Decimal("0.01"), ROUND_HALF_UP) == price.premium_max
    assert report.changed.coefficients[3].reason == "drivers_unlimited"
    assert report.changed.coefficients[5].params == {"months": "6"}
    assert report.levers


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize(
    "example", sorted(path.stem for path in EXAMPLES.glob("*.json") if path.stem != "broken")
)
def test_every_example_is_told_in_eighty_columns_and_one_language(osago, example, lang):
    code, out, _ = osago("tariff", EXAMPLES / f"{example}.json", ON, lang=lang)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    if lang == "ru":
        assert not re.findall("[a-z]{3,}", out.replace("-o json", ""))


def test_what_if_of_a_class_and_of_claims(document):
    told = document(APPLICATION, ON, "--kbm-class=м")  # in Cyrillic
    assert told["changed"]["coefficients"][1]["params"]["kbm_class"] == "M"
    told = document(APPLICATION, ON, "--claims=1")
    assert told["changed"]["coefficients"][1]["params"]["kbm_class"] == "7"


def test_the_same_in_lines_and_rows(osago):
    lines = osago("tariff", APPLICATION, ON, "--months=6", "-o", "ndjson")[1].splitlines()
    types = [json.loads(line)["type"] for line in lines]
    assert (types[0], types[-1], set(types[1:-1])) == ("price", "changed", {"lever"})
    rows = csv.DictReader(io.StringIO(osago("tariff", APPLICATION, ON, "-o", "csv")[1]))
    assert {row["name"]: row["value"] for row in rows}["km"] == "1.1"


def test_the_day_decides_which_edict(document):
    told = document(APPLICATION, "--on=2025-11-01")
    assert told["price"]["edict"].startswith("6007-U")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--on=2021-05-01"], "the base rates in the edition of 2020-09-05 (edict 5515-U)"),
        (
            ["--on=1999-01-01"],
            "no tariff is known for 1999-01-01; there are figures from 2022-09-13",
        ),
        (["--on=yesterday"], "Invalid value for '--on'"),
        (["--months=13"], "Invalid value for '--months'"),
        (["--kbm-class=14"], "choose one of: M, 0, 1"),
        (["--drivers=unlimited", "--kbm-class=7"], "--kbm-class: leave the class out"),
    ],
)
def test_what_makes_no_sense_is_exit_2_with_what_to_do(osago, arguments, told):
    code, out, err = osago("tariff", APPLICATION, *arguments)
    assert (code, out) == (2, "")
    assert told in err


def test_a_place_that_the_tariff_does_not_know_is_told_with_those_that_it_may_be(osago):
    raw = example(region="Татарстан", place="Кзань")
    code, out, err = osago("tariff", "-", stdin=raw, lang="ru")
    assert (code, out) == (2, "")
    assert "owner.address: Республика Татарстан: " in err
    assert "возможно, это: Республика Татарстан: Казань" in err
    assert "Кзань" not in err
    assert "Канареечная" not in err


def test_an_application_with_mistakes_is_told_as_elsewhere_all_at_once(osago):
    checked = osago("check", EXAMPLES / "broken.json", "--json")[1]
    code, _, err = osago("tariff", EXAMPLES / "broken.json")
    assert code == 2
    problems = json.loads(checked)["problems"]
    assert err.splitlines()[0] == f"problems in the application: {len(problems)}"
    assert len(err.splitlines()) == len(problems) + 1


def test_warnings_of_the_check_are_told_beside_the_figures(osago, document):
    application = json.loads(APPLICATION.read_text())
    del application["owner"]["email"]
    code, _, err = osago("tariff", "-", stdin=json.dumps(application))
    assert code == 0
    assert err.startswith("warning: ")
    told = document("-", stdin=json.dumps(application))
    assert [each["code"] for each in told["warnings"]] == ["contact_missing"]


def test_an_own_folder_of_tables_counts(document, own_tariff):
    edition = own_tariff / "editions/2025-12-09.json"
    text = edition.read_text()
    assert text.count('"min": "1399"') == 1
    edition.write_text(text.replace('"min": "1399"', '"min": "1400"'))
    told = document(APPLICATION, ON)
    assert told["price"]["base_rate"]["min"] == 1400


def test_an_own_folder_with_mistakes_is_told_all_at_once(osago, own_tariff):
    for name in ("2025-12-09", "2026-01-01"):
        (own_tariff / f"editions/{name}.json").write_text("{")
    code, _, err = osago("tariff", APPLICATION, ON)
    assert code == 2
    assert str(own_tariff) in err
    assert "2025-12-09" in err
    assert "2026-01-01" in err
    assert "Traceback" not in err


def test_an_own_folder_with_mistakes_that_could_be_calculated_with_is_refused(osago, own_tariff):
    edition = own_tariff / "editions/2025-12-09.json"
    edition.write_text(edition.read_text().replace('"min": "1399"', '"min": "99999"'))
    (own_tariff / "kt/2022-09-13.json").write_text("{")  # of an edition that is not used here
    code, out, err = osago("tariff", APPLICATION, ON, lang="ru")
    assert (code, out) == (2, "")
    assert err.startswith(f"в тарифе {own_tariff} ошибок: ")
    assert "2025-12-09" in err
    assert "kt/2022-09-13" in err


def test_an_own_folder_that_is_not_there_is_named(osago, own_tariff):
    shutil.rmtree(own_tariff)
    code, out, err = osago("tariff", APPLICATION, ON, lang="ru")
    assert (code, out) == (2, "")
    assert err.startswith("свой тариф, указанный в ")
    assert str(own_tariff) in err


def test_a_day_is_taken_as_russians_write_it(document):
    told = document(APPLICATION, "--on=01.11.2025")
    assert told == document(APPLICATION, "--on=2025-11-01")


@pytest.mark.parametrize("day", ["32.01.2025", "вчера", "2025-13-01"])
def test_a_day_that_is_none_is_told_with_how_to_write_one(osago, day):
    code, _, err = osago("tariff", APPLICATION, f"--on={day}", lang="ru")
    assert code == 2
    assert "укажите существующую дату в виде ГГГГ-ММ-ДД" in err


@pytest.mark.parametrize("day", ["2018-01-01", "2019-05-01", "2021-05-01", "2022-05-01"])
def test_a_gap_is_told_in_russian_with_the_day_from_which_there_are_figures(osago, day):
    code, out, err = osago("tariff", APPLICATION, f"--on={day}", lang="ru")
    assert (code, out) == (2, "")
    assert err.endswith("данные есть с 13.09.2022: выберите такой день через --on\n")
    assert not re.search("[A-Za-z]", err.replace("--on", ""))


def test_a_day_still_to_come_is_told_to_be_one(osago):
    note = "до него может выйти новое указание"
    assert note in osago("tariff", APPLICATION, "--on=2040-01-01", lang="ru")[1]
    assert note not in osago("tariff", APPLICATION, ON, lang="ru")[1]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("kladr", "укажите 13, 17 или 19 цифр"),
        ("oktmo", "укажите 8 или 11 цифр"),
        ("postcode", "укажите 6 цифр"),
    ],
)
def test_how_many_digits_there_should_be_is_told_in_russian(osago, code, told):
    _, _, err = osago("tariff", "-", stdin=example(**{code: "1"}), lang="ru")
    assert f"owner.address.{code}: {told}\n" in err


def test_a_configuration_that_only_the_service_may_read_is_no_hindrance(
    osago, own_tariff, monkeypatch
):
    monkeypatch.setattr(os, "access", lambda *_: False)
    code, out, err = osago("tariff", APPLICATION, ON)
    assert code == 0
    assert out.startswith("Premium: from 1,159.53")
    assert f"{own_tariff.parent}/insurers.toml can't be read" in err


def test_other_commands_pay_nothing_for_it():
    code = "import sys, osago_cli.app; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=CLEAN, check=True
    ).stdout.split()
    rooms = ("osago_core.tariff", "osago_core.pricing", "osago_core.wire.tariff")
    assert not [name for name in told if name.startswith(rooms)]
