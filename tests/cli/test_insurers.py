"""`osago insurers` and its subcommands: every format, both languages, narrow and wide."""

import csv
import io
import json
from contextlib import contextmanager
from typing import get_args

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from osago_cli.app import app
from osago_cli.commands import insurers_isolate, insurers_list, insurers_restore, insurers_show
from osago_cli.commands.insurers_isolate import duration_s
from osago_cli.locale import texts
from osago_cli.output.columns import Column, fitted
from osago_core.offer import Failed, FailureKind
from osago_core.wire import methods
from osago_daemon.quoting.record import Record
from tests.cli.conftest import NOON

pytestmark = pytest.mark.usefixtures("moscow_noon")

HEALTHY = {
    "id": "sever",
    "name": "Север-Полис",
    "breaker": {"state": "closed", "judged": 3, "failures": 0, "slow": 0},
    "limits": [{"limit": "at_once", "of": 500, "left": 500}],
    "answered": 0,
    "failed": 0,
    "failures": {},
    "waiting": 0,
}
SICK = {
    "id": "lukomor",
    "name": "Лукоморье Страхование",
    "breaker": {
        "state": "open",
        "since": "2026-11-22T08:59:00Z",
        "open_until": "2026-11-22T11:04:30Z",
        "judged": 10,
        "failures": 5,
        "slow": 1,
    },
    "latency": {"answers": 180, "p50_ms": 3520, "p90_ms": 8190, "p99_ms": 12040},
    "answered": 180,
    "failed": 20,
    "failures": {"timeout": 0.08, "server_error": 0.015, "connection": 0.005},
    "limits": [
        {"limit": "per_second", "of": 10, "left": 9},
        {"limit": "per_day", "of": 500, "left": 0, "free_at": "2026-11-22T12:00:00Z"},
        {"limit": "at_once", "of": 20, "left": 17},
    ],
    "paused_until": "2026-11-22T09:01:00Z",
    "waiting": 3,
    "last_error": "timeout",
    "last_error_at": "2026-11-22T08:58:59Z",
}
ISOLATED = HEALTHY | {"id": "kedr", "breaker": {"state": "isolated", "judged": 0}}
FOUND = [HEALTHY, SICK, ISOLATED]
SHOWN = SICK | {
    "adapter": "rest",
    "file": "/etc/osago/insurers.toml",
    "pipeline": [
        {"policy": "deadline", "numbers": []},
        {
            "policy": "bulkhead",
            "numbers": [{"key": "limits.at_once", "value": 20, "source": "file", "line": 36}],
        },
        {
            "policy": "rate limit",
            "numbers": [
                {"key": "limits.per_minute", "source": "default"},
                {"key": "limits.arrival_s", "value": 1.0, "source": "default"},
            ],
        },
        {
            "policy": "polling",
            "numbers": [{"key": "poll.learn", "value": True, "source": "default"}],
        },
    ],
}
UNTIL = {"state": "isolated", "open_until": "2026-11-22T10:00:00Z"}


@pytest.fixture
def osago(monkeypatch):
    """The command line with a daemon that answers from a table; what it was asked."""
    asked = []

    class Client:
        def request(self, method, params=None):
            asked.append((method, params or {}))
            return {
                "insurers.list": {"insurers": FOUND},
                "insurers.show": SHOWN,
                "insurers.isolate": {"insurer": "sever", "breaker": UNTIL},
                "insurers.restore": {"insurer": "sever", "breaker": HEALTHY["breaker"]},
            }[method]

    @contextmanager
    def connect(_socket):
        yield Client()

    for module in (insurers_list, insurers_show, insurers_isolate, insurers_restore):
        monkeypatch.setattr(module, "connect", connect)

    def run(*arguments, lang="en", columns=100, code=0):
        env = {"OSAGO_LANG": lang, "COLUMNS": str(columns)}
        result = CliRunner(env=env).invoke(app, ["insurers", *arguments])
        assert result.exit_code == code, result.output
        return result.stdout

    run.asked = asked
    return run


ENGLISH_100 = """\
Id       Insurer       State                  p50/p90/p99 (n), s  Failures          Limits left
sever    Север-Полис   available              —                   —                 —
lukomor  Лукоморье     unavailable until      3.5/8.2/12.0 (180)  8 % timeout       9/10 a second
         Страхование   14:05                                      2 % their error   0/500 a day,
                       asked to pause until                       <1 % connection   free from 15:00
                       12:01:00                                   last: 11:58       17/20 at once
                       waiting: 3                                 timeout
kedr     Север-Полис   taken out by hand      —                   —                 —
"""


