"""The folder itself: whose it is, what lies in it, and how a broken one is moved aside."""

import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from osago_daemon.storage.port import StoreError

_OTHERS_WRITE = 0o022
_OTHERS = 0o077
_GUARD_S = 1.0


class Identity(NamedTuple):
    """Which file it is, whatever it is called."""

    device: int
    inode: int


class Folder:
    """Names the files in it. Everything raises OSError where it can't."""

    def __init__(self, path: Path) -> None:
        """`path` is where the store is or will be; the folder above it may be missing as well."""
        self.path = path
        self.state = path / "state.db"
        self.answers = path / "answers"
        self.answers_db = self.answers / "cache.db"
        self.instances = path / "instances"

    def prepare(self) -> None:
        """Make what is missing, for us alone. Raises StoreError where it is not ours alone."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700, exist_ok=True)
        _own(self.path)
        for folder in (self.answers, self.instances):
            folder.mkdir(mode=0o700, exist_ok=True)
            _make_private(folder)
        for file in (self.state, self.answers_db):
            # SQLite would make them readable to all; what it puts beside them it makes like them.
            with suppress(FileExistsError):
                os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            _make_private(file)
        for folder in (self.path, self.answers, self.instances):
            _refuse_links(folder)

    def identities(self) -> tuple[Identity, ...]:
        """Which files they are now; changes when the folder is replaced."""
        return identity(self.state), identity(self.answers_db)

    def move_aside(self, seen: tuple[Identity, ...], wall_s: float) -> Path | None:
        """Out of the way, if it is still the one that was `seen`; None: somebody else did it.

        Raises StoreError. However many processes see it at once, one of them moves it once.
        """
        try:
            with FileLock(f"{self.path}.lock", timeout=_GUARD_S, mode=0o600):
                return self._move_aside(seen, wall_s)
        except Timeout:
            raise StoreError("the database is broken; somebody else is moving it aside") from None
        except OSError:
            raise StoreError("the database is broken and can't be moved aside") from None

    def _move_aside(self, seen: tuple[Identity, ...], wall_s: float) -> Path | None:
        try:
            if self.identities() != seen:
                return None
        except FileNotFoundError:
            return None
        stamp = datetime.fromtimestamp(wall_s, UTC).strftime("%Y%m%dT%H%M%SZ")
        target = self.path.with_name(f"{self.path.name}.broken-{stamp}")
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{self.path.name}.broken-{stamp}-{number}")
        return self.path.rename(target)


def identity(path: Path) -> Identity:
    """Without opening it: whoever closes a database's file gives up SQLite's locks on it."""
    there = path.lstat()
    return Identity(there.st_dev, there.st_ino)


def _own(folder: Path) -> None:
    """Ours; it may be a link of ours to one that is, whose mode is then not for us to change."""
    if not folder.is_symlink():
        _make_private(folder)
        return
    for there in (folder.lstat(), folder.stat()):
        _expect_ours(folder, there, mode=0 if stat.S_ISLNK(there.st_mode) else there.st_mode)


def _make_private(path: Path) -> None:
    """Never what a link leads to: it may be anything."""
    # Not opened in earnest: whoever closes a database's file gives up SQLite's locks on it.
    file = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        there = os.fstat(file)
        if stat.S_ISLNK(there.st_mode):
            raise _link(path)
        _expect_ours(path, there, mode=there.st_mode)
        if there.st_mode & _OTHERS:
            Path(f"/proc/self/fd/{file}").chmod(there.st_mode & 0o700)
    finally:
        os.close(file)


def _expect_ours(path: Path, there: os.stat_result, *, mode: int) -> None:
    if there.st_uid != os.geteuid():
        raise StoreError(f"{path.name} belongs to another user")
    if mode & _OTHERS_WRITE:
        raise StoreError(f"others may write to {path.name}")


def _refuse_links(folder: Path) -> None:
    with os.scandir(folder) as there:
        for one in there:
            if one.is_symlink():
                raise _link(Path(one.path))


def _link(path: Path) -> StoreError:
    return StoreError(f"{path.name} is a symbolic link")
