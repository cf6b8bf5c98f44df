"""The shipped files are sound, and an unsound folder is told so."""

import json
import shutil
import subprocess
import sys
from datetime import date

import pytest

from osago_core.tariff import TariffBook, tariff_on, territories
from osago_core.tariff.book import SHIPPED
from osago_core.tariff.validate import gaps, problems

IN_FORCE = "2026-06-22"


def test_the_shipped_files_have_no_gaps_and_no_overlaps():
    assert problems(TariffBook()) == ()


@pytest.mark.parametrize("day", [date(2022, 9, 13), date(2025, 12, 9), date(2026, 6, 22)])
def test_every_territory_computes_for_every_vehicle_class(day):
    assert gaps(tariff_on(day), tuple(t.id for t in territories())) == ()


def test_where_it_does_not_compute_the_missing_table_is_named():
    found = gaps(tariff_on(date(2019, 6, 1)), ("mow/all", "me/yoshkar-ola"))
    assert {gap.table for _, gap in found} == {"TB", "KO", "KVS", "KT"}


def test_a_new_edict_is_a_new_file_and_no_code(tmp_path):
    book = own_book(tmp_path)
    edition = json.loads((book.folder / f"editions/{IN_FORCE}.json").read_text("utf-8"))
    edition |= {"version": "2027-02-01", "edict": "9999-U", "edict_from": "2027-02-01"}
    del edition["tables_from"]["KO"]
    edition["tables"]["KO"] = {
        "source": ["TCO"],
        "confidence": "high",
        "rows": [{"drivers": "any", "owner": "any", "value": "1.11"}],
    }
    write(book, "editions/2027-02-01.json", edition)
    assert problems(book) == ()
    assert book.on(date(2027, 1, 31)).version == IN_FORCE
    assert book.on(date(2027, 2, 1)).edict == "9999-U"


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("editions/2015-04-12.json", '"over": "70"', '"over": "75"', "KM: gap or overlap"),
        ("editions/2015-04-12.json", '"over": "9", "to": "12"', '"over": "9", "to": "11"', "KS"),
        ("editions/2022-01-09.json", '"22-24"', '"23-24"', "KVS: ages: gap or overlap"),
        ("editions/2022-01-09.json", '"3-4": "1.65"', '"3": "1.65"', "KVS: experience"),
        ("editions/2022-04-01.json", '"13": "0.46"', '"13": "0.76"', "KBM: a better class"),
        ("editions/2025-12-09.json", '"1399"', '"9999"', "TB: car_individual"),
        (
            "editions/2025-12-09.json",
            '"unlimited", "owner": "legal"',
            '"any", "owner": "any"',
            "KO",
        ),
        ("editions/2025-12-09.json", '"KM": "2015-04-12"', '"KM": "2019-01-09"', "KM is not in"),
        ("editions/2025-12-09.json", '["TCO"]', '["HEARSAY"]', "sources ['HEARSAY']"),
        ("editions/2025-12-09.json", '"confidence": "medium"', '"confidence": "?"', "KO"),
        ("editions/2025-04-17.json", '"other"', '"boat"', "formulas: none for russia, other"),
        ("editions/2025-04-17.json", '"kvs", "ko"', '"kvs", "kx"', "nobody knows ['kx']"),
        ("editions/2026-06-22.json", '"rows_from": ["2026', '"rows_from": ["2030', "no kt/2030"),
        ("editions/2026-06-22.json", '"version": "2026', '"version": "2030', "calls itself 2030"),
        ("kt/2025-12-09.json", '"id": "ba/ufa"', '"id": "ba/upa"', "ba/upa: no such territory"),
        ("kt/2025-12-09.json", '"3.12"', '"3.11"', "nvs/novosibirsk: car 3.11 is no product"),
        ("territories.json", '"rest"', '"whole"', "neither whole nor has exactly one rest"),
    ],
)
def test_a_broken_file_is_told_what_is_wrong(tmp_path, file, old, new, problem):
    book = own_book(tmp_path)
    path = book.folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert any(problem in found for found in problems(book)), problems(book)


def test_a_binary_float_is_refused(tmp_path):
    book = own_book(tmp_path)
    path = book.folder / "kt/2025-12-09.json"
    path.write_text(path.read_text("utf-8").replace('"1.24"', "1.24", 1), "utf-8")
    with pytest.raises(ValueError, match="write it as a string"):
        book.territory_rows("2025-12-09")


def test_importing_the_tariff_brings_no_third_party_package():
    code = (
        "import sys, osago_core.tariff as t; t.tariff_on(__import__('datetime').date(2026, 3, 1));"
        "print({m.split('.')[0] for m in sys.modules} - sys.stdlib_module_names)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        check=True,
        text=True,
        cwd=SHIPPED.parents[2],
    )
    assert done.stdout.strip() in {"{'osago_core', '__main__'}", "{'__main__', 'osago_core'}"}


def own_book(tmp_path):
    return TariffBook(shutil.copytree(SHIPPED, tmp_path / "tariff"))


def write(book, name, content):
    (book.folder / name).write_text(json.dumps(content), "utf-8")
