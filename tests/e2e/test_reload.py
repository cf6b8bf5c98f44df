"""A new insurers.toml for a daemon that runs: by the command, by SIGHUP, while a quote goes on."""

import json
import os
import re
import signal
import subprocess
import sys
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


def test_a_daemon_whose_terminal_is_closed_stops(osago):
    ours, theirs = os.openpty()
    command = program("osago_daemon")
    acquire = f"import fcntl, os, termios; fcntl.ioctl({theirs}, termios.TIOCSCTTY, 0)"
    acquire += f"; os.execv({command[0]!r}, {command!r})"
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
        os.close(ours)
        assert "signal=SIGHUP" in wait_for_line(daemon, "event=stopping")[-1]
    assert daemon.returncode == 0
