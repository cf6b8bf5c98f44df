"""`osago config show` as text: TOML that says the same values, within the width."""

import csv
import io
import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osago_cli.commands.config_show import _tell
from osago_cli.output import config, toml_text
from osago_cli.output.formats import Format
from osago_cli.output.toml_text import Entry

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from(" \"'\\\n`{}"),
    max_size=200,
)
SIMPLE = st.booleans() | st.integers(-(10**9), 10**9) | st.floats(0, 1e6) | TEXTS
VALUES = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def text(value, key="key", width=80, remark=None):
    return "\n".join(
        toml_text.lines("insurers.a", [Entry((key,), value, remark)], "not set", width)
    )


@settings(max_examples=60)
@given(TEXTS, VALUES, st.sampled_from([40, 80, 10_000]))
def test_tomllib_reads_the_same_value_again(key, value, width):
    found = text(value, key, width, remark="insurers.toml:12")
    assert tomllib.loads(found) == {"insurers": {"a": {key: value}}}


@settings(max_examples=60)
@given(st.lists(st.text("abc\"'\\", min_size=1, max_size=20), min_size=1, max_size=30))
def test_a_long_text_is_folded_into_the_width(words):
    found = text(" ".join(words), remark="insurers.toml:1234")
    assert max(map(len, found.splitlines())) <= 80
    assert tomllib.loads(found)["insurers"]["a"]["key"] == " ".join(words)


def test_tables_follow_their_own_values():
    entries = [
        Entry(("retry", "attempts"), 10),
        Entry(("name",), "Север"),
        Entry(("retry", "budget"), None),
        Entry(("answer", "decline_reasons", "(?i)стаж"), "driver"),
    ]
    assert list(toml_text.lines("insurers.a", entries, "not set", 80)) == [
        "",
        "[insurers.a]",
        'name = "Север"',
        "",
        "[insurers.a.retry]",
        "attempts = 10",
        "# budget: not set",
        "",
        "[insurers.a.answer.decline_reasons]",
        '"(?i)стаж" = "driver"',
    ]


FOUND = {
    "file": "/etc/osago/insurers.toml",
    "tariff": [{"key": ["directory"], "value": None, "line": None}],
    "insurers": [
        {
            "id": "sever",
            "values": [
                {"key": ["name"], "value": "Север", "line": 2},
                {"key": ["retry", "attempts"], "value": 10, "line": None},
                {"key": ["poll"], "value": None, "line": None},
            ],
        }
    ],
}


@pytest.mark.parametrize(("lang", "default"), [("en", "default"), ("ru", "по умолчанию")])
def test_origins_stand_behind_the_values(monkeypatch, lang, default):
    monkeypatch.setenv("OSAGO_LANG", lang)
    lines = list(config.effective(FOUND, origin=True))
    assert lines[0] == "# /etc/osago/insurers.toml"
    assert [line.split("  # ")[-1] for line in lines if "  # " in line] == [
        "insurers.toml:2",
        default,
    ]
    assert not any("  # " in line for line in config.effective(FOUND, origin=False))


def test_programs_get_tables_and_dotted_origins():
    assert config.nested(FOUND, origin=True) == {
        "file": "/etc/osago/insurers.toml",
        "tariff": {"directory": None},
        "insurers": {"sever": {"name": "Север", "retry": {"attempts": 10}, "poll": None}},
        "origins": {
            "tariff.directory": "default",
            "insurers.sever.name": "insurers.toml:2",
            "insurers.sever.retry.attempts": "default",
            "insurers.sever.poll": "default",
        },
    }
    assert "origins" not in config.nested(FOUND, origin=False)


def test_rows_say_the_origin_in_no_language(monkeypatch, capsys):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    _tell(FOUND, Format.NDJSON, origin=False)
    row = json.loads(capsys.readouterr().out.splitlines()[2])
    assert row == {"insurer": "sever", "key": "retry.attempts", "value": 10, "origin": "default"}
    _tell(FOUND, Format.CSV, origin=False)
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["value"] for row in table] == ["", "Север", "10", ""]


def test_a_dictionary_is_a_line_for_people_and_whole_for_programs():
    makes = {"name": "makes", "line": 3, "source": "makes.csv", "count": 2}
    makes["entries"] = {"Kia": 7, "LADA": 1}
    found = {"file": "/etc/osago/insurers.toml", "tariff": [], "insurers": []}
    found["dictionaries"] = [makes]
    lines = list(config.effective(found, origin=True))
    assert lines[1] == "# [dictionaries.makes]: entries: 2, makes.csv  # insurers.toml:3"
    assert list(config.effective(found, origin=False))[1].endswith("makes.csv")
    shown = config.nested(found, origin=False)["dictionaries"]["makes"]
    assert (shown["source"], shown["entries"]) == ("makes.csv", {"Kia": 7, "LADA": 1})
