"""`osago tariff` as a real process: pipes, locales, files; without a daemon."""

import json
import os
import subprocess

from tests.support.processes import EXAMPLES, program

APPLICATION = EXAMPLES / "application.json"
ON = "--on=2026-03-01"


def test_the_example_on_stdin_without_insurers_and_without_a_locale(osago):
    result = osago(
        *("tariff", "-", ON),
        stdin=APPLICATION.read_text(),
        OSAGO_INSURERS=str(osago.home / "none.toml"),
        OSAGO_LANG="",
        LANG="C",
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Premium: from 1,159.53")


def test_what_the_daemon_is_configured_with_is_no_hindrance(osago):
    result = osago("tariff", APPLICATION, ON, "--drivers=unlimited", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["changed"]["coefficients"][3]["reason"] == "drivers_unlimited"


def test_a_reader_that_has_left_is_no_mistake(osago):
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        program("osago_cli", "tariff", APPLICATION, ON),
        stdout=writing,
        stderr=subprocess.PIPE,
        env=osago.env,
        check=False,
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (141, b"")
