"""What survives a restart goes into one new file; a crash at any step of that loses nothing."""

import os

import pytest

from tests.daemon.storage.runlog.logs import DEADLINE_S, Snapshots, files_at_most, told


@pytest.fixture
def three_segments(logs):
    log = logs.started()
    logs.begin(log, "forgotten", in_s=1).events([b"0"])
    for run in ("a", "b", "c"):
        writer = logs.begin(log, run, b"header", in_s=500)
        for number in range(5):
            writer.events([f"{run}{number}".encode()])
        if run == "b":
            writer.over()
        logs.wait(61)
    with logs.files()[-1].open("ab") as file:
        file.write(b"\0\0\1\0 torn")
    assert len(logs.files()) == 3
    return logs


def test_afterwards_one_new_file_holds_what_survives(three_segments):
    logs = three_segments
    old = logs.files()
    before = logs.recovered()
    assert list(before) == ["a", "b", "c"]
    (new,) = logs.files()
    assert new not in old
    assert logs.recovered() == before


def test_a_run_is_forgotten_a_minute_after_its_deadline(logs):
    logs.begin(logs.started(), "a")
    logs.wait(DEADLINE_S + 59)
    assert list(logs.recovered()) == ["a"]
    logs.wait(2)
    assert logs.recovered() == {}
    assert logs.files() == []


def test_a_crash_at_any_step_loses_nothing_and_doubles_nothing(
    three_segments, tmp_path, monkeypatch
):
    expected = three_segments.copy(tmp_path / "undisturbed").recovered()
    with monkeypatch.context() as patch:
        snapshots = Snapshots(three_segments, tmp_path, patch)
        assert three_segments.recovered() == expected
    assert len(snapshots.taken) >= 3 * 2 + 3  # three runs written, three files removed
    for snapshot in snapshots.taken:
        assert snapshot.recovered() == expected
        assert len(snapshot.files()) == 1


def test_a_crash_at_any_step_of_moving_a_run_loses_nothing(logs, tmp_path, monkeypatch):
    writer = logs.begin(logs.started(), "a")
    for number in range(10):
        writer.events([b"%d" % number * 50])
    events = tuple(b"%d" % number * 50 for number in range(10))
    size = logs.files()[0].stat().st_size
    writer.over()  # cut off below, so that the copy that moves is as long as the first
    with monkeypatch.context() as patch:
        snapshots = Snapshots(logs, tmp_path, patch)
        assert logs.recovered() == {"a": (b"", events, True)}
    for snapshot in snapshots.taken:
        old = snapshot.folder / "1"
        if old.exists():
            os.truncate(old, size)
        assert snapshot.recovered()["a"][:2] == (b"", events)


def test_the_longer_of_two_copies_is_the_run(logs, tmp_path):
    log = logs.started()
    writer = logs.begin(log, "a", in_s=500)
    writer.events([b"1"])
    earlier = logs.copy(tmp_path / "earlier")
    (run,) = logs.open().recover()
    run.writer.events([b"2"])
    (earlier.folder / "1").rename(logs.folder / "1")  # as if it had not been removed
    assert [path.name for path in logs.files()] == ["1", "2"]
    assert logs.recovered() == {"a": (b"", (b"1", b"2"), False)}


def test_where_there_is_no_room_for_a_new_file_the_old_ones_serve(three_segments):
    logs = three_segments
    log = logs.open()
    names = [path.name for path in logs.files()]
    with files_at_most(200):
        runs = log.recover()
    expected = told(runs)
    assert [run.id for run in runs] == ["a", "b", "c"]
    assert [path.name for path in logs.files()] == names
    assert log.trouble == "File too large"
    runs[2].writer.events([b"more"])  # there is room again
    assert log.trouble is None
    header, lines, over = expected["c"]
    expected["c"] = (header, (*lines, b"more"), over)
    assert logs.recovered() == expected
