"""Has the session, begins and ends it, and moves aside what turns out to be broken.

All of it in one thread at a time, but for what looks at every row. Knows nothing of those who ask.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, cast

import structlog

from osago_daemon.storage.disk.batch import Batch
from osago_daemon.storage.disk.clocks import Clocks
from osago_daemon.storage.disk.counting import count_kept, find_rows
from osago_daemon.storage.disk.folder import Folder, Identity
from osago_daemon.storage.disk.session import Session, begin
from osago_daemon.storage.disk.trouble import BrokenError, as_store_error
from osago_daemon.storage.disk.work import Op, work
from osago_daemon.storage.port import Kept, StoreError

log = structlog.get_logger(__name__)

_AWAY = "asked before the store went away"


class Asked(NamedTuple):
    """An operation, and the life in which it was asked for: it is for no other.

    A lease that an earlier one asked for would be ours, with nobody to end it.
    """

    op: Op
    session: Session


class Keeper:
    """Of one instance. Everything raises StoreError, but for bugs."""

    def __init__(
        self,
        folder: Path,
        name: str,
        clocks: Clocks,
        *,
        number: Callable[[], int],
        size_bytes: int,
    ) -> None:
        """As `DiskStore` is told."""
        self.session: Session | None = None
        self._folder = Folder(folder.absolute())
        self._name = name
        self._clocks = clocks
        self._number = number
        self._size_bytes = size_bytes

    def begin(self) -> int:
        """A new life; how many instances live. What is broken is moved aside, and told."""
        self.drop()
        files: tuple[Identity, ...] = ()
        try:
            with as_store_error():
                self._folder.prepare()
                files = self._folder.identities()
                self.session = begin(
                    self._folder,
                    self._name,
                    self._clocks,
                    number=self._number,
                    size_bytes=self._size_bytes,
                    files=files,
                )
                return self.session.living()
        except BrokenError as error:
            self.drop()
            self._move_aside(files, error)
            raise

    def answer(self, asked: Sequence[Asked]) -> tuple[list[object], bool]:
        """A result or an exception each, and whether a call was ended.

        Raises StoreError where the store turned out to be broken.
        """
        results: list[object] = [StoreError(_AWAY)] * len(asked)
        ours = [at for at, one in enumerate(asked) if one.session is self.session]
        if not ours:
            return results, False
        done, ended = self._work([asked[at].op for at in ours])
        for at, result in zip(ours, done, strict=True):
            results[at] = result
        return results, ended

    def check(self) -> int:
        """Show that we live; how many instances do."""
        (result,), _ = self._work([Batch.check])
        if isinstance(result, Exception):
            raise result
        return cast(int, result)

    def count(self) -> list[Kept]:
        """What is kept, on connections of its own. In any thread."""
        with as_store_error():
            return count_kept(self._folder, self._clocks.wall())

    def find_rows(self, insurer: str | None) -> list[int]:
        """Which answers `Batch.remove` is to be given; the same."""
        with as_store_error():
            return find_rows(self._folder, insurer)

    def trim(self) -> None:
        """Give room back, if that goes just now."""
        if self.session is not None:
            with suppress(StoreError), as_store_error():  # it shows again with the next operation
                self.session.answers.trim()

    def leave(self) -> None:
        """Give everything back as far as that goes."""
        session, self.session = self.session, None
        if session is not None:
            try:
                session.leave()
            except StoreError as error:
                log.warning("store_not_left", reason=str(error))

    def drop(self) -> None:
        """Give nothing back."""
        session, self.session = self.session, None
        if session is not None:
            session.drop()

    def lost(self, session: Session, error: StoreError) -> None:
        """It is broken, unless it is over anyway."""
        if self.session is session:
            self.drop()
            self._move_aside(session.files, error)

    def _work(self, ops: Sequence[Op]) -> tuple[list[object], bool]:
        session = self.session
        if session is None:
            raise StoreError("not open")
        try:
            with as_store_error():
                return work(session, ops)
        except BrokenError as error:
            self.lost(session, error)
            raise

    def _move_aside(self, files: tuple[Identity, ...], error: StoreError) -> None:
        target = self._folder.move_aside(files, self._clocks.wall())
        if target is not None:
            log.error("store_moved_aside", to=str(target), reason=str(error))
