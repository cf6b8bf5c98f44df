"""`osago quote` against a real daemon and ten real (pretend) insurers."""

import csv
import io
import json
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.processes import EXAMPLES, program

APPLICATION = EXAMPLES / "application.json"
OUTCOMES = {"offer", "declined", "failed"}


def events_of(text):
    return [json.loads(line) for line in text.splitlines()]


def outcomes_of(events):
    return {event["insurer"]: event for event in events if event["type"] in OUTCOMES}


def test_ndjson_tells_every_event_as_it_happens(served):
    with served.popen("quote", APPLICATION, "-o", "ndjson") as quote:
        events = []
        for line in quote.stdout:
            events.append(json.loads(line))
            if events[-1]["type"] == "offer":
                break
        still_running = quote.poll() is None
        events += events_of(quote.stdout.read())
    assert still_running, "the first offer came only when all was over"
    assert quote.returncode == 0
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events].count("done") == 1
    assert events[-1]["type"] == "done"
    settled = [event["insurer"] for event in events if event["type"] in OUTCOMES]
    assert len(settled) == len(set(settled)) == 10
    asked = {insurer["id"] for insurer in served.json("insurers", "-o", "json")}
    assert set(settled) == asked


def test_json_is_one_document_with_the_cheapest_first(served):
    result = served("quote", APPLICATION, "--json")
    assert result.returncode == 0
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert list(document) == ["quote_id", "done", "offers", "declined", "failed"]
    premiums = [offer["premium"] for offer in document["offers"]]
    assert premiums == sorted(premiums)
    assert len(premiums) >= 7
    assert document["declined"]
    assert document["done"]["best"]["premium"] == premiums[0]


def test_stdin_and_file_are_the_same(served):
    result = served("quote", "-", "-o", "json", stdin=APPLICATION.read_text())
    offers = {o["insurer"]: o["premium"] for o in json.loads(result.stdout)["offers"]}
    again = served.json("quote", APPLICATION, "-o", "json")
    assert offers == {o["insurer"]: o["premium"] for o in again["offers"]}


def test_csv_has_a_row_for_every_insurer(served):
    rows = list(csv.DictReader(io.StringIO(served("quote", APPLICATION, "-o", "csv").stdout)))
    assert len(rows) == 10
    assert {row["type"] for row in rows} >= {"offer", "declined"}
    assert all(row["insurer_name"] for row in rows)


def test_plain_lines_speak_the_language_that_is_asked_for(served):
    result = served("quote", APPLICATION, OSAGO_LANG="ru")
    assert "Обрабатываем ваш запрос, это может занять до одной минуты" in result.stderr
    assert "₽" in result.stdout
    assert "отказ" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("опрошено: 10")
    assert "\x1b" not in result.stdout


def test_only_the_named_insurers_are_asked(served):
    named = [insurer["id"] for insurer in served.json("insurers", "--json")][:2]
    document = served.json("quote", APPLICATION, "--json", "--insurer", ",".join(named))
    assert document["done"]["counts"]["asked"] == 2


def test_an_unknown_insurer_is_refused_with_the_nearest_one(served):
    known = served.json("insurers", "--json")[0]["id"]
    result = served("quote", APPLICATION, "--insurer", known + "x")
    assert result.returncode == 2
    assert known in result.stderr
    assert result.stdout == ""


def test_an_invalid_application_lists_every_problem(served):
    result = served("quote", EXAMPLES / "broken.json", OSAGO_LANG="ru")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "drivers[0].license.number: " in result.stderr
    assert len(result.stderr.splitlines()) > 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "line 1, column 2"),
        ("[]", "JSON object"),
        ("\udcff", "not UTF-8"),
        ("{}" + " " * 2 * 1024 * 1024, "larger than"),
        ("[" * 100_000, "nested too deep"),
        ('{"a": NaN}', "a number that nobody can read"),
        ('{"a": 1e999}', "a number that nobody can read"),
        ('{"a": 1' + "0" * 5000 + "}", "a number that nobody can read"),
        ('{"a": "\\ud800"}', "half a character"),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "the field `b` stands twice"),
        ('{"a": "' + "x" * (1024 * 1024 - 9) + '"}', "larger than"),
    ],
    ids=["half", "list", "utf8", "2MB", "deep", "nan", "inf", "long", "surrogate", "twice", "1MB"],
)
def test_what_is_no_application_is_refused_before_anybody_is_asked(served, home, text, expected):
    file = home / "application.json"
    file.write_text(text, errors="surrogateescape")
    result = served("quote", file)
    assert result.returncode == 2
    assert expected in result.stderr
    assert str(file) in result.stderr


def test_a_file_that_is_not_there_is_named(served):
    result = served("quote", "nowhere.json")
    assert (result.returncode, result.stdout) == (2, "")
    assert "nowhere.json" in result.stderr


def test_a_killed_client_loses_nothing(served):
    with served.popen("quote", APPLICATION, "-o", "ndjson") as quote:
        seen = [json.loads(quote.stdout.readline()) for _ in range(3)]
        quote.kill()
    quote_id = seen[0]["quote_id"]
    events = events_of(served("watch", quote_id, "-o", "ndjson").stdout)
    assert events[:3] == seen
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len(outcomes_of(events)) == 10
    rest = events_of(served("watch", quote_id, "-o", "ndjson", "--after-seq", "3").stdout)
    assert rest == events[3:]
    last = str(events[-1]["seq"])
    again = served("watch", quote_id, "-o", "ndjson", "--after-seq", last)
    assert (again.returncode, events_of(again.stdout)) == (0, events[-1:])


