"""`[tariff]`: a folder of one's own stands instead of the shipped tariff, or says what is wrong."""

import json
import shutil
from datetime import date
from decimal import Decimal

import pytest

from osago_core.tariff import Owner, RatedDriver, RatedFacts, VehicleClass
from osago_core.tariff.book import SHIPPED
from osago_core.tariff.own import own_directory
from osago_core.tariff.validate import problems as problems_of
from osago_daemon.drafting import draw_up

OWN = '[tariff]\ndirectory = "our tariff"\n'
LAST = max(path.stem for path in (SHIPPED / "editions").glob("*.json"))
EVE, DAY = date(2027, 1, 31), date(2027, 2, 1)
FACTS = RatedFacts(
    vehicle_class=VehicleClass.CAR_INDIVIDUAL,
    owner=Owner.INDIVIDUAL,
    territory_id="ta/kazan",
    power_hp=Decimal(136),
    drivers=(RatedDriver(age=41, experience=21, kbm_class="13"),),
)


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped folder, beside the file."""
    return shutil.copytree(SHIPPED, tmp_path / "our tariff")


@pytest.fixture
def new_edict(folder):
    """Writes an edict with another corridor and another KO, in force from DAY on."""

    def write(**changes):
        edition = json.loads((folder / f"editions/{LAST}.json").read_text("utf-8"))
        del edition["tables_from"]["KO"]
        edition["tables"]["KO"] = {
            "source": ["TCO"],
            "confidence": "high",
            "rows": [{"drivers": "any", "owner": "any", "value": "1.11"}],
        }
        edition |= {"version": str(DAY), "edict": "9999-U", "edict_from": str(DAY)} | changes
        (folder / f"editions/{DAY}.json").write_text(json.dumps(edition), "utf-8")

    return write


def test_without_the_table_the_shipped_tariff_holds(load_text, good):
    assert load_text(good).tariff.folder == SHIPPED


def test_what_was_checked_is_used_whatever_becomes_of_the_folder(load_text, good, folder):
    tariff = load_text(OWN + good).tariff
    shutil.rmtree(folder)
    assert tariff.on(EVE).calculate(FACTS).premium_min > 0


def test_a_new_edict_is_a_new_file_and_counts_from_its_day_on(load_text, good, folder, new_edict):
    new_edict()
    tariff = load_text(OWN + good).tariff
    assert tariff.folder == folder
    before, after = (tariff.on(day).calculate(FACTS) for day in (EVE, DAY))
    assert (before.edict, after.edict) == ("7349-U (amends 7204-U)", "9999-U")
    assert (before.coefficients["ko"], after.coefficients["ko"]) == (1, Decimal("1.11"))
    assert after.multiplier == before.multiplier * Decimal("1.11")
    assert load_text(good).tariff.on(DAY).edict == before.edict


def test_a_path_may_be_absolute(load_text, good, tmp_path_factory):
    elsewhere = shutil.copytree(SHIPPED, tmp_path_factory.mktemp("tariff") / "data")
    settings = load_text(f"[tariff]\ndirectory = {json.dumps(str(elsewhere))}\n{good}")
    assert settings.tariff.folder == elsewhere


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("tariff = 3\n", "1: tariff: expected a table, got a number"),
        ("[tariff]\n", "1: tariff.directory: is missing"),
        ("[tariff]\ndirectory = 3\n", "2: tariff.directory: expected text in quotes, got a number"),
        (
            '[tariff]\ndirectory = ""\n',
            "2: tariff.directory: it should have at least 1 character",
        ),
        ("[[tariff]]\n", "1: tariff: expected a table, got a list"),
        (
            OWN + "director = 1\n",
            "3: tariff.director: unknown key; did you mean `directory`?",
        ),
        ("[tarif]\n", "1: tarif: unknown key; did you mean `tariff`?"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_wrong_table_is_told_with_line_and_key(problems, good, table, expected):
    assert problems(table + good) == [expected]


@pytest.fixture
def break_(folder):
    """Writes something else into a file of the folder, or takes the file away."""

    def broken(file, old, new):
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.unlink() if new is None else path.write_text(text.replace(old, new, 1), "utf-8")

    return broken


GAP = ("editions/2015-04-12.json", '"over": "70"', '"over": "75"')
FLOAT = ("kt/2025-12-09.json", '"1.24"', "1.24")
NO_FILE = ("kt/2025-12-09.json", "", None)
NO_EDITION = ("editions/2022-01-09.json", "", None)
NO_SOURCE = ("editions/2022-04-01.json", '"source": ["TCO"', '"from": ["TCO"')
NOT_JSON = ("editions/2025-12-09.json", '"7204-U"', '"7204-U')


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (GAP, "editions/2015-04-12: KM: gap or overlap between 70 and 75"),
        (FLOAT, "kt/2025-12-09: cannot be read: a number with a point in the tariff's data: 1.24;"),
        (NO_FILE, "editions/2026-06-22: kt: there is no kt/2025-12-09.json"),
        (NO_EDITION, "editions/2025-12-09: KVS: is missing"),
        (NO_SOURCE, "editions/2022-04-01: KBM: a row without a list of sources"),
        (NOT_JSON, "editions/2025-12-09: not JSON: Invalid control character"),
    ],
)
def test_a_broken_folder_is_refused_with_what_is_wrong(problems, good, break_, broken, expected):
    break_(*broken)
    found = problems(OWN + good)
    assert all(problem.startswith("2: tariff.directory: ") for problem in found)
    assert any(expected in problem for problem in found), found


def test_everything_wrong_is_told_at_once_beside_the_files_other_problems(
    problems, good, folder, new_edict
):
    new_edict(edict_from="2027-03-01", edict=1)
    (folder / "sources.json").write_bytes(b"\xff")
    (folder / "kt/2019-01-09.json").write_text("[]", "utf-8")
    assert problems(OWN + good.replace("name =", "nam =")) == [
        "2: tariff.directory: sources: cannot be read: not UTF-8 text",
        "2: tariff.directory: editions/2027-02-01: 'edict' is no text",
        "2: tariff.directory: editions/2027-02-01: the edict starts after its tables",
        "2: tariff.directory: kt/2019-01-09: no table of rows",
        "3: insurers.sever.name: is missing",
        "4: insurers.sever.nam: unknown key; did you mean `name`?",
    ]


@pytest.mark.parametrize("place", ["nowhere", "insurers.toml", "."])
def test_no_folder_of_a_tariff_is_one_problem(problems, good, place):
    (problem,) = problems(f'[tariff]\ndirectory = "{place}"\n{good}')
    assert problem.startswith("2: tariff.directory: ")
    assert problem.endswith(("is missing", "Not a directory"))


@pytest.mark.usefixtures("folder")
def test_daemon_and_clients_read_the_same_folder(load_text, good):
    for table in (
        OWN,
        'tariff = { directory = "our tariff" }\n',
        'tariff.directory = "our tariff"\n',
        '[ "tariff" ]\ndirectory = "our tariff"\n',
        '["\\u0074ariff"]\ndirectory = "our tariff"\n',
        "",
    ):
        settings = load_text("\ufeff" + table + good)
        read = own_directory(settings.path)
        assert settings.tariff.folder == (read or SHIPPED), table
        assert (read is None) == (not table)
    assert problems_of(settings.tariff) == ()


def test_what_changes_after_it_was_read_is_another_tariff(folder, good, load_text):
    first = draw_up(load_text(OWN + good), None, b"key")
    read = load_text(OWN + good)
    edition = folder / f"editions/{LAST}.json"
    edition.write_text(edition.read_text() + "\n")
    second = draw_up(read, first, b"key")
    assert second.tariff is first.tariff
    third = draw_up(load_text(OWN + good), second, b"key")
    assert third.tariff is not second.tariff