def test_the_table_tells_everything_within_100_columns(osago):
    text = osago()
    assert max(map(len, text.splitlines())) <= 100
    assert text == ENGLISH_100


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 200])
def test_no_line_is_longer_than_the_terminal_and_the_state_is_always_told(osago, lang, columns):
    text = osago(lang=lang, columns=columns)
    assert max(map(len, text.splitlines())) <= columns
    told = " ".join(text.split())
    for insurer in FOUND:
        assert insurer["id"] in told
    if columns >= 40:
        assert "14:05" in told
        assert texts(lang)["breaker.closed"] in told


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_at_80_columns_only_the_name_is_left_out(osago, lang):
    told = " ".join(osago(lang=lang, columns=80).split())
    assert "Север" not in told
    for word in ("(180)", "8 %", "9/10", "11:58", "15:00"):
        assert word in told


def test_the_table_speaks_russian(osago):
    told = " ".join(osago(lang="ru", columns=200).split())
    for text in (
        "доступен",
        "недоступен до 14:05",
        "отключён вручную",
        "3,5/8,2/12,0 (180)",
        "8 % не успел",
        "0/500 в сутки, можно с 15:00",
    ):
        assert text in told


def test_json_and_ndjson_are_what_the_daemon_said(osago):
    assert json.loads(osago("-o", "json")) == FOUND
    assert [json.loads(line) for line in osago("list", "-o", "ndjson").splitlines()] == FOUND


def test_csv_has_a_column_for_every_fact(osago):
    rows = list(csv.DictReader(io.StringIO(osago("-o", "csv"))))
    assert [row["id"] for row in rows] == ["sever", "lukomor", "kedr"]
    sick = {key: value for key, value in rows[1].items() if value}
    assert sick == {
        "id": "lukomor",
        "name": "Лукоморье Страхование",
        "breaker": "open",
        "p50_ms": "3520",
        "p90_ms": "8190",
        "last_error": "timeout",
        "last_error_at": "2026-11-22T08:58:59Z",
        "p99_ms": "12040",
        "answers": "180",
        "since": "2026-11-22T08:59:00Z",
        "open_until": "2026-11-22T11:04:30Z",
        "breaker_judged": "10",
        "breaker_failures": "5",
        "breaker_slow": "1",
        "answered": "180",
        "failed": "20",
        "share_timeout": "0.08",
        "share_server_error": "0.015",
        "share_connection": "0.005",
        "per_second_left": "9",
        "per_second_of": "10",
        "per_day_left": "0",
        "per_day_of": "500",
        "per_day_free_at": "2026-11-22T12:00:00Z",
        "at_once_left": "17",
        "at_once_of": "20",
        "paused_until": "2026-11-22T09:01:00Z",
        "waiting": "3",
    }


def test_csv_knows_every_kind_of_failure_and_every_limit_of_the_wire():
    remembered = set()
    for kind in FailureKind:
        record = Record()
        record.note(Failed(kind=kind, message="", retryable=True), 1, NOON)
        remembered |= record.failures().keys()
    assert set(insurers_list.FAILURES) == remembered
    assert get_args(methods.LimitStatus.model_fields["limit"].annotation) == insurers_list.LIMITS


SHOWN_ENGLISH = """\
Insurer        Лукоморье Страхование (lukomor)
State          unavailable until 14:05, since 11:59
               asked to pause until 12:01:00
               waiting: 3
Judged by      10 attempts: 5 failed, 1 slow
Answers        3.5 s / 8.2 s / 12.0 s (p50 / p90 / p99 of 180)
Outcomes       180 answered, 20 failed
Failures       8 % timeout
               2 % their error
               <1 % connection
Last error     not in time, 11:58
Limits left    9/10 a second
               0/500 a day, free from 15:00
               17/20 at once
Adapter        rest
Configuration  /etc/osago/insurers.toml

Pipeline, outermost first
1. deadline
2. bulkhead    limits.at_once     20       insurers.toml:36
3. rate limit  limits.per_minute  not set  default
               limits.arrival_s   1        default
4. polling     poll.learn         true     default
"""


def test_show_tells_the_health_and_every_number_with_its_origin(osago):
    assert osago("show", "lukomor") == SHOWN_ENGLISH
    assert osago.asked == [("insurers.show", {"insurer": "lukomor"})]


def test_show_speaks_russian(osago):
    told = " ".join(osago("show", "lukomor", lang="ru").split())
    for text in (
        "недоступен до 14:05, с 11:59",
        "limits.per_minute не задано по умолчанию",
        "limits.at_once 20 insurers.toml:36",
    ):
        assert text in told


