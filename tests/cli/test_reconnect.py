"""`osago quote` and `osago watch` as processes, while the daemon dies and comes back."""

import csv
import io
import json
import os
import pty
import signal
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.fake_daemon import FakeDaemon, Reply, refusal
from tests.support.processes import CLEAN, program

AT = "2026-11-22T09:30:00Z"


def event(seq, type_, **fields):
    return {"quote_id": "q1", "seq": seq, "at": AT, "type": type_, **fields}


def outcome(seq, type_, insurer, **fields):
    return event(seq, type_, insurer=insurer, elapsed_ms=seq * 1000, attempts=1, **fields)


EVENTS = [
    event(1, "insurer_state", insurer="a", state="asking", attempt=1),
    outcome(2, "offer", "a", insurer_name="Альфа", premium=9000.0, final=True, source="live"),
    event(3, "notice", code="resumed", message="goes on"),
    outcome(4, "declined", "b", reason="territory", message="", source="live"),
    event(
        5,
        "done",
        reason="complete",
        elapsed_ms=5000,
        counts={"asked": 2, "offers": 1, "declined": 1, "failed": 0},
        best={"insurer": "a", "premium": 9000.0},
    ),
]


def known(deadline_s=60, **fields):
    deadline_at = datetime.now(UTC) + timedelta(seconds=deadline_s)
    insurers = [{"id": "a", "name": "Альфа"}, {"id": "b", "name": "Бета"}]
    run = {"quote_id": "q1", "deadline_at": deadline_at.isoformat(), "insurers": insurers}
    return run | {"seq": 0, "state": "running"} | fields


@pytest.fixture
def daemon():
    with tempfile.TemporaryDirectory(prefix="osago-") as folder:
        daemon = FakeDaemon(Path(folder) / "osago.sock")
        (Path(folder) / "application.json").write_text("{}")
        try:
            yield daemon
        finally:
            daemon.close()


def osago(daemon, *arguments, lang="en"):
    env = CLEAN | {"OSAGO_SOCKET": str(daemon.path), "OSAGO_LANG": lang}
    return subprocess.Popen(
        program("osago_cli", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        cwd=daemon.path.parent,
    )


def restarted(daemon, process):
    """Wait until the client has said that it waits, then be there again; the rest of its talk."""
    first = process.stderr.readline()
    while "gone" not in first and "пропал" not in first:
        assert first, "it ended without a word"
        first = process.stderr.readline()
    assert daemon.died.wait(10)
    daemon.start()
    out, err = process.communicate(timeout=30)
    return out, err


QUOTE = ("quote", "application.json")


@pytest.mark.parametrize("seen", [0, 1, 2, 4])
@pytest.mark.parametrize("command", [QUOTE, ("watch", "q1")])
def test_ndjson_goes_on_after_the_last_event(daemon, command, seen):
    first = Reply(known(), events=EVENTS[:seen], then_die=True, on_death='{"jsonrpc":"2.')
    again = Reply(known(), events=EVENTS[seen:])
    if command is QUOTE:
        daemon.answers("quote.start", first)
        daemon.answers("quote.watch", again)
    else:
        daemon.answers("quote.watch", first, again)
    daemon.start()
    with osago(daemon, *command, "-o", "ndjson") as process:
        out, err = restarted(daemon, process)
    assert (process.returncode, err) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == EVENTS
    assert daemon.params_of("quote.watch")[-1] == {"quote_id": "q1", "after_seq": seen}
    assert len(daemon.params_of("quote.start")) == (command is QUOTE)


def test_every_other_format_is_as_if_nothing_had_happened(daemon):
    for format_ in ("json", "csv", "table"):
        daemon.answers("quote.start", Reply(known(), events=EVENTS[:2], then_die=True))
        daemon.answers("quote.watch", Reply(known(), events=EVENTS[2:]))
        daemon.start()
        with osago(daemon, *QUOTE, "-o", format_) as process:
            out, _ = restarted(daemon, process)
        assert process.returncode == 0
        daemon.kill()
        if format_ == "json":
            document = json.loads(out)
            assert document["offers"] == [EVENTS[1]]
            assert document["declined"] == [EVENTS[3]]
            assert document["done"] == EVENTS[4]
        elif format_ == "csv":
            rows = list(csv.DictReader(io.StringIO(out)))
            assert [row["insurer"] for row in rows] == ["a", "b"]
        else:
            assert [line.split()[0] for line in out.splitlines()] == ["Альфа", "Бета", "asked:"]


def test_it_says_once_that_it_waits_however_often_the_daemon_dies(daemon):
    daemon.answers("quote.start", Reply(known(), events=EVENTS[:1], then_die=True))
    daemon.answers(
        "quote.watch", Reply(known(), events=EVENTS[1:3], then_die=True), Reply(known(), events=[])
    )
    daemon.start()
    with osago(daemon, *QUOTE, "-o", "ndjson", lang="ru") as process:
        assert f"демон на {daemon.path} пропал" in process.stderr.readline()
        assert daemon.died.wait(10)
        daemon.start()
        [process.stdout.readline() for _ in range(3)]
        assert daemon.died.wait(10)
        daemon.answers("quote.watch", Reply(known(), events=EVENTS[3:]))
        daemon.start()
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert [json.loads(line)["seq"] for line in out.splitlines()] == [4, 5]


def test_a_quote_whose_start_was_never_answered_is_started_again(daemon):
    daemon.answers("quote.start", Reply(then_die=True), Reply(known(), events=EVENTS))
    daemon.start()
    with osago(daemon, *QUOTE, "-o", "ndjson") as process:
        out, _ = restarted(daemon, process)
    assert process.returncode == 0
    assert len(out.splitlines()) == len(EVENTS)
    first, second = daemon.params_of("quote.start")
    assert first == second


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "answers of today are kept"), ("ru", "ответы за сегодня сохранены")],
)
def test_a_restarted_daemon_that_does_not_know_the_quote_is_exit_3_with_what_to_do(
    daemon, lang, words
):
    daemon.answers("quote.start", Reply(known(), events=EVENTS[:2], then_die=True))
    daemon.answers("quote.watch", refusal("unknown_quote"))
    daemon.start()
    with osago(daemon, *QUOTE, "-o", "ndjson", lang=lang) as process:
        out, err = restarted(daemon, process)
    assert process.returncode == 3
    assert len(out.splitlines()) == 2
    assert words in err
    assert "q1" in err


