"""A new insurers.toml for a daemon that runs: by the command, by SIGHUP, while a quote goes on."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime

import pytest

from tests.support.processes import EXAMPLES, Osago, program, wait_for_line

APPLICATION = EXAMPLES / "application.json"


@pytest.fixture
def config(home, sandbox):
    """A file of one's own to change."""
    path = home / "insurers.toml"
    path.write_text(sandbox.config.read_text())
    return path


@pytest.fixture
def osago(home, config):
    return Osago(home, config)


def without(text, insurer):
    """The file without an insurer's tables."""
    return re.sub(rf"(?ms)^\[insurers\.{insurer}[.\]].*?(?=^\[|\Z)", "", text)


def test_a_new_file_is_taken_whole_or_not_at_all(osago, config, sandbox):
    good = config.read_text()
    renamed = re.sub(r'(?m)^name = "Кедр.*"$', 'name = "Новый Кедр"', good)
    with osago.daemon() as daemon:
        wait_for_line(daemon, "event=ready")
        sandbox.fault("kedr", "hang")
        with osago.popen("quote", APPLICATION, "-o", "ndjson", "--deadline=2") as quote:
            wait_for_line(quote, '"asking"')
            config.write_text(without(renamed, "sever").replace("[insurers.kedr", "[insurers.new"))
            daemon.send_signal(signal.SIGHUP)
            wait_for_line(daemon, "event=reloaded")
            sandbox.heal()
            listed = {insurer["id"] for insurer in osago.json("insurers", "--json")}
            assert {"new"} == listed - set(re.findall(r"(?m)^\[insurers\.(\w+)\]", good))
            assert not listed & {"sever", "kedr"}
            refused = osago("quote", APPLICATION, "--insurer", "kedr")
            assert (refused.returncode, refused.stdout) == (2, "")
            new = osago.json("quote", APPLICATION, "--json", "--insurer", "new")
            assert new["offers"][0]["insurer_name"] == "Новый Кедр"
            events = [json.loads(line) for line in quote.stdout]
        assert events[-1]["counts"]["asked"] == 10
        assert any(event.get("insurer") == "kedr" for event in events)

        config.write_text(good + "\nlimts = 3\n[tarif]\n")
        failed = osago("daemon", "reload")
        assert (failed.returncode, failed.stdout) == (2, "")
        first, *problems = failed.stderr.splitlines()
        assert first.startswith("nothing has changed")
        assert len(problems) == 2
        assert all(line.startswith(f"{config}:") for line in problems)
        daemon.send_signal(signal.SIGHUP)
        assert "problems=2" in wait_for_line(daemon, "event=reload_refused")[-1]
        waiting = osago.json("status", "--json")["config_refused"]
        assert waiting["problems"] == 2
        assert datetime.fromisoformat(waiting["since"])
        shown = osago("status").stdout
        assert all(f"  {line}\n" in shown for line in problems)

        config.write_text(good)
        told = osago.json("daemon", "reload", "--json")
        assert (told["added"], told["removed"]) == (["sever", "kedr"], ["new"])
        assert osago("daemon", "reload", OSAGO_LANG="ru").stdout == (
            f"Теперь действует {config}: ни один страховщик не изменился\n"
        )
        daemon.terminate()
    assert daemon.wait() == 0
    assert osago("daemon", "reload").returncode == 3


@contextmanager
def in_a_terminal(osago, before=""):
    """A daemon, and the other end of its terminal."""
    ours, theirs = os.openpty()
    command = program("osago_daemon")
    acquire = f"import fcntl, os, signal, termios; fcntl.ioctl({theirs}, termios.TIOCSCTTY, 0)"
    acquire += f"{before}; os.execv({command[0]!r}, {command!r})"
    with subprocess.Popen(
        [sys.executable, "-c", acquire],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[theirs],
        start_new_session=True,
        text=True,
        env=osago.env,
    ) as daemon:
        os.close(theirs)
        wait_for_line(daemon, "event=ready")
        yield daemon, ours
    assert daemon.returncode == 0


def test_a_daemon_whose_terminal_is_closed_stops(osago):
    with in_a_terminal(osago) as (daemon, terminal):
        os.close(terminal)
        assert "signal=SIGHUP" in wait_for_line(daemon, "event=stopping")[-1]


def test_a_daemon_under_nohup_outlives_its_terminal(osago):
    ignored = "; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with in_a_terminal(osago, ignored) as (daemon, terminal):
        os.close(terminal)
        wait_for_line(daemon, "event=reloaded")
        daemon.terminate()
        assert "signal=SIGTERM" in wait_for_line(daemon, "event=stopping")[-1]


def with_program(config, text):
    """Sever's token comes from a program."""
    (config.parent / "give").write_text(f"#!/bin/sh\n{text}\n")
    (config.parent / "give").chmod(0o700)
    config.write_text(config.read_text().replace("plain:sandbox-sever", "command:./give"))


def test_a_program_without_a_secret_at_the_start_is_a_problem_with_its_line(osago, config):
    with_program(config, "exit 3")
    with osago.daemon() as daemon:
        said = daemon.stdout.read()
    assert daemon.returncode == 2
    assert said.startswith(f"{config}:")
    assert "insurers.sever.auth.token: command:./give ended with exit code 3" in said


def test_who_stops_a_daemon_that_starts_does_not_wait_for_a_program(osago, config, home):
    os.mkfifo(home / "begun")
    with_program(config, "echo >begun; exec sleep 1000")
    with osago.daemon() as daemon:
        (home / "begun").read_text()
        daemon.terminate()
        wait_for_line(daemon, "event=stopped")
    assert daemon.returncode == 0


def test_who_waits_for_a_reload_is_told_that_the_daemon_stops(osago, config, home):
    os.mkfifo(home / "begun")
    with osago.daemon() as daemon:
        wait_for_line(daemon, "event=ready")
        with_program(config, "echo >begun; exec sleep 1000")
        with osago.popen("daemon", "reload") as reload:
            (home / "begun").read_text()
            daemon.terminate()
            assert "is about to stop" in reload.stderr.read()
    assert daemon.returncode == 0