def test_show_for_programs(osago):
    assert json.loads(osago("show", "lukomor", "--json")) == SHOWN
    assert json.loads(osago("show", "lukomor", "-o", "ndjson")) == SHOWN
    rows = list(csv.reader(io.StringIO(osago("show", "lukomor", "-o", "csv"))))
    assert rows[0] == ["policy", "key", "value", "source"]
    for row in (
        ["", "breaker.state", "open", ""],
        ["", "limits.per_day.free_at", "2026-11-22T12:00:00Z", ""],
        ["", "failures.timeout", "0.08", ""],
        ["deadline", "", "", ""],
        ["bulkhead", "limits.at_once", "20", "insurers.toml:36"],
        ["rate limit", "limits.per_minute", "", "default"],
        ["polling", "poll.learn", "true", "default"],
    ):
        assert row in rows


def test_isolating_says_until_when(osago):
    assert osago("isolate", "sever", "--for", "1h") == "sever: taken out by hand until 13:00\n"
    assert osago("isolate", "sever", lang="ru") == "sever: отключён вручную до 13:00\n"
    assert osago.asked == [
        ("insurers.isolate", {"insurer": "sever", "for_s": 3600}),
        ("insurers.isolate", {"insurer": "sever"}),
    ]


def test_restoring_says_that_it_is_available(osago):
    assert osago("restore", "sever") == "sever: available\n"
    assert osago.asked == [("insurers.restore", {"insurer": "sever"})]


@pytest.mark.parametrize("command", ["isolate", "restore"])
def test_the_new_state_for_programs(osago, command):
    state = "isolated" if command == "isolate" else "closed"
    assert json.loads(osago(command, "sever", "--json"))["breaker"]["state"] == state
    assert json.loads(osago(command, "sever", "-o", "ndjson"))["insurer"] == "sever"
    [row] = csv.DictReader(io.StringIO(osago(command, "sever", "-o", "csv")))
    assert (row["insurer"], row["breaker"]) == ("sever", state)


def test_options_in_front_of_a_subcommand_are_its_defaults(osago):
    assert json.loads(osago("--json", "show", "lukomor")) == SHOWN
    assert json.loads(osago("-o", "json", "list")) == FOUND
    assert osago("-o", "csv", "restore", "sever", "-o", "table") == "sever: available\n"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("30m", 1800),
        ("1h", 3600),
        ("2h30m", 9000),
        ("7d", 604_800),
        ("1d2h3m4s", 93_784),
        (" 1H ", 3600),
        ("366d", insurers_isolate.MAX_ISOLATION_S),
    ],
)
def test_durations_people_write(text, seconds):
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "0s", "0h0m", "1", "1x", "h", "30m2h", "1.5h", "-1h", "1h 30m", "١h", "367d"]
)
def test_other_durations_are_a_clear_error(osago, text):
    with pytest.raises(typer.BadParameter):
        duration_s(text)
    assert osago("isolate", "sever", f"--for={text}", code=2) == ""
    assert osago.asked == []


@given(st.text())
def test_no_duration_is_read_in_two_ways(text):
    try:
        seconds = duration_s(text)
    except typer.BadParameter:
        return
    assert 0 < seconds <= insurers_isolate.MAX_ISOLATION_S


def test_the_longest_isolation_is_that_of_the_wire():
    assert insurers_isolate.MAX_ISOLATION_S == methods.MAX_ISOLATION_S


cells = st.text("ab cd\n", max_size=30)


@given(st.lists(st.tuples(cells, cells, cells), max_size=5), st.integers(16, 100))
def test_columns_never_exceed_their_width_and_lose_no_word_where_all_are_shown(rows, width):
    columns = [Column("x", 5, 3), Column("y", 4, 2), Column("z", 3, 1)]
    lines = fitted(columns, rows, width)
    assert max(map(len, lines)) <= width
    letters = sorted("".join(lines).replace(" ", ""))
    told = sorted("".join(cell for row in rows for cell in row).replace(" ", "").replace("\n", ""))
    assert letters == sorted([*told, "x", "y", "z"])


def test_the_column_of_least_worth_gives_way_first():
    columns = [Column("one", 5, 3), Column("two", 5, 1), Column("three", 5, 2)]
    assert fitted(columns, [("aaaaa", "bbbbb", "ccccc")], 12) == ["one    three", "aaaaa  ccccc"]
    assert fitted(columns, [("aaaaa", "bbbbb", "ccccc")], 5) == ["one", "aaaaa"]
