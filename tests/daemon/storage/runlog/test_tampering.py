"""Only what this daemon wrote, where it wrote it, is read; the rest is counted and goes."""

import os
import shutil
import struct

import pytest
from structlog.testing import capture_logs

from tests.daemon.storage.runlog.logs import SECRET

OTHER_SECRET = b"o" * 32


@pytest.fixture
def two_segments(logs):
    """Each with a run of three events."""
    log = logs.started()
    for run in ("a", "b"):
        writer = logs.begin(log, run, b"Ivanov Ivan", in_s=500)
        for number in range(3):
            writer.events([b"%d of the same length" % number])
        logs.wait(61)
    return logs


def _frames(data):
    frames = []
    while data:
        end = 4 + struct.unpack_from(">I", data)[0]
        frames.append(data[:end])
        data = data[end:]
    return frames


def _rewrite(path, change):
    path.write_bytes(b"".join(change(_frames(path.read_bytes()))))


def _flip(frame):
    return frame[:-1] + bytes([frame[-1] ^ 1])


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda f: [f[0], f[1], _flip(f[2]), f[3]], 1),
        (lambda f: [f[0], f[2], f[1], f[3]], 0),
        (lambda f: [f[0], f[1], f[3]], 1),
        (lambda f: [f[0], f[1], f[1], f[2], f[3]], 1),
        (lambda f: [*f, b"\xff\xff\xff\xff junk"], 3),
        (lambda f: [*f, b"\0\0\0\1x"], 3),
        (lambda f: [*f, b"\0\0\0\0"], 3),
        (lambda f: [*f, b"\0"], 3),
    ],
    ids=["changed", "swapped", "left out", "repeated", "junk", "short", "empty", "torn"],
)
def test_a_file_is_read_up_to_what_is_not_ours_and_the_others_are_read_on(
    two_segments, change, left
):
    _rewrite(two_segments.files()[0], change)
    with capture_logs() as logged:
        recovered = two_segments.recovered()
    assert len(recovered["a"][1]) == left
    assert len(recovered["b"][1]) == 3
    assert [(entry["event"], entry["damaged_segments"]) for entry in logged] == [
        ("runs_not_read", 1)
    ]


def test_a_file_under_another_name_does_not_open(two_segments):
    first, second = two_segments.files()
    shutil.copy(first, second)
    assert list(two_segments.recovered()) == ["a"]


def test_under_another_secret_nothing_is_recovered_and_the_files_go(two_segments):
    with capture_logs() as logged:
        assert two_segments.recovered(OTHER_SECRET) == {}
    assert [(entry["event"], entry["damaged_segments"]) for entry in logged] == [
        ("runs_not_read", 2)
    ]
    assert two_segments.files() == []
    assert two_segments.recovered(SECRET) == {}


def test_nothing_readable_reaches_a_file(two_segments):
    held = b"".join(path.read_bytes() for path in two_segments.files())
    assert b"Ivanov" not in held
    assert b"same length" not in held


def test_what_is_no_file_of_ours_is_passed_over_and_nothing_waits_for_it(two_segments, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"not ours")
    folder = two_segments.folder
    (folder / "7").symlink_to(elsewhere)
    os.mkfifo(folder / "8")
    (folder / "9").mkdir()
    for name in ("notes", "007", "9" * 200):
        (folder / name).write_bytes(b"x")
    assert list(two_segments.recovered()) == ["a", "b"]
    assert elsewhere.read_bytes() == b"not ours"
    assert {path.name for path in folder.iterdir()} == {"9", "10", "notes", "007", "9" * 200}
