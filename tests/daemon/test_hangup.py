"""SIGHUP before anybody listens for it."""

import signal
import subprocess
import sys

from tests.support.processes import CLEAN

HUNG_UP_AT_ITS_START = """
import os, signal, sys
from osago_daemon import settings

def load(path):
    os.kill(os.getpid(), signal.SIGHUP)
    raise settings.ConfigError([settings.ConfigProblem(path, None, "", "was read")])

settings.load = load
from osago_daemon.__main__ import main
main()
"""


def hung_up(tmp_path, **options):
    folder = ["--state-dir", tmp_path, "--insurers", tmp_path / "insurers.toml"]
    return subprocess.run(
        [sys.executable, "-c", HUNG_UP_AT_ITS_START, *folder, "--socket", tmp_path / "socket"],
        env=CLEAN,
        capture_output=True,
        text=True,
        start_new_session=True,  # without a terminal
        check=False,
        **options,
    )


def test_a_reload_that_is_asked_for_while_it_starts_does_not_end_it(tmp_path):
    found = hung_up(tmp_path)
    assert (found.returncode, "was read" in found.stderr) == (2, True)


TERMINAL = """
import signal, sys
signal.signal(signal.SIGHUP, signal.{inherited})
from osago_daemon import hangup
there = [True]
hangup._has_one = lambda: there[0]
terminal = hangup.Terminal()
terminal.stand_by()
there[0] = False
print(terminal.is_gone(), flush=True)
signal.raise_signal(signal.SIGHUP)
print("alive")
"""


def of_terminal(inherited):
    text = TERMINAL.format(inherited=inherited)
    return subprocess.run(
        [sys.executable, "-c", text], env=CLEAN, capture_output=True, text=True, check=False
    )


def test_a_terminal_that_goes_while_it_starts_ends_it():
    found = of_terminal("SIG_DFL")
    assert (found.returncode, found.stdout) == (-signal.SIGHUP, "True\n")


def test_under_nohup_the_terminal_may_go():
    found = of_terminal("SIG_IGN")
    assert (found.returncode, found.stdout) == (0, "False\nalive\n")
