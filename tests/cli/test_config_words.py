"""What `osago config check` says, in both languages."""

import csv
import io
import json

import pytest

from osago_cli import locale
from osago_cli.commands import config_check
from osago_cli.output import config
from osago_cli.output.formats import Format
from osago_daemon.config.oddities import TEXTS


def found(**given):
    return {
        "valid": True,
        "file": "insurers.toml",
        "insurers": 2,
        "switched_off": 1,
        "secrets": [],
        "problems": [],
        "warnings": [],
    } | given


def secrets(*references):
    return [{"reference": each, "found": True, "keys": []} for each in references]


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_every_warning_has_words(lang):
    assert {f"config.warning.{code}" for code in TEXTS} <= locale.texts(lang).keys()


def test_english_words_are_the_daemons():
    assert {c: locale.texts("en")[f"config.warning.{c}"] for c in TEXTS} == TEXTS


def test_the_summary_has_counts_and_fits_the_terminal(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    monkeypatch.setenv("COLUMNS", "80")
    names = [f"env:INSURER_{n}_TOKEN" for n in range(9)]
    first, *rest = config.findings(found(secrets=secrets(*names)))
    assert first == "insurers.toml is fine; insurers: 2, switched off: 1"
    assert max(map(len, rest)) <= 80
    assert " ".join(" ".join(rest).split()) == f"secrets found: {', '.join(names)}"


def test_problems_are_told_as_compilers_do_and_no_summary_follows(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "en")
    problem = {"line": 3, "column": 16, "key": "", "text": "not TOML: whatever"}
    warning = {"line": 7, "column": None, "key": "insurers.a.limits", "code": "of a newer daemon"}
    lines = config.findings(
        found(valid=False, problems=[problem], warnings=[warning | {"text": "its own words"}])
    )
    assert list(lines) == [
        "insurers.toml:3:16: not TOML: whatever",
        "warning: insurers.toml:7: insurers.a.limits: its own words",
    ]


def test_without_secrets_nothing_is_said_of_them(monkeypatch):
    monkeypatch.setenv("OSAGO_LANG", "ru")
    assert list(config.findings(found())) == [
        "insurers.toml в порядке; страховщиков: 2, выключено: 1"
    ]


def test_programs_get_every_finding_with_its_place(capsys):
    problem = {"line": 3, "column": None, "key": "insurers.a.b", "text": "unknown key"}
    warning = {"line": 7, "column": None, "key": "insurers.a.limits", "code": "no_limits"}
    warning["text"] = "no limits"
    document = found(valid=False, problems=[problem], warnings=[warning])
    config_check.tell(document, Format.JSON)
    assert json.loads(capsys.readouterr().out) == document
    config_check.tell(document, Format.NDJSON)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    place = {"file": "insurers.toml"}
    assert rows == [
        {"severity": "problem"} | place | problem,
        {"severity": "warning"} | place | warning,
    ]
    config_check.tell(document, Format.CSV)
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["severity"], row["line"], row["text"]) for row in table] == [
        ("problem", "3", "unknown key"),
        ("warning", "7", "no limits"),
    ]
