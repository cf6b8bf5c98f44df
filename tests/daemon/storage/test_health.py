"""The health file: whole or not at all, private, and never in the way of a quote."""

import json
import stat
from datetime import UTC, datetime

import pytest

from osago_daemon.storage.health import VERSION, HealthFile, HealthFileError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KNOWN = {"sever": {"breaker": {"state": "open"}}}


@pytest.fixture
def file(tmp_path):
    return HealthFile(tmp_path / "health.json")


def test_what_was_written_is_read(file):
    file.write({"kedr": {}}, NOW)
    file.write(KNOWN, NOW)
    assert file.read() == KNOWN


def test_nothing_is_known_before_anything_was_written(file):
    assert file.read() == {}


def test_nobody_else_can_read_it_and_no_draft_is_left(file):
    file.write(KNOWN, NOW)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert list(file.path.parent.iterdir()) == [file.path]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"version": 1, "insurers": {"sever": {"price": NaN}}}',
        b'{"version": 1, "insurers": {"sever": {"price": -Infinity}}}',
        b'{"version": 1}',
        b'{"version": 1, "insurers": []}',
        json.dumps({"version": VERSION + 1, "insurers": {}}).encode(),
    ],
)
def test_a_damaged_file_is_moved_aside_and_a_new_one_begins(file, content):
    file.path.write_bytes(content)
    with pytest.raises(HealthFileError, match=r"damaged; moved to .*health\.json\.broken"):
        file.read()
    assert file.path.with_name("health.json.broken").read_bytes() == content
    assert file.read() == {}
    file.write(KNOWN, NOW)
    assert file.read() == KNOWN


def test_a_folder_that_is_gone_is_an_error_of_its_own(tmp_path):
    file = HealthFile(tmp_path / "gone" / "health.json")
    assert file.read() == {}
    with pytest.raises(HealthFileError, match="No such file"):
        file.write(KNOWN, NOW)


def test_a_write_that_fails_leaves_the_old_file(file):
    file.write(KNOWN, NOW)
    with pytest.raises(ValueError, match="not JSON compliant"):
        file.write({"sever": float("nan")}, NOW)
    assert file.read() == KNOWN
