"""Whose a file with a secret must be, and who else may see it."""

import os
import pwd
from pathlib import Path

import pytest

from osago_daemon.insurers.secrets import SecretError, SecretRef, Secrets
from osago_daemon.insurers.secrets.files import Identity, mode_problem

US, ALICE, OUR_GROUP, OTHER_GROUP = 4_000_001, 4_000_002, 4_000_011, 4_000_012
DAEMON = Identity(US, {OUR_GROUP})


def status(mode, user, group=OTHER_GROUP):
    return os.stat_result((0o100000 | mode, 0, 0, 1, user, group, 0, 0, 0, 0))


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700, 0o000])
@pytest.mark.parametrize("user", [US, 0])
def test_a_file_for_its_owner_only(mode, user):
    assert mode_problem(status(mode, user), Path("/t"), DAEMON) is None


def test_a_file_of_root_for_our_group_to_read():
    assert mode_problem(status(0o640, 0, OUR_GROUP), Path("/t"), DAEMON) is None


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (status(0o644, US), "is open to everybody: run chmod 600 '/srv/a token'"),
        (status(0o602, US), "is open to everybody: run chmod 600 '/srv/a token'"),
        (status(0o640, US, OUR_GROUP), "is open to its group: run chmod 600 '/srv/a token'"),
        (status(0o620, US), "is open to its group: run chmod 600 '/srv/a token'"),
        (status(0o644, 0, OUR_GROUP), "is open to everybody: run chmod 640 '/srv/a token'"),
        (status(0o660, 0, OUR_GROUP), "is open to its group: run chmod 640 '/srv/a token'"),
        (
            status(0o640, 0),
            "is open to its group: run chgrp 4000011 '/srv/a token' && chmod 640 '/srv/a token'",
        ),
        (
            status(0o600, ALICE),
            "belongs to 4000002, who can change it: run chown 4000001 '/srv/a token'",
        ),
    ],
)
def test_a_file_that_others_may_touch_and_the_command_that_mends_it(found, problem):
    assert mode_problem(found, Path("/srv/a token"), DAEMON) == problem


def test_owners_are_called_by_name():
    name = pwd.getpwuid(0).pw_name
    problem = mode_problem(status(0o600, ALICE), Path("/t"), Identity(0, {0}))
    assert problem == f"belongs to 4000002, who can change it: run chown {name} /t"


def test_what_the_sentence_says_mends_it(tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    token.chmod(0o644)
    (tmp_path / "link").symlink_to(token)
    secrets, reference = Secrets(tmp_path, {}), SecretRef.parse("file:link")
    with pytest.raises(SecretError) as caught:
        secrets.resolve(reference)
    assert str(caught.value) == f"file:link is open to everybody: run chmod 600 {token.resolve()}"
    token.chmod(0o600)
    assert secrets.resolve(reference).get_secret_value() == "s3cret"


def test_systemd_guards_its_credentials_itself(tmp_path):
    (tmp_path / "sever").write_text("s3cret")
    (tmp_path / "sever").chmod(0o440)
    secrets = Secrets(tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert secrets.resolve(SecretRef.parse("credential:sever")).get_secret_value() == "s3cret"


def test_a_pipe_that_nobody_writes_to_held_up_the_start(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SecretError, match="file:pipe is no regular file"):
        Secrets(tmp_path, {}).resolve(SecretRef.parse("file:pipe"))