def test_a_quote_that_is_forgotten_is_not_said_to_go_on(daemon):
    daemon.answers("quote.start", Reply(known(), events=EVENTS[:2], then_die=True))
    daemon.answers("quote.watch", refusal("unknown_quote"))
    daemon.start()
    with osago(daemon, *QUOTE) as process:
        out, err = restarted(daemon, process)
    assert out.splitlines()[-1] == "cut off; answered: 1 of 2"
    assert "osago watch" not in out + err


def test_a_daemon_that_never_comes_back_is_exit_3_and_how_to_go_on(daemon):
    long_over = known(deadline_s=-3600)
    daemon.answers("quote.watch", Reply(long_over, events=EVENTS[:2], then_die=True))
    daemon.start()
    code = (
        "import sys, osago_cli.resume; osago_cli.resume.GRACE_S = 0.3;"
        "from osago_cli.app import main; sys.argv[0] = 'osago'; main()"
    )
    result = subprocess.run(
        [*program("osago_cli")[:1], "-c", code, "watch", "q1", "-o", "ndjson"],
        capture_output=True,
        text=True,
        env=CLEAN | {"OSAGO_SOCKET": str(daemon.path), "OSAGO_LANG": "en"},
        check=False,
    )
    assert result.returncode == 3
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == [1, 2]
    said, last = result.stderr.splitlines()
    assert "waiting" in said
    assert last.endswith("osago watch q1")


@pytest.mark.parametrize("answered", [True, False])
def test_ctrl_c_while_waiting_is_exit_130_at_once(daemon, answered):
    first = Reply(known(), events=EVENTS[:2], then_die=True)
    daemon.answers("quote.start", first if answered else Reply(then_die=True))
    daemon.start()
    with osago(daemon, *QUOTE, "-o", "ndjson") as process:
        assert "gone" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert len(out.splitlines()) == (2 if answered else 0)
    assert "Traceback" not in err


def test_a_reader_that_goes_away_while_the_daemon_is_away_is_a_closed_pipe(daemon):
    daemon.answers("quote.start", Reply(known(), events=EVENTS[:2], then_die=True))
    daemon.answers("quote.watch", Reply(known(), events=EVENTS[2:]))
    daemon.start()
    with osago(daemon, *QUOTE, "-o", "ndjson") as process:
        process.stdout.readline()
        assert "gone" in process.stderr.readline()
        process.stdout.close()
        assert daemon.died.wait(10)
        daemon.start()
        assert process.wait(30) == 141
        assert process.stderr.read() == ""


def test_the_live_table_goes_on_on_a_terminal(daemon):
    daemon.answers("quote.start", Reply(known(), events=EVENTS[:2], then_die=True))
    daemon.answers("quote.watch", Reply(known(), events=EVENTS[2:]))
    daemon.start()
    ours, theirs = pty.openpty()
    env = {"OSAGO_SOCKET": str(daemon.path), "OSAGO_LANG": "en", "TERM": "xterm", "COLUMNS": "60"}
    process = subprocess.Popen(
        program("osago_cli", *QUOTE),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=CLEAN | env,
        cwd=daemon.path.parent,
    )
    os.close(theirs)
    seen = ""
    with process:
        while (part := _read(ours)) is not None:
            before, seen = seen, seen + part
            if "waiting" in seen and "waiting" not in before:
                assert daemon.died.wait(10)
                daemon.start()
    os.close(ours)
    assert process.returncode == 0
    assert seen.count("waiting for it") == 1
    last = seen[seen.rindex("Insurer") :]
    for words in ("Альфа", "9,000.00", "Бета", "declined", "goes on with this quote"):
        assert last.count(words) == 1, words


def _read(terminal):
    try:
        return os.read(terminal, 65536).decode(errors="replace") or None
    except OSError:  # what Linux says at the end of a terminal
        return None
