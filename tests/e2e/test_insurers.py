"""`osago insurers` against a real daemon: look, take one out, put it back."""

import csv
import io
import json
import socket
from datetime import datetime, timedelta

import pytest

from tests.support.processes import EXAMPLES, wait_for_line

APPLICATION = EXAMPLES / "application.json"


def breaker_of(osago, insurer):
    return osago.json("insurers", "show", insurer, "--json")["breaker"]


def failed_in_a_quote(osago):
    return {each["insurer"]: each for each in osago.json("quote", APPLICATION, "--json")["failed"]}


def test_without_a_subcommand_all_are_listed(served):
    listed = served.json("insurers", "--json")
    assert len(listed) == 10
    again = served("insurers", "list", "-o", "ndjson").stdout.splitlines()
    assert [json.loads(line)["id"] for line in again] == [insurer["id"] for insurer in listed]
    table = served("insurers", COLUMNS="100").stdout
    for insurer in listed:
        assert f"\n{insurer['id']} " in table
    assert max(map(len, table.splitlines())) <= 100


def test_answers_are_counted_and_told(alone):
    alone("quote", APPLICATION)
    rows = list(csv.DictReader(io.StringIO(alone("insurers", "-o", "csv").stdout)))
    answered = [row for row in rows if row["answers"] == "1"]
    assert len(answered) >= 7
    assert all(int(row["p50_ms"]) >= 0 for row in answered)


def _told(osago, method, **params):
    """What the daemon says; ten interpreters would say it no better."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(osago.env["OSAGO_SOCKET"])
        client.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(client.makefile("rb").readline())["result"]


def test_show_names_the_line_of_every_number_that_the_file_sets(served):
    ids = [insurer["id"] for insurer in served.json("insurers", "--json")]
    lines = served.config.read_text().splitlines()
    from_file = 0
    told = {id_: _told(served, "insurers.show", insurer=id_) for id_ in ids}
    assert served.json("insurers", "show", ids[0], "--json")["pipeline"] == told[ids[0]]["pipeline"]
    for shown in told.values():
        assert [policy["policy"] for policy in shown["pipeline"]][:2] == ["deadline", "bulkhead"]
        for policy in shown["pipeline"]:
            for number in policy["numbers"]:
                if number["source"] == "file":
                    from_file += 1
                    assert number["key"].rsplit(".", 1)[-1] in lines[number["line"] - 1]
    assert from_file
    text = served("insurers", "show", ids[0]).stdout
    assert "Pipeline, outermost first" in text
    assert "limits.at_once" in text


def test_an_isolated_insurer_is_left_out_until_it_is_restored(alone, sandbox):
    isolated = alone("insurers", "isolate", "sever", "--for", "1h")
    assert isolated.returncode == 0
    assert "sever: taken out by hand until " in isolated.stdout
    assert breaker_of(alone, "sever")["state"] == "isolated"
    sandbox.forget_stats()
    failed = failed_in_a_quote(alone)["sever"]
    assert (failed["kind"], failed["message"]) == ("unavailable", "isolated by hand")
    ends = [failed["retry_at"], breaker_of(alone, "sever")["open_until"]]
    first, second = map(datetime.fromisoformat, ends)
    assert abs(first - second) < timedelta(seconds=1)  # each counts from a now of its own
    said = alone("quote", APPLICATION, "--insurer", "sever", OSAGO_LANG="ru")
    assert "нет ответа: отключён вручную до " in said.stdout
    restored = alone("insurers", "restore", "sever")
    assert (restored.returncode, restored.stdout) == (0, "sever: available\n")
    assert "sever" not in failed_in_a_quote(alone)


def test_csv_of_a_quote_says_when_to_come_back(alone):
    alone("insurers", "isolate", "kedr", "--for", "30m")
    rows = list(csv.DictReader(io.StringIO(alone("quote", APPLICATION, "-o", "csv").stdout)))
    assert {row["insurer"]: bool(row["retry_at"]) for row in rows}["kedr"]


def test_an_isolation_survives_a_restart_of_the_daemon(osago):
    with osago.daemon() as daemon:
        wait_for_line(daemon, "event=ready")
        osago("insurers", "isolate", "kedr")
        daemon.terminate()
        daemon.communicate()
    with osago.daemon() as daemon:
        wait_for_line(daemon, "event=ready")
        assert breaker_of(osago, "kedr")["state"] == "isolated"
        daemon.terminate()
        daemon.communicate()


@pytest.mark.parametrize("command", ["show", "isolate", "restore"])
def test_an_unknown_insurer_is_refused_with_the_nearest_one(served, command):
    result = served("insurers", command, "severr")
    assert (result.returncode, result.stdout) == (2, "")
    assert "sever`?" in result.stderr


def test_a_bad_duration_is_refused_before_anybody_is_asked(served):
    result = served("insurers", "isolate", "sever", "--for", "soon")
    assert (result.returncode, result.stdout) == (2, "")
    assert "2h30m" in result.stderr
    assert breaker_of(served, "sever")["state"] == "closed"


def test_without_a_daemon_every_subcommand_says_so(osago):
    for command in (["list"], ["show", "a"], ["isolate", "a"], ["restore", "a"]):
        result = osago("insurers", *command)
        assert result.returncode == 3
        assert "osago daemon start" in result.stderr
