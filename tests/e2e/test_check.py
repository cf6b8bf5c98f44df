"""`osago check`: everything wrong at once, in the user's language, without a daemon."""

import csv
import io
import json

import pytest

from tests.support.processes import EXAMPLES

BROKEN = EXAMPLES / "broken.json"


def test_everything_wrong_is_listed_at_once(osago):
    result = osago("check", BROKEN)
    lines = result.stdout.splitlines()
    assert result.returncode == 2
    assert len(lines) >= 8
    assert len({line.split(".")[0].split("[")[0] for line in lines}) >= 4
    assert any(line.startswith("drivers[0].license.number: ") for line in lines)


def test_russian_says_the_same_in_russian(osago):
    english, russian = (osago("check", BROKEN, OSAGO_LANG=lang).stdout for lang in ("en", "ru"))
    english, russian = english.replace("warning: ", ""), russian.replace("внимание: ", "")
    places, texts = zip(*(line.split(": ", 1) for line in russian.splitlines()), strict=True)
    assert list(places) == [line.split(": ")[0] for line in english.splitlines()]
    assert all(any("а" <= letter <= "я" for letter in text) for text in texts)


def test_programs_get_codes(osago):
    document = osago.json("check", BROKEN, "--json")
    assert document["valid"] is False
    assert {"path", "code", "text", "params"} <= document["problems"][0].keys()
    listed = [
        json.loads(line) for line in osago("check", BROKEN, "-o", "ndjson").stdout.splitlines()
    ]
    assert len(listed) == len(document["problems"]) + len(document["warnings"])
    rows = list(csv.DictReader(io.StringIO(osago("check", BROKEN, "-o", "csv").stdout)))
    assert [row["path"] for row in rows] == [item["path"] for item in listed]


@pytest.mark.parametrize(
    "example", sorted(path.name for path in EXAMPLES.glob("*.json") if path != BROKEN)
)
def test_every_example_is_valid(osago, example):
    result = osago("check", EXAMPLES / example)
    assert (result.returncode, result.stderr) == (0, "the application is valid\n"), result.stdout


def test_an_unknown_field_is_named_with_the_nearest_known_one(osago):
    application = json.loads((EXAMPLES / "application.json").read_text())
    application["vehicle"]["power_ph"] = application["vehicle"].pop("power_hp")
    result = osago("check", "-", stdin=json.dumps(application))
    assert result.returncode == 2
    assert "vehicle.power_ph: unknown field `power_ph`; did you mean `power_hp`?" in result.stdout


def test_no_value_of_a_person_is_repeated(osago):
    application = json.loads((EXAMPLES / "application.json").read_text())
    application["owner"]["last_name"] = "Канарейкин1"
    application["owner"]["phone"] = "+7999canary"
    for lang in ("en", "ru"):
        result = osago("check", "-", "--json", stdin=json.dumps(application), OSAGO_LANG=lang)
        assert result.returncode == 2
        assert "анарейкин" not in result.stdout
        assert "canary" not in result.stdout


def test_what_the_tariff_can_not_price_is_a_warning_with_what_may_be_meant(osago, home):
    application = json.loads((EXAMPLES / "application.json").read_text())
    application["owner"]["address"] = {"region": "Маскава"}
    file = home / "typo.json"
    file.write_text(json.dumps(application))
    result = osago("check", file, OSAGO_LANG="ru")
    assert result.returncode == 0
    assert "внимание: owner.address" in result.stdout
    assert "возможно, это: Москва" in result.stdout
    (warning,) = osago.json("check", file, "--json")["warnings"]
    assert warning["code"] == "region_unknown"
