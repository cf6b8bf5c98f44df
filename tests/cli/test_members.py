"""Insurers that are asked for through another one, and contracts that another one makes."""

import csv
import io
import json
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from osago_cli.app import app
from osago_cli.commands import insurers_isolate, insurers_list, insurers_restore, insurers_show
from osago_cli.output.formats import Format
from osago_cli.problems import problem_text
from tests.cli.test_insurers import HEALTHY, SHOWN
from tests.cli.test_offer_checks import ELAPSED, drawn, told, written

CLOSED = {"state": "closed", "judged": 0, "failures": 0, "slow": 0}
MEMBER = HEALTHY | {"id": "sk-a", "name": "СК А", "via": "broker"}
ALL = ["sk-a", "sk-b"]


@pytest.fixture
def osago(monkeypatch):
    """The command line with a daemon that has a broker."""

    class Client:
        def request(self, method, params=None):
            asked = (params or {}).get("insurer")
            via = {} if asked == "broker" else {"via": "broker"}
            members = {"members": ALL} if asked == "broker" else {}
            return {
                "insurers.list": {"insurers": [MEMBER, HEALTHY]},
                "insurers.show": SHOWN | {"id": asked} | via | members,
                "insurers.isolate": {
                    "insurer": asked,
                    "breaker": {"state": "isolated"},
                    "members": ALL,
                    **via,
                },
                "insurers.restore": {"insurer": asked, "breaker": CLOSED, "members": ALL, **via},
            }[method]

    @contextmanager
    def connect(_socket):
        yield Client()

    for module in (insurers_list, insurers_show, insurers_isolate, insurers_restore):
        monkeypatch.setattr(module, "connect", connect)

    def run(*arguments, lang="en"):
        env = {"OSAGO_LANG": lang, "COLUMNS": "160"}
        result = CliRunner(env=env).invoke(app, ["insurers", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


@pytest.mark.parametrize(("lang", "words"), [("en", "via broker"), ("ru", "через broker")])
def test_the_list_says_through_whom_an_insurer_is_asked(osago, lang, words):
    text = osago(lang=lang)
    assert text.count(words) == 1
    assert text.index("sk-a") < text.index(words) < text.index("sever")


def test_programs_get_it_too(osago):
    rows = list(csv.DictReader(io.StringIO(osago("-o", "csv"))))
    assert [row["via"] for row in rows] == ["broker", ""]
    assert [one.get("via") for one in json.loads(osago("-o", "json"))] == ["broker", None]


@pytest.mark.parametrize("command", ["isolate", "restore"])
@pytest.mark.parametrize("named", ["sk-a", "broker"])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_it_says_that_it_holds_for_all_behind_the_one_door(osago, command, named, lang):
    (line,) = osago(command, named, lang=lang).splitlines()
    assert line.startswith("broker: ")
    assert line.endswith("sk-a, sk-b")


def test_one_of_them_and_the_source_itself_are_shown(osago):
    member, source = osago("show", "sk-a"), osago("show", "broker")
    assert ["Asked", "via", "broker"] in [line.split() for line in member.splitlines()]
    assert ["Tells", "of", "sk-a,", "sk-b"] in [line.split() for line in source.splitlines()]
    rows = list(csv.DictReader(io.StringIO(osago("show", "broker", "-o", "csv"))))
    assert [row["value"] for row in rows if row["key"] == "members"] == ["sk-a sk-b"]


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_who_asks_the_source_is_told_whom_to_ask(monkeypatch, lang):
    monkeypatch.setenv("OSAGO_LANG", lang)
    params = {"name": "broker", "members": "sk-a, sk-b"}
    text = problem_text({"code": "has_members", "text": "English", "params": params})
    assert text.startswith("`broker` ")
    assert text.endswith(": sk-a, sk-b")


BY = {"en": "contract by ПАО Иная", "ru": "договор заключит ПАО Иная"}
BY_ANOTHER = {"en": "contract by another insurer", "ru": "договор заключит другой страховщик"}


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize(("who", "words"), [("ПАО Иная", BY), ("?", BY_ANOTHER)])
def test_a_contract_that_another_insurer_makes_is_said_beside_the_price(
    monkeypatch, capsys, lang, who, words
):
    monkeypatch.setenv("OSAGO_LANG", lang)
    event = told(1, "k", 4321, offered_by=who)
    (row,) = [line for line in drawn(monkeypatch, 200, event) if ELAPSED[lang] in line]
    assert words[lang] in row
    assert words[lang] in written(Format.TABLE, capsys, event)


def test_programs_get_who_makes_the_contract(capsys):
    event = told(1, "k", 4321, offered_by="=ПАО Иная")
    (row, *_) = csv.DictReader(io.StringIO(written(Format.CSV, capsys, event)))
    assert row["offered_by"] == "'=ПАО Иная"  # no formula
    (line, *_) = written(Format.NDJSON, capsys, event).splitlines()
    assert json.loads(line)["offered_by"] == "=ПАО Иная"
    document = json.loads(written(Format.JSON, capsys, event))
    assert document["offers"][0]["offered_by"] == "=ПАО Иная"