def test_hanging_and_resetting_insurers_hold_nobody_up(alone, sandbox):
    ids = [insurer["id"] for insurer in alone.json("insurers", "--json")]
    hanging, resetting = ids[0], ids[4]
    sandbox.fault(hanging, "hang")
    sandbox.fault(resetting, "reset")
    result = alone("quote", APPLICATION, "-o", "ndjson", "--deadline", "8")
    events = events_of(result.stdout)
    found = outcomes_of(events)
    assert (found[hanging]["type"], found[hanging]["kind"]) == ("failed", "timeout")
    assert (found[resetting]["type"], found[resetting]["kind"]) == ("failed", "connection")
    # trakt is beyond any deadline by nature; everybody else answered before the silent ones
    answered = {id_: found[id_] for id_ in ids if id_ not in {hanging, resetting, "trakt"}}
    assert {event["type"] for event in answered.values()} <= {"offer", "declined"}
    assert max(event["seq"] for event in answered.values()) < found[hanging]["seq"]
    assert events[-1]["reason"] == "deadline"


def test_strict_wants_an_answer_from_everybody(alone, sandbox):
    ids = [insurer["id"] for insurer in alone.json("insurers", "--json")]
    sandbox.fault(ids[0], "http_500")
    assert alone("quote", APPLICATION, "--json").returncode == 0
    assert alone("quote", APPLICATION, "--json", "--strict").returncode == 6


def test_the_exit_code_tells_no_offer_in_time_from_nobody_offered(alone, sandbox):
    sandbox.fault("*", "hang")
    assert alone("quote", APPLICATION, "--deadline", "0.5").returncode == 4
    sandbox.heal()
    sandbox.fault("*", "decline")
    application = json.loads(APPLICATION.read_text())
    application["period"]["months"] = 7  # nobody has decided on this one yet
    assert alone("quote", "-", stdin=json.dumps(application)).returncode == 5


def test_nobody_offering_because_they_failed_is_not_everyone_saying_no(alone, sandbox):
    sandbox.fault("*", "http_500")
    assert alone("quote", APPLICATION).returncode == 4


def test_naming_no_insurer_is_refused(served):
    result = served("quote", APPLICATION, "--insurer", ",")
    assert result.returncode == 2
    assert "at least one insurer" in result.stderr


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("osago quote - <&-", 2, "stdin: it is closed"),
        ("osago quote - < APPLICATION > /dev/full", 1, "No space left"),
        ("osago insurers > /dev/full", 1, "No space left"),
        ("osago insurers -o csv > /dev/full", 1, "No space left"),
        ("osago status -o csv > /dev/full", 1, "No space left"),
        ("osago quote - < APPLICATION >&-", 0, ""),
    ],
)
def test_closed_and_full_streams_are_no_tracebacks(served, line, code, words):
    osago = " ".join(program("osago_cli"))
    line = line.replace("osago", osago, 1).replace("APPLICATION", str(APPLICATION))
    result = subprocess.run(
        ["bash", "-c", line], env=served.env, capture_output=True, text=True, check=False
    )
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_status_is_readable_in_every_format(served):
    assert served.json("status", "--json")["state"] == "running"
    rows = dict(csv.reader(io.StringIO(served("status", "-o", "csv").stdout)))
    assert rows["state"] == "running"
    assert rows["runs.active"].isdigit()
    assert "running" in served("status").stdout


def test_a_deadline_that_is_no_number_is_refused(served):
    result = served("quote", APPLICATION, "--deadline", "nan")
    assert result.returncode == 2
    assert "not a number" in result.stderr


def test_a_terminal_without_a_rouble_sign_still_gets_its_table(served):
    result = served("quote", APPLICATION, "--insurer", "kedr", PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert re.search(r"\d,\d{3}\.\d\d", result.stdout)


def test_ctrl_c_cancels_the_run_and_exits_130(alone, sandbox):
    sandbox.fault("*", "hang")
    with alone.popen("quote", APPLICATION, "-o", "ndjson") as quote:
        quote_id = json.loads(quote.stdout.readline())["quote_id"]
        quote.send_signal(signal.SIGINT)
        last = events_of(quote.stdout.read())[-1]
        quote.wait()
    assert quote.returncode == 130
    assert (last["type"], last["reason"]) == ("done", "cancelled")
    watched = events_of(alone("watch", quote_id, "-o", "ndjson").stdout)
    assert watched[-1]["reason"] == "cancelled"


def test_a_closed_pipe_is_silent(served):
    # Asked anew: what is kept would all be in the pipe before it is closed.
    with served.popen("quote", APPLICATION, "-o", "ndjson", "--refresh") as quote:
        quote.stdout.readline()
        quote.stdout.close()
        stderr = quote.stderr.read()
    assert stderr == ""
    assert quote.returncode == 141


def test_every_example_gets_offers_or_declines_and_no_insurer_calls_the_request_wrong(served):
    files = [file for file in sorted(EXAMPLES.glob("*.json")) if file.name != "broken.json"]
    with ThreadPoolExecutor(4) as at_once:
        documents = list(at_once.map(lambda file: served.json("quote", file, "--json"), files))
    for file, document in zip(files, documents, strict=True):
        wrong = [failed for failed in document["failed"] if failed["kind"] != "timeout"]
        assert wrong == [], file.name
        assert document["offers"], file.name
