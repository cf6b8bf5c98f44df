"""Real processes on one folder."""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import anyio
import pytest

from osago_daemon.storage.port import Held, Taken

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

HERE = Path(__file__).parent
ROOT = HERE.parents[3]


class Peer:
    def __init__(self, folder, name, *what):
        self.process = subprocess.Popen(
            [sys.executable, HERE / "peer.py", folder, name, *map(str, what)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'daemon'}"},
            text=True,
        )

    def hears(self):
        return json.loads(self.process.stdout.readline())

    def go(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def key_of(key, number):
    return key._replace(fingerprint=f"{number:064}")


async def test_what_a_killed_process_held_is_free_at_once_and_its_journal_speaks(machine, key):
    store = await machine.opened()
    keys = [key_of(key, n) for n in range(20)]
    with Peer(machine.folder, "peer", "hold", 20) as peer:
        assert await anyio.to_thread.run_sync(peer.hears) == [1] * 20
        assert await store.claim(keys) == [Held(1)] * 20
        waited = []

        async def wait():
            waited.append(await store.wait(keys[0], 1))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            peer.process.kill()
            peer.process.wait()
            assert await store.claim(keys[1:]) == [Taken(2, b"created")] * 19
        assert waited == [None]
    await store.check()
    assert store.state().instances == 1


async def test_a_killed_process_that_starts_again_has_a_new_life(machine, key):
    store = await machine.opened()
    for token in (1, 2, 3):
        with Peer(machine.folder, "peer", "hold", 1) as peer:
            assert await anyio.to_thread.run_sync(peer.hears) == [token]
            assert await store.claim([key_of(key, 0)]) == [Held(token)]
            await store.check()
            assert store.state().instances == 2


def together(folder, *what):
    """Four that begin at once; what each of them says in the end."""
    with ExitStack() as running:
        peers = [running.enter_context(Peer(folder, f"peer{n}", *what)) for n in range(4)]
        assert [peer.hears() for peer in peers] == ["ready"] * 4
        for peer in peers:
            peer.go()
        said = [peer.hears() for peer in peers]
        for peer in peers:
            peer.go()
        return said


def test_four_processes_that_claim_the_same_keys_at_once_take_each_of_them_once(tmp_path):
    ours = together(tmp_path / "store", "race", 1000)
    assert sorted(one for each in ours for one in each) == [[n, 1] for n in range(1000)]


def test_four_processes_together_never_exceed_a_limit(tmp_path):
    most = 25
    places = [one for each in together(tmp_path / "store", "take", most) for one in each]
    assert len(places) == 4 * most, "the longer window"
    # A place is taken at some moment between two that its process saw.
    for begins, _ in places:
        surely = [1 for before, after in places if begins <= before and after < begins + 0.2]
        assert len(surely) <= most
