"""`osago config`: from nothing to a file that a daemon takes, without a daemon."""

import tomllib

import pytest

from tests.support.processes import Osago


@pytest.fixture
def osago(home):
    """The command line alone; it finds its file where users have theirs."""
    osago = Osago(home, home / "none.toml")
    del osago.env["OSAGO_INSURERS"]
    osago.env["COLUMNS"] = "80"
    return osago


@pytest.fixture
def file(home):
    return home / ".config/osago/insurers.toml"


def test_a_file_is_begun_checked_and_never_overwritten(osago, file):
    begun = osago("config", "init")
    assert (begun.returncode, begun.stdout) == (0, "")
    assert begun.stderr.startswith(f"written: {file}\n")
    assert "osago config check\n" in begun.stderr

    checked = osago("config", "check")
    assert checked.returncode == 2
    assert checked.stdout == (
        f"{file}:18: insurers.example.auth.token: "
        "env:EXAMPLE_TOKEN: this environment variable is not set\n"
    )
    assert checked.stderr == "problems in the configuration: 1\n"

    fine = osago("config", "check", EXAMPLE_TOKEN="canary")
    assert (fine.returncode, fine.stderr) == (0, "")
    assert fine.stdout == (
        f"{file} is fine; insurers: 1, switched off: 0\nsecrets found: env:EXAMPLE_TOKEN\n"
    )

    again = osago("config", "init", OSAGO_LANG="ru")
    assert again.returncode == 2
    assert str(file) in again.stderr
    assert "--force" in again.stderr

    forced = osago("config", "init", "--force", OSAGO_LANG="ru")
    assert forced.returncode == 0
    assert f"{file}.bak" in forced.stderr
    assert "Страхов" in file.read_text(encoding="utf-8")


def test_elsewhere_the_next_commands_name_the_file(osago, home):
    begun = osago("config", "init", "my insurers.toml")
    named = f"--insurers '{home.resolve()}/my insurers.toml'"
    assert f"osago config check {named}\n" in begun.stderr


def test_what_holds_is_shown_with_its_origin_and_without_a_secret(osago):
    osago("config", "init")
    shown = osago("config", "show", "example", "--origin")  # its secret need not be there
    assert shown.returncode == 0
    assert max(map(len, shown.stdout.splitlines())) <= 80
    table = tomllib.loads(shown.stdout)["insurers"]["example"]
    assert table["auth"]["token"] == "env:EXAMPLE_TOKEN"
    assert table["retry"]["attempts"] == 10
    assert '"Example Insurance"                        # insurers.toml:11\n' in shown.stdout


def test_an_unknown_insurer_is_told_with_those_there_are(osago):
    found = osago("config", "show", "severr")
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith("no insurer `severr` in this file; there is sever, kedr, ")


def test_where_a_table_has_mistakes_they_are_shown_instead(osago, home):
    (home / "bad.toml").write_text("[insurers.a]\nnam = 1\n")
    shown = osago("config", "show", "--insurers", "bad.toml")
    assert shown.returncode == 2
    assert "bad.toml:2: insurers.a.nam: unknown key; did you mean `name`?\n" in shown.stdout
