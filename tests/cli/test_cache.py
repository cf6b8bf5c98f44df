"""`osago cache` and `osago status`: what is kept and how the store is doing, in every format."""

import csv
import io
import json
import sys
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from osago_cli import app as command_line
from osago_cli.commands import cache_show
from osago_core.wire.methods import CacheShowResult, DaemonStatusResult
from tests.cli.fake_daemon import FakeDaemon, Reply, refusal

pytestmark = pytest.mark.usefixtures("moscow_noon")

READY = {"kind": "disk", "place": "/var/lib/osago/store", "state": "ready", "instances": 2}
AWAY = {
    "kind": "redis",
    "place": "redis://osago@store.example:6379/0",
    "state": "away",
    "away_since": "2026-11-22T08:41:30Z",
    "reason": "connection refused",
    "instances": 1,
}
KEPT = {
    "store": READY,
    "answers": 1203,
    "bytes": 3_565_158,
    "insurers": [
        {
            "insurer": "kedr",
            "answers": 1200,
            "bytes": 3_563_922,
            "oldest_at": "2026-11-22T00:12:00+03:00",
            "newest_at": "2026-11-22T08:59:30Z",
            "journal": 1201,
        },
        {
            "insurer": "sever",
            "answers": 3,
            "bytes": 1236,
            "oldest_at": "2026-11-22T08:48:00Z",
            "newest_at": "2026-11-22T08:58:00Z",
            "journal": 3,
        },
        {"insurer": "trakt", "answers": 0, "bytes": 0, "journal": 1},
    ],
}
STATUS = {
    "daemon": {"version": "0.4.0", "pid": 7, "started_at": "2026-11-22T06:00:00Z"},
    "state": "running",
    "uptime_s": 10800.0,
    "runs": {"active": 1, "known": 5},
    "clients": 2,
    "store": READY,
    "insurers": 10,
    "insurers_unavailable": ["trakt"],
    "insurers_file": "/etc/osago/insurers.toml",
    "socket": "/run/osago/osago.sock",
    "state_dir": "/var/lib/osago",
}


@pytest.fixture
def daemon():
    with tempfile.TemporaryDirectory(prefix="osago-") as folder:
        daemon = FakeDaemon(Path(folder) / "osago.sock")
        daemon.answers("cache.show", Reply(KEPT))
        daemon.answers("cache.clear", Reply({"removed": 12}))
        daemon.answers("daemon.status", Reply(STATUS))
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.close()


@pytest.fixture
def osago(daemon):
    def run(*arguments, lang="en", columns=100, code=0):
        env = {"OSAGO_LANG": lang, "COLUMNS": str(columns), "OSAGO_SOCKET": str(daemon.path)}
        result = CliRunner(env=env).invoke(command_line.app, arguments)
        assert result.exit_code == code, result.output
        return result.stdout

    return run


def test_the_documents_of_these_tests_are_those_of_the_wire():
    CacheShowResult.model_validate(KEPT)
    CacheShowResult.model_validate(KEPT | {"store": AWAY})
    DaemonStatusResult.model_validate(STATUS)


ENGLISH = """\
Insurer  Answers  Size    Oldest       Newest  Journal
kedr     1200     3.4 MB  11 h 48 min  0 min   1201
sever    3        1.2 KB  12 min       2 min   3
trakt    0        0 B     —            —       1
Total    1203     3.4 MB  11 h 48 min  0 min   1205

Store: disk, /var/lib/osago/store; ready
"""


@pytest.mark.parametrize("arguments", [["cache"], ["cache", "show"]])
def test_the_table_tells_what_is_kept_of_whom_and_where(osago, arguments):
    assert osago(*arguments) == ENGLISH


def test_the_table_speaks_russian(osago):
    told = osago("cache", lang="ru")
    for words in ("Страховщик", "3,4 МБ", "11 ч 48 мин", "Всего", "Хранилище: диск, /var/lib"):
        assert words in told


