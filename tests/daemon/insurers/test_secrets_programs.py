"""Secrets that a program prints."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from osago_daemon.insurers.secrets import Patience, SecretError, SecretRef, Secrets, commands


@pytest.fixture
def program(tmp_path):
    """Writes a program beside insurers.toml."""

    def program_(text, name="give"):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o700)
        return path

    return program_


@pytest.fixture
def secrets(tmp_path):
    return Secrets(tmp_path, {"PATH": os.environ["PATH"], "WHO": "агент"})


def given(secrets, text):
    return secrets.resolve(SecretRef.parse(text)).get_secret_value()


def refusal(secrets, text):
    with pytest.raises(SecretError) as caught:
        secrets.resolve(SecretRef.parse(text))
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_the_first_line_of_what_it_prints(secrets, program):
    program("""printf '%s\\n' "$WHO:$1:$(pwd -P):$2 \t"; echo second line""")
    assert given(secrets, "command:./give 'a b' '$HOME;*'") == (
        f"агент:a b:{secrets.folder.resolve()}:$HOME;*"
    )


def test_a_program_of_the_path(secrets):
    assert given(secrets, "command:echo -n s3cret") == "s3cret"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("echo s3cret >&2; echo s3cret; exit 3", "command:./give … ended with exit code 3"),
        ("kill -TERM $$", "command:./give … ended with signal 15"),
        ("echo; echo s3cret", "command:./give … is empty"),
        ("exit 0", "command:./give … is empty"),
        ("printf 's3cret\\001'", "command:./give … has line breaks or control characters inside"),
        ("printf '\\377s3cret'", "command:./give … is not UTF-8 text"),
        ("while :; do echo s3cret; done", "command:./give … prints too much for a secret"),
    ],
)
def test_a_program_that_gives_no_secret(secrets, program, text, problem, capfd):
    program(text)
    assert refusal(secrets, "command:./give s3cret") == problem
    assert "s3cret" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("checking", [False, True])
def test_a_program_that_is_not_there(secrets, tmp_path, checking):
    (tmp_path / "plain-text").write_text("echo s3cret")
    secrets = secrets.for_checking() if checking else secrets
    for name in ("no-such-program", "./no-such-program", "./plain-text", "./"):
        assert refusal(secrets, f"command:{name} s3cret") == (
            f"command:{name} …: there is no such program, or it is not executable"
        )


def test_a_program_without_a_shebang_is_told_of(secrets, tmp_path):
    (tmp_path / "give").write_bytes(b"\0s3cret")
    (tmp_path / "give").chmod(0o700)
    assert refusal(secrets, "command:./give") == "command:./give can't be started"


def test_checking_runs_nothing(secrets, program, tmp_path):
    program("touch ran; echo s3cret")
    stand_in = given(secrets.for_checking(), "command:./give")
    assert not (tmp_path / "ran").exists()
    assert stand_in != "s3cret"
    assert given(secrets, "command:./give") == "s3cret"
    assert (tmp_path / "ran").exists()


def test_a_slow_program_is_stopped_with_all_it_started(tmp_path, program):
    os.mkfifo(tmp_path / "gone")
    # The child holds the pipe open; its end is the end of file that is read below.
    program("sleep 100 >gone & echo s3cret; wait")
    secrets = Secrets(tmp_path, {"PATH": os.environ["PATH"]}, command_timeout_s=0.2)
    reading = os.open(tmp_path / "gone", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert refusal(secrets, "command:./give") == (
            "command:./give was not done within 0.2 s and was stopped"
        )
        os.set_blocking(reading, True)
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)


def test_a_program_that_ended_and_left_its_output_open_is_stopped_too(tmp_path, program):
    program("(trap '' HUP TERM; echo $$ >/dev/null; exec sleep 100) & echo s3cret")
    secrets = Secrets(tmp_path, {"PATH": os.environ["PATH"]}, command_timeout_s=0.2)
    assert "was not done within" in refusal(secrets, "command:./give")


def test_a_program_never_reads_our_input(secrets, program):
    program("cat; echo s3cret")
    assert given(secrets, "command:./give") == "s3cret"


def test_a_program_is_not_left_behind_by_an_interrupt(secrets, program, monkeypatch):
    """Ctrl-C at the start of the daemon, while a password manager works."""
    program("echo $$; exec sleep 100")
    pids = []

    def interrupted(_self, _reference, process):
        pids.append(int(process.stdout.readline()))
        raise KeyboardInterrupt

    monkeypatch.setattr(commands.Commands, "_finished", interrupted)
    with pytest.raises(KeyboardInterrupt):
        given(secrets, "command:./give")
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_program_that_nobody_waits_for_any_more_is_killed(tmp_path, program):
    os.mkfifo(tmp_path / "begun")
    program("echo >begun; exec sleep 1000")
    patience = Patience()
    environ = {"PATH": os.environ["PATH"]}
    secrets = Secrets(tmp_path, environ, command_timeout_s=1e6, patience=patience)
    with ThreadPoolExecutor(1) as other:
        refused = other.submit(refusal, secrets, "command:./give")
        (tmp_path / "begun").read_text()
        patience.end()
        assert "was stopped" in refused.result()
    assert refusal(secrets, "command:./give") == "command:./give: nobody waits for it"
