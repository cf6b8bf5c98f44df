"""Everything that is open between `open` and `close`: the lock of our name, the two databases."""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from osago_daemon.storage.disk.answers import Answers
from osago_daemon.storage.disk.calls import Calls
from osago_daemon.storage.disk.clocks import Clocks
from osago_daemon.storage.disk.folder import Folder, Identity
from osago_daemon.storage.disk.instances import Life, Me
from osago_daemon.storage.disk.schema import begin as begin_writing
from osago_daemon.storage.disk.schema import connect, follow_clock, prepare
from osago_daemon.storage.disk.trouble import as_store_error, making_sense
from osago_daemon.storage.port import StoreError


@dataclass(slots=True)
class Session:
    """One life of an instance. For one thread at a time."""

    folder: Folder
    me: Me
    clocks: Clocks
    number: Callable[[], int]
    life: Life
    state: sqlite3.Connection
    answers: Answers
    files: tuple[Identity, ...]
    """Which files the databases are."""
    open: ExitStack
    seen_version: int = -1
    """Of `state.db`, when all calls that are waited for were looked at."""

    def check_files(self) -> None:
        """Raises StoreError where others would no longer meet us in this folder."""
        if self.folder.identities() != self.files or not self.life.lasts():
            raise StoreError("the folder was moved or replaced")

    def living(self) -> int:
        """How many instances there are, this one included."""
        (count,) = self.state.execute("SELECT count(*) FROM instances").fetchone()
        return int(count)

    def leave(self) -> None:
        """Give everything back. Raises StoreError; the session is closed all the same."""
        with as_store_error(), self.open:
            begin_writing(self.state)
            Calls(self.state, self.me).release_mine()
            self.state.execute("DELETE FROM instances WHERE name = ? AND incarnation = ?", self.me)
            self.state.execute("COMMIT")

    def drop(self) -> None:
        """Close everything, giving nothing back: as if the process had ended."""
        with as_store_error():
            self.open.close()


def begin(  # noqa: PLR0913  # it brings together what is given
    folder: Folder,
    name: str,
    clocks: Clocks,
    *,
    number: Callable[[], int],
    size_bytes: int,
    files: tuple[Identity, ...],
) -> Session:
    """A new life, in a folder that is prepared. Raises what may come up."""
    me = Me(name, f"{number():x}")
    with ExitStack() as opened:
        life = Life(folder.instances, name)
        life.enter()
        opened.callback(life.leave)
        state = connect(folder.state)
        opened.callback(state.close)
        with making_sense():
            answers = Answers(folder.answers, size_bytes)
            opened.callback(answers.close)
            _register(state, me, clocks)
        session = Session(
            folder,
            me,
            clocks,
            number=number,
            life=life,
            state=state,
            answers=answers,
            files=files,
            open=ExitStack(),
        )
        session.check_files()
        session.open = opened.pop_all()
        return session


def _register(state: sqlite3.Connection, me: Me, clocks: Clocks) -> None:
    begin_writing(state)
    prepare(state)
    follow_clock(state, boot_id=clocks.boot_id(), now=clocks.now(), wall=clocks.wall())
    Calls(state, me).release_all()
    state.execute("REPLACE INTO instances VALUES (?, ?)", me)
    state.execute("COMMIT")
