"""Where there is no room quotes go on; what is recovered later never has a gap or a shifted number.

Limits on the size of files make real writes fail in the middle; one test fills a real disk.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.daemon.storage.runlog.logs import Snapshots, files_at_most

FILLER = Path(__file__).with_name("disk_filler.py")
ROOT = Path(__file__).parents[4]
LINE = b"x" * 100


def test_when_a_file_takes_no_more_its_runs_move_whole_to_a_new_one(logs):
    log = logs.started()
    one, other = logs.begin(log, "one"), logs.begin(log, "other")
    with files_at_most(2500), capture_logs() as logged:
        for _ in range(10):
            one.events([LINE])
            other.events([LINE])
    assert len(logs.files()) > 1
    assert log.trouble is None
    assert [entry["event"] for entry in logged] == ["runs_not_kept"]
    one.over()
    assert logs.recovered() == {
        "one": (b"", (LINE,) * 10, True),
        "other": (b"", (LINE,) * 10, False),
    }


def test_without_room_the_log_is_silent_and_says_so_once(logs):
    log = logs.started()
    writer = logs.begin(log, "a")
    with files_at_most(1000), capture_logs() as logged:
        for number in range(50):
            writer.events([LINE])
            logs.begin(log, f"later{number}", b"x" * 1000)
        assert len(logs.files()) == 1
    assert log.trouble == "File too large"
    assert [(entry["event"], entry["reason"]) for entry in logged] == [
        ("runs_not_kept", "File too large")
    ]


def test_trouble_that_lasts_is_logged_again_after_a_minute(logs):
    log = logs.started()
    with files_at_most(10), capture_logs() as logged:
        for _ in range(5):
            logs.begin(log, "a")
            logs.wait(31)
    assert len(logged) == 3  # at 0, 62 and 124 s: not at 31 and 93


def _gone_silent(logs):
    """A log in which `over` and `quiet` are told in full, `loud` is not: it has one event more."""
    log = logs.started()
    over, loud = logs.begin(log, "over"), logs.begin(log, "loud")
    over.events([LINE])
    over.over()
    loud.events([LINE])
    with files_at_most(250):
        loud.events([LINE])
    assert log.trouble is not None
    return log, loud


def test_a_run_that_went_on_unheard_is_not_recovered_with_numbers_that_were_given_away(logs):
    _gone_silent(logs)
    with capture_logs() as logged:
        assert list(logs.recovered()) == ["over"]
    assert logged[0]["stale_runs"] == 1
    assert list(logs.recovered()) == ["over"]


def test_a_run_is_told_in_full_as_soon_as_there_is_room(logs):
    log, loud = _gone_silent(logs)
    logs.begin(log, "new")
    loud.events([b"3"])
    assert log.trouble is None
    recovered = logs.recovered()
    assert recovered["loud"] == (b"", (LINE, LINE, b"3"), False)
    assert set(recovered) == {"over", "loud", "new"}


def test_half_of_a_run_that_moves_is_not_taken_for_the_run(logs, tmp_path, monkeypatch):
    log, loud = _gone_silent(logs)
    with files_at_most(250):
        for _ in range(20):
            loud.events([LINE])
    logs.begin(log, "new")
    with monkeypatch.context() as patch:
        snapshots = Snapshots(logs, tmp_path, patch)
        loud.events([LINE])
    assert len(snapshots.taken) == 2
    for snapshot in snapshots.taken:
        assert set(snapshot.recovered()) == {"over", "new"}
    assert len(logs.recovered()["loud"][1]) == 23


def test_an_older_copy_does_not_bring_back_a_run_that_went_on_unheard(logs, tmp_path, monkeypatch):
    logs.begin(logs.started(), "loud", in_s=500).events([LINE])
    first = (logs.folder / "1").read_bytes()
    logs.open().recover()
    (logs.folder / "1").write_bytes(first)  # as if the daemon had been killed before it was removed
    (logs.folder / "1").chmod(0o400)  # where the log marks what is outdated
    with monkeypatch.context() as patch:
        snapshots = Snapshots(logs, tmp_path, patch)
        assert logs.recovered() == {}
    assert len(snapshots.taken) == 2
    for snapshot in snapshots.taken:
        assert snapshot.recovered() == {}


def test_after_the_end_nothing_is_begun(logs):
    log = logs.started()
    writer = logs.begin(log, "a")
    log.close()
    writer.events([LINE])
    writer.over()
    assert [path.name for path in logs.files()] == ["1"]


def _with_small_disk(place, command):
    """A command that sees a disk of 1 MiB there and takes it along when it ends."""
    mount = f"mount -t tmpfs -o size=1m,mode=0700 none {place} && exec "
    namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
    return [*namespace, "sh", "-c", mount + command]


def test_a_disk_that_fills_up_costs_no_quote_and_once_there_is_room_all_is_kept_again(tmp_path):
    if shutil.which("unshare") is None:
        pytest.skip("no unshare: a disk of our own can't be had")
    if subprocess.run(
        _with_small_disk(tmp_path, "true"), check=False, capture_output=True
    ).returncode:
        pytest.skip("mounting is not permitted here")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "daemon")])}
    command = _with_small_disk(tmp_path, f"{sys.executable} {FILLER} {tmp_path}")
    done = subprocess.run(command, check=True, capture_output=True, env=environment, timeout=50)
    told = json.loads(done.stdout)
    assert told["trouble_when_full"] == "No space left on device"
    assert told["logged"] == ["runs_not_kept"]
    assert told["recovered_when_full"] == ["early"]
    assert told["trouble_with_room"] is None
    assert told["recovered_with_room"] == told["written_with_room"]
