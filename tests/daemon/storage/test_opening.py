"""The store that `--store` names, opened as the daemon opens it."""

import sys

import anyio
import pytest

from osago_daemon.storage.address import DiskAddress
from osago_daemon.storage.errors import StoreRefusedError
from osago_daemon.storage.opening import instance_name, open_store
from osago_daemon.storage.port import Answer, Ending, Key, Lease
from osago_daemon.storage.seal import Seal
from tests.support.processes import CLEAN

pytestmark = pytest.mark.anyio

KEY = Key("sever", "2027-01-15", "f" * 64)
LATER = 4_000_000_000.0


async def test_what_one_daemon_kept_the_next_one_reads(tmp_path):
    address, seal = DiskAddress(tmp_path / "store"), Seal(b"ours")
    async with open_store(address, "one", seal) as store:
        (taken,) = await store.claim([KEY])
        await store.finish(
            Lease(KEY, taken.token, LATER), Ending(answer=b"yes", answer_ends_at=LATER)
        )
    async with open_store(address, "two", seal) as store:
        (kept,) = await store.claim([KEY])
    assert isinstance(kept, Answer)
    assert kept.value == b"yes"


async def test_a_folder_of_another_secret_is_refused_in_words_for_its_administrator(tmp_path):
    address = DiskAddress(tmp_path / "store")
    async with open_store(address, "one", Seal(b"ours")):
        pass
    with pytest.raises(StoreRefusedError, match=r"fingerprint\.key"):
        async with open_store(address, "two", Seal(b"theirs")):
            pytest.fail("it was opened")


async def test_a_folder_that_can_not_be_used_is_away_and_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    address = DiskAddress(tmp_path / "file" / "store")
    async with open_store(address, "one", Seal(b"ours")) as store:
        assert store.state().away_since is not None
        await store.claim([KEY])


def test_a_daemon_has_its_name_from_its_socket(tmp_path):
    names = {instance_name(tmp_path / name) for name in ("a.sock", "b.sock", "a.sock")}
    assert len(names) == 2


async def test_the_library_of_another_store_is_not_loaded():
    code = (
        "import sys; from osago_daemon.storage import opening, address; "
        "address.parse('redis://host', __import__('pathlib').Path('/')); "
        "print(sorted(sys.modules.keys() & {'redis', 'diskcache'}))"
    )
    program = [sys.executable, "-c", code]
    done = await anyio.run_process(program, env=CLEAN)
    assert done.stdout == b"['diskcache']\n"
