"""Whose the folder is, and that it is not taken for ours when it is not."""

import os
import stat

import pytest

from osago_daemon.storage.disk.folder import Folder
from osago_daemon.storage.port import Ending, StoreError

pytestmark = pytest.mark.anyio


def modes(folder):
    there = [folder, *folder.rglob("*")]
    return {stat.S_IMODE(path.stat().st_mode) for path in there if path.is_dir()}, {
        stat.S_IMODE(path.stat().st_mode) for path in there if path.is_file()
    }


async def test_everything_in_it_is_for_its_owner_alone_whatever_the_umask(machine, key):
    before = os.umask(0)
    try:
        store = await machine.opened()
        lease = await machine.taken(store, key)
        await store.finish(lease, Ending(b"answer", machine.wall + 10))
        assert modes(machine.folder) == ({0o700}, {0o600})
    finally:
        os.umask(before)


async def test_what_others_could_read_is_closed_to_them(machine):
    store = await machine.opened()
    await store.close()
    machine.folder.chmod(0o755)
    (machine.folder / "state.db").chmod(0o644)
    await store.open()
    assert modes(machine.folder) == ({0o700}, {0o600})


@pytest.mark.parametrize("part", [".", "answers", "instances", "state.db", "answers/cache.db"])
async def test_what_others_can_write_is_refused(part, machine):
    store = await machine.opened()
    await store.close()
    (machine.folder / part).chmod(0o770)
    with pytest.raises(StoreError, match="others may write"):
        await store.open()
    assert "others may write" in store.state().reason
    (machine.folder / part).chmod(0o700)
    await store.open()
    assert store.state().away_since is None


async def test_a_folder_of_another_user_is_refused(machine, monkeypatch):
    store = await machine.opened()
    await store.close()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(StoreError, match="belongs to another user"):
        await store.open()


async def test_a_folder_that_can_t_be_made_is_a_reason_not_a_crash(machine, tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = machine.store(folder=tmp_path / "file" / "store")
    with pytest.raises(StoreError):
        await store.open()
    assert store.state().away_since == machine.wall


async def test_a_folder_that_was_moved_away_is_noticed_and_a_new_one_begun(machine, key):
    store = await machine.opened()
    await store.check()
    machine.folder.rename(machine.folder.with_name("elsewhere"))
    with pytest.raises(StoreError):
        await store.check()
    with pytest.raises(StoreError):
        await store.claim([key])
    await store.open()
    await store.check()
    assert (await machine.taken(store, key)).token == 1


async def test_a_lock_file_that_was_removed_is_noticed(machine):
    store = await machine.opened()
    (machine.folder / "instances" / "one.lock").unlink()
    with pytest.raises(StoreError):
        await store.check()


def test_only_the_folder_that_was_seen_is_moved_aside(tmp_path):
    folder = Folder(tmp_path / "store")
    folder.prepare()
    seen = folder.identities()
    target = folder.move_aside(seen, 1_800_000_000.0)
    assert target == tmp_path / "store.broken-20270115T080000Z"
    assert folder.move_aside(seen, 1_800_000_000.0) is None
    folder.prepare()
    assert folder.move_aside(seen, 1_800_000_000.0) is None
    again = folder.move_aside(folder.identities(), 1_800_000_000.0)
    assert again == tmp_path / "store.broken-20270115T080000Z-2"


async def test_a_path_that_diskcache_would_read_otherwise_is_refused(
    machine, tmp_path, monkeypatch
):
    monkeypatch.setenv("SOMEWHERE", "elsewhere")
    store = machine.store(folder=tmp_path / "$SOMEWHERE")
    with pytest.raises(StoreError, match="variable"):
        await store.open()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    "part", ["answers", "instances", "state.db", "answers/cache.db", "state.db-wal"]
)
async def test_a_link_inside_is_refused_and_what_it_leads_to_is_left_alone(part, machine, tmp_path):
    store = await machine.opened()
    await store.close()
    there = machine.folder / part
    target = tmp_path / "target"
    if there.is_dir():
        there.rename(tmp_path / "away")
        target.mkdir()
    else:
        there.unlink(missing_ok=True)
        target.write_text("precious")
    target.chmod(0o755)
    there.symlink_to(target)
    with pytest.raises(StoreError, match="is a symbolic link"):
        await store.open()
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert target.is_dir() or target.read_text() == "precious"


async def test_a_dangling_link_inside_makes_nothing_elsewhere(machine, tmp_path):
    machine.folder.mkdir(mode=0o700)
    (machine.folder / "state.db").symlink_to(tmp_path / "elsewhere")
    store = machine.store()
    with pytest.raises(StoreError, match="is a symbolic link"):
        await store.open()
    assert not (tmp_path / "elsewhere").exists()


async def test_a_link_to_a_folder_of_ours_is_followed_and_its_mode_left_alone(
    machine, tmp_path, key
):
    target = tmp_path / "target"
    target.mkdir(mode=0o755)
    machine.folder.symlink_to(target)
    store = await machine.opened()
    assert (await machine.taken(store, key)).token == 1
    assert stat.S_IMODE(target.stat().st_mode) == 0o755


@pytest.mark.parametrize("bad", ["others may write", "belongs to another user"])
async def test_a_link_to_a_folder_that_is_not_ours_alone_is_refused(bad, machine, tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    if bad == "others may write":
        target.chmod(0o777)
    elif os.geteuid() == 0:
        os.chown(target, 12345, 12345)
    else:
        pytest.skip("only root gives files away")
    machine.folder.symlink_to(target)
    store = machine.store()
    with pytest.raises(StoreError, match=bad):
        await store.open()
    assert list(target.iterdir()) == []
