"""A misconfigured insurer is flagged wherever its offer is shown, and never hidden."""

import csv
import io
import json

import pytest

from tests.support.processes import EXAMPLES

KOPECKS, FULL_YEAR, WRONG_KBM, RIGHT = "kedr", "yantar", "snegir", "sever"
ASKED = tuple(f"--insurer={id_}" for id_ in (KOPECKS, FULL_YEAR, WRONG_KBM, RIGHT))


@pytest.fixture
def half_a_year(home):
    application = json.loads((EXAMPLES / "application.json").read_text())
    application.setdefault("period", {})["use_months"] = 6
    file = home / "half_a_year.json"
    file.write_text(json.dumps(application))
    return file


@pytest.fixture
def misconfigured(alone, sandbox):
    sandbox.fault(KOPECKS, "kopecks")
    sandbox.fault(FULL_YEAR, "full_year")
    sandbox.fault(WRONG_KBM, "wrong_kbm", kbm="11")
    return alone


def test_wrong_prices_are_flagged_in_table_json_and_csv(misconfigured, half_a_year):
    table = misconfigured("quote", half_a_year, *ASKED, OSAGO_LANG="ru").stdout
    document = misconfigured.json("quote", half_a_year, *ASKED, "--json")
    rows = misconfigured("quote", half_a_year, *ASKED, "-o", "csv").stdout

    codes = {o["insurer"]: [c["code"] for c in o["checks"]] for o in document["offers"]}
    assert codes == {
        KOPECKS: ["kopecks_suspected"],
        FULL_YEAR: ["full_year_suspected"],
        WRONG_KBM: ["kbm_differs"],
        RIGHT: [],
    }
    told = {row["insurer"]: row["checks"] for row in csv.DictReader(io.StringIO(rows))}
    assert told == {insurer: ";".join(found) for insurer, found in codes.items()}
    lines = {line.split("  ")[0]: line for line in table.splitlines()}
    assert "копейки?" in lines["Кедровый Щит"]
    assert "за полный год" in lines["Янтарный Берег"]
    assert "КБМ" in lines["Снегирь-Авто"]
    assert "!" not in lines["Север-Полис"]


def test_it_is_said_who_agrees_on_the_kbm(misconfigured, half_a_year):
    document = misconfigured.json("quote", half_a_year, *ASKED, "--json")
    assert "kbm" in document
    assert WRONG_KBM in json.dumps(document["kbm"])
