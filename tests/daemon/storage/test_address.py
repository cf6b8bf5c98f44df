"""What `--store` may say."""

from pathlib import Path

import pytest

from osago_daemon.storage.address import DiskAddress, MemoryAddress, parse
from osago_daemon.storage.redis.address import RedisAddress

STATE = Path("/var/lib/osago")


@pytest.mark.parametrize("text", [None, "", "disk", "disk:"])
def test_nothing_said_is_a_folder_of_the_state_directory(text):
    assert parse(text, STATE) == DiskAddress(STATE / "store")


def test_a_folder_may_be_anywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/agent")
    assert parse("disk:/srv/a b", STATE) == DiskAddress(Path("/srv/a b"))
    assert parse("disk:here", STATE) == DiskAddress(tmp_path / "here")
    assert parse("disk:~/store", STATE) == DiskAddress(Path("/home/agent/store"))


def test_memory_and_redis():
    assert parse("memory", STATE) == MemoryAddress()
    assert isinstance(parse("rediss://user:word@host:1/2", STATE), RedisAddress)


@pytest.mark.parametrize(
    "text", ["redis", "store", "/srv/store", "http://host", "redis://:s3cr3t@host:port", "file:/x"]
)
def test_anything_else_says_what_there_is_and_no_password(text):
    with pytest.raises(ValueError, match=r"^--store: .*[Rr]edis") as caught:
        parse(text, STATE)
    assert "s3cr3t" not in str(caught.value)
