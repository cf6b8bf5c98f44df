"""`--store` reaches osagod as it was given; the command line reads nothing into it."""

import os
import subprocess

import pytest
import typer
from typer.testing import CliRunner

from osago_cli import processes
from osago_cli.app import app

STORE = "redis://osago:secret@store.example:6379/0"


@pytest.fixture
def started(monkeypatch, tmp_path):
    """What osagod was started with; it never is."""
    found = []

    def become(module, arguments):
        found.append((module, [*arguments, os.environ.get("OSAGO_STORE")]))

    def start_daemon(arguments, *, log):
        found.append((log, [*arguments, os.environ.get("OSAGO_STORE")]))
        raise typer.Exit(9)

    monkeypatch.setattr(processes, "become", become)
    monkeypatch.setattr(processes, "start_daemon", start_daemon)
    monkeypatch.setenv("OSAGO_SOCKET", str(tmp_path / "osago.sock"))
    monkeypatch.setenv("OSAGO_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("OSAGO_LANG", "en")
    monkeypatch.setenv("OSAGO_STORE", "")  # so that what is set there goes away again
    (tmp_path / "application.json").write_text("{}")
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        result = CliRunner().invoke(app, arguments)
        return result, [words for _, words in found]

    return run


@pytest.mark.parametrize(
    "command",
    [
        ("daemon", "run"),
        ("daemon", "start"),
        ("quote", "application.json", "--start"),
    ],
)
def test_the_store_is_passed_on_where_no_list_of_processes_shows_its_password(started, command):
    _, [[*arguments, named]] = started(*command, "--store", STORE)
    assert named == STORE
    assert not [word for word in arguments if "secret" in word]


@pytest.mark.parametrize(
    "command",
    [("daemon", "run"), ("daemon", "start"), ("quote", "application.json", "--start")],
)
def test_without_it_osagod_looks_for_itself(started, command):
    _, [[*arguments, named]] = started(*command)
    assert not named
    assert not [word for word in arguments if "store" in word]


def test_a_store_without_a_start_is_told_to_be_of_no_use(started):
    result, found = started("quote", "application.json", "--store", STORE)
    assert (result.exit_code, found) == (2, [])
    assert "--start" in result.output
    assert "secret" not in result.output


def test_the_demos_daemon_never_uses_a_store_of_the_environment(monkeypatch, tmp_path):
    environments = []
    monkeypatch.setenv("OSAGO_STORE", STORE)
    monkeypatch.setenv("OTHER", "kept")
    monkeypatch.setattr(subprocess, "Popen", lambda _line, **o: environments.append(o["env"]))
    processes.start_daemon([], log=tmp_path / "log", without=("OSAGO_STORE",))
    processes.start_daemon([], log=tmp_path / "log")
    private, ordinary = environments
    assert "OSAGO_STORE" not in private
    assert (private["OTHER"], ordinary["OSAGO_STORE"]) == ("kept", STORE)
