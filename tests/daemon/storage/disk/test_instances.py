"""A name is locked by who bears it, and whoever looks disturbs nobody."""

import subprocess
import sys
from contextlib import contextmanager

import anyio
import pytest

from osago_daemon.storage.disk import instances
from osago_daemon.storage.disk.instances import Life, lock_path
from osago_daemon.storage.port import Held, StoreError

pytestmark = pytest.mark.anyio


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(instances, "ENTER_S", 0.05)


@pytest.mark.usefixtures("soon")
def test_two_lives_under_one_name_exclude_each_other_in_one_process_as_well(tmp_path):
    one, two = Life(tmp_path, "name"), Life(tmp_path, "name")
    one.enter()
    with pytest.raises(StoreError, match="another daemon"):
        two.enter()
    one.leave()
    two.enter()
    assert two.lasts()
    assert not one.lasts()


def test_names_that_are_no_file_names_have_files_of_their_own(tmp_path):
    names = ["plain", "machine:/run/a.sock", "machine:/run/b.sock", "../up", "..", "", "я" * 200]
    paths = {lock_path(tmp_path, name) for name in names}
    assert len(paths) == len(names)
    assert {path.parent for path in paths} == {tmp_path}
    assert all(len(path.name) < 100 for path in paths)


@pytest.mark.usefixtures("soon")
async def test_a_second_one_of_the_same_name_is_refused_and_the_first_goes_on(machine, key):
    store = await machine.opened()
    lease = await machine.taken(store, key)
    second = machine.store()
    with pytest.raises(StoreError, match="another daemon"):
        await second.open()
    await store.check()
    assert await store.note(lease, b"entry")


async def test_being_looked_at_all_the_time_keeps_nobody_from_opening(machine, key):
    store, other = await machine.opened(), await machine.opened("other")
    await machine.taken(other, key)
    path = lock_path(machine.folder / "instances", "other")
    with looking_at(path):
        for _ in range(5):
            await other.open()
            lease = await machine.taken(other, key)
            assert await store.claim([key]) == [Held(lease.token)]


@contextmanager
def looking_at(path):
    """Another process does nothing else."""
    look = (
        "import fcntl, sys\n"
        "print(flush=True)\n"
        "while True:\n"
        "    with open(sys.argv[1]) as file:\n"
        "        try:\n"
        "            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)\n"
        "        except BlockingIOError:\n"
        "            pass\n"
    )
    looking = subprocess.Popen([sys.executable, "-c", look, path], stdout=subprocess.PIPE)
    try:
        looking.stdout.readline()
        yield
    finally:
        looking.kill()
        looking.communicate()


async def test_who_was_struck_off_the_register_takes_nothing_more(machine, key):
    store, other = await machine.opened(), await machine.opened("other")
    store._session.life.leave()
    await other.check()
    assert other.state().instances == 1
    with pytest.raises(StoreError, match="taken for dead"):
        await store.claim([key])
    with anyio.fail_after(10):
        await store.open()
    assert (await machine.taken(store, key)).token == 1
    await other.check()
    assert other.state().instances == 2
