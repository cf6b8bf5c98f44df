"""The folder is private, and one that others could touch is not used; quotes go on without."""

import os
import stat

import pytest
from structlog.testing import capture_logs


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def _is_not_used(logs, reason):
    with capture_logs() as logged:
        log = logs.open()
        assert log.recover() == []
        writer = logs.begin(log, "a")
        writer.events([b"1"])
        writer.over()
    assert [(entry["event"], entry["reason"]) for entry in logged] == [("runs_not_kept", reason)]
    assert log.trouble == reason


def test_folder_and_files_are_for_their_owner_only(logs):
    before = os.umask(0)
    try:
        logs.begin(logs.started(), "a")
    finally:
        os.umask(before)
    assert _mode(logs.folder) == 0o700
    assert _mode(logs.files()[0]) == 0o600


def test_a_folder_that_others_may_read_is_closed_to_them(logs):
    logs.folder.mkdir(mode=0o755)
    logs.begin(logs.started(), "a")
    assert _mode(logs.folder) == 0o700


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to_is_refused(logs, mode):
    logs.folder.mkdir()
    logs.folder.chmod(mode)
    _is_not_used(logs, "others may write to the folder")
    assert logs.files() == []


def test_a_folder_of_somebody_else_is_refused(logs, monkeypatch):
    logs.folder.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    _is_not_used(logs, "the folder belongs to somebody else")


def test_a_link_to_a_folder_is_refused(logs, tmp_path):
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    logs.folder.symlink_to(target)
    _is_not_used(logs, "Not a directory")
    assert list(target.iterdir()) == []


def test_what_can_be_used_again_is_used_with_the_next_run(logs):
    logs.folder.write_bytes(b"in the way")
    log = logs.started()
    lost = logs.begin(log, "lost")
    assert log.trouble == "Not a directory"
    logs.folder.unlink()
    lost.events([b"1"])
    assert log.trouble is not None  # not tried at every event
    logs.begin(log, "kept")
    assert log.trouble is None
    lost.events([b"2"])
    lost.over()
    assert logs.recovered() == {"kept": (b"", (), False), "lost": (b"", (b"1", b"2"), True)}


def test_a_folder_that_is_cleared_under_the_daemon_is_made_anew_with_the_next_file(logs):
    log = logs.started()
    logs.begin(log, "a")
    for path in logs.files():
        path.unlink()
    logs.folder.rmdir()
    logs.wait(61)
    logs.begin(log, "b").events([b"1"])
    assert logs.recovered() == {"b": (b"", (b"1",), False)}
