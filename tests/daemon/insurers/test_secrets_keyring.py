"""Secrets of a keyring, by a package on the path that has the API of the real `keyring`."""

import os
import re
import sys

import pytest

from osago_daemon.insurers.secrets import SecretError, SecretRef, Secrets

CORE = """\
import os, subprocess, sys, time
from keyring import errors

ENTRIES = {("osago/sever", "agent"): "s3cret", ("osago", "empty"): "", ("osago", "ключ"): "пароль"}


class Keyring:
    priority = 5

    def get_password(self, service, username):
        if service == "locked":
            raise errors.KeyringLocked("s3cret")
        if service == "none":
            raise errors.NoKeyringError("No recommended backend was available: s3cret")
        if service == "killed":
            os.kill(os.getpid(), 9)
        if service == "leaves":
            sys.exit("s3cret")
        if service == "bus":  # as where the session's bus never answers, and neither does a helper
            subprocess.Popen(["sleep", "100"])
            time.sleep(100)
        if service == "chatty":
            print('{"password": "not this one"}')
            os.write(1, b"nor this")
        if service == "asks":
            return input("the keyring's password: ")
        return ENTRIES.get((service, username))


_backend = Keyring()


def get_keyring():
    return _backend


def get_password(service_name, username):
    return get_keyring().get_password(service_name, username)
"""
ERRORS = """\
class KeyringError(Exception): ...
class InitError(KeyringError): ...
class KeyringLocked(KeyringError): ...
class NoKeyringError(KeyringError, RuntimeError): ...
"""


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """Install a package `keyring`, in a folder that is on the path of this process only."""

    def installed(init="from keyring.core import get_keyring, get_password\n"):
        package = tmp_path / "packages/keyring"
        package.mkdir(parents=True)
        for name, text in (("__init__", init), ("core", CORE), ("errors", ERRORS)):
            (package / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(package.parent))

    return installed


@pytest.fixture
def secrets(tmp_path):
    return Secrets(tmp_path, {"PATH": os.environ["PATH"]})


def given(secrets, text):
    return secrets.resolve(SecretRef.parse(text)).get_secret_value()


def refusal(secrets, text):
    with pytest.raises(SecretError) as caught:
        secrets.resolve(SecretRef.parse(text))
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_an_entry_of_the_keyring(secrets, on_path):
    on_path()
    assert given(secrets, "keyring:osago/sever/agent") == "s3cret"
    assert given(secrets, "keyring:osago/ключ") == "пароль"
    assert refusal(secrets, "keyring:osago/empty") == "keyring:osago/empty is empty"
    assert refusal(secrets, "keyring:osago/nobody") == (
        "keyring:osago/nobody: the keyring has no such entry: run keyring set SERVICE USER"
    )


def test_only_the_kind_of_what_a_backend_raises_is_told(secrets, on_path, capfd):
    on_path()
    for service, kind in (
        ("locked", "KeyringLocked"),
        ("none", "NoKeyringError"),
        ("leaves", "SystemExit"),
        ("asks", "EOFError"),  # there is nobody to be asked
    ):
        assert refusal(secrets, f"keyring:{service}/agent") == (
            f"keyring:{service}/agent: the keyring can't be asked: {kind}"
        )
    assert refusal(secrets, "keyring:killed/agent") == (
        "keyring:killed/agent: the keyring's process ended without an answer"
    )
    assert "s3cret" not in "".join(capfd.readouterr())


def test_what_a_backend_prints_is_no_password(secrets, on_path):
    on_path()
    assert "no such entry" in refusal(secrets, "keyring:chatty/agent")


def test_a_keyring_that_waits_for_the_bus_is_stopped_with_all_it_started(tmp_path, on_path):
    on_path()
    os.mkfifo(tmp_path / "gone")
    # Its helper holds the pipe open; its end is the end of file that is read below.
    core = tmp_path / "packages/keyring/core.py"
    opened = f"stdout=open({str(tmp_path / 'gone')!r}, 'wb')"
    core.write_text(core.read_text().replace('["sleep", "100"]', f'["sleep", "100"], {opened}'))
    reading = os.open(tmp_path / "gone", os.O_RDONLY | os.O_NONBLOCK)
    try:
        secrets = Secrets(tmp_path, {"PATH": os.environ["PATH"]}, command_timeout_s=0.7)
        assert refusal(secrets, "keyring:bus/agent") == (
            "keyring:bus/agent was not done within 0.7 s and was stopped"
        )
        os.set_blocking(reading, True)
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)


def test_the_bound_is_that_of_a_command():
    assert Secrets.__dataclass_fields__["command_timeout_s"].default == 10.0


def test_a_package_that_cannot_be_loaded_is_not_called_missing(secrets, on_path):
    on_path("import no_such_package_of_its_own\n")
    assert refusal(secrets, "keyring:osago/agent") == (
        "keyring:osago/agent: the keyring can't be asked: ModuleNotFoundError"
    )


def test_a_file_beside_insurers_toml_is_not_the_keyring(secrets, tmp_path):
    """It is found where packages are installed, not in the folder that the process runs in."""
    (tmp_path / "keyring.py").write_text("def get_password(*_): return 'not yours'\n")
    assert "needs the Python package" in refusal(secrets, "keyring:osago/agent")


def test_the_keyring_is_no_dependency(secrets, monkeypatch):
    elsewhere = [each for each in sys.path if not re.search(r"(site|dist)-packages", each)]
    monkeypatch.setattr(sys, "path", elsewhere)
    monkeypatch.setattr(sys, "executable", getattr(sys, "_base_executable", sys.executable))
    assert refusal(secrets, "keyring:osago/agent") == (
        "keyring:osago/agent needs the Python package `keyring` beside osago: pip install keyring"
    )