def test_an_empty_cache_is_a_table_too(daemon, osago):
    daemon.answers("cache.show", Reply({"store": READY, "answers": 0, "bytes": 0, "insurers": []}))
    assert "Total    0        0 B" in osago("cache")


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("columns", [40, 50, 60, 80])
def test_the_table_fits_a_narrow_terminal(osago, lang, columns):
    lines = osago("cache", lang=lang, columns=columns).splitlines()
    table = lines[: lines.index("")]
    assert max(map(len, table)) <= columns
    assert len(table) == 5
    assert "1200" in table[1]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "! The shared store is away since 11:41: connection refused."),
        ("ru", "! Общее хранилище недоступно с 11:41: connection refused."),
    ],
)
def test_a_store_that_is_away_comes_first(daemon, osago, lang, words):
    daemon.answers("cache.show", Reply(KEPT | {"store": AWAY}))
    daemon.answers("daemon.status", Reply(STATUS | {"store": AWAY}))
    assert osago("cache", lang=lang).startswith(words)
    told = osago("status", lang=lang)
    assert told.startswith(words)
    assert "redis://osago@store.example:6379/0" in told


def test_what_is_kept_for_programs(osago):
    assert json.loads(osago("cache", "--json")) == KEPT
    assert json.loads(osago("cache", "show", "-o", "ndjson")) == KEPT
    assert osago("cache", "-o", "ndjson").count("\n") == 1
    rows = list(csv.DictReader(io.StringIO(osago("cache", "-o", "csv"))))
    assert list(rows[0]) == list(cache_show.CSV_COLUMNS)
    assert rows[1] == {key: str(value) for key, value in KEPT["insurers"][1].items()}
    assert rows[2]["oldest_at"] == ""


def test_clearing_says_how_many_and_asks_nobody(daemon, osago):
    assert osago("cache", "clear") == "answers removed: 12\n"
    assert osago("cache", "clear", "--insurer", "kedr", lang="ru") == "удалено ответов: 12\n"
    assert json.loads(osago("cache", "clear", "--json")) == {"removed": 12}
    assert osago("-h").count("cache") == 1
    assert osago("cache", "clear", "-o", "csv") == "removed\n12\n"
    assert osago("cache", "-o", "ndjson", "clear") == '{"removed":12}\n'
    assert daemon.params_of("cache.clear")[:2] == [{}, {"insurer": "kedr"}]


NO_SUCH_INSURER = refusal(
    "unknown_insurer",
    problems=[
        {
            "path": "insurer",
            "code": "unknown_insurer",
            "text": "no such",
            "params": {"name": "kedrr", "nearest": "kedr"},
        }
    ],
)


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (refusal("not_allowed"), (3, "only the user whom the daemon runs as")),
        (refusal("store_away"), (3, "the store is away")),
        (NO_SUCH_INSURER, (2, "did you mean `kedr`?")),
    ],
)
def test_who_may_not_clear_and_what_cannot_be_cleared_is_told_as_elsewhere(
    daemon, monkeypatch, capsys, refused, told
):
    daemon.answers("cache.clear", refused)
    monkeypatch.setenv("OSAGO_SOCKET", str(daemon.path))
    monkeypatch.setenv("OSAGO_LANG", "en")
    monkeypatch.setattr(sys, "argv", ["osago", "cache", "clear", "--insurer", "kedrr"])
    with pytest.raises(SystemExit) as left:
        command_line.main()
    code, words = told
    assert left.value.code == code
    assert words in capsys.readouterr().err


STATUS_ENGLISH = """\
Daemon         running (process 7)
Version        0.4.0
Since          2026-11-22 09:00:00
Quotes         1 under way, 5 known
Clients        2
Store          disk, /var/lib/osago/store
Store's state  ready
Daemons on it  2
Insurers       10
Left alone     trakt
Configuration  /etc/osago/insurers.toml
Socket         /run/osago/osago.sock
"""


def test_status_tells_of_the_store(daemon, osago):
    assert osago("status") == STATUS_ENGLISH
    busy = READY | {"reason": "was moved aside: store.broken-1795338000"}
    daemon.answers("daemon.status", Reply(STATUS | {"store": busy}))
    assert "ready: was moved aside" in osago("status")
    assert "! " not in osago("status")


def test_status_of_the_store_for_programs(daemon, osago):
    daemon.answers("daemon.status", Reply(STATUS | {"store": AWAY}))
    assert json.loads(osago("status", "--json"))["store"] == AWAY
    rows = dict(csv.reader(io.StringIO(osago("status", "-o", "csv"))))
    for key, value in AWAY.items():
        assert rows[f"store.{key}"] == str(value)


def test_a_daemon_from_before_the_store_still_has_a_status(daemon, osago):
    daemon.answers("daemon.status", Reply({k: v for k, v in STATUS.items() if k != "store"}))
    assert "Store" not in osago("status")
