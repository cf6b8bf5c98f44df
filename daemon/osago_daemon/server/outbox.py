"""What one client is still to be told.

Answers are few and wait in a short queue; events are never queued at all: a watch is a position in
a run's log, read when the socket has room. So a slow client costs no memory, and neither answers
nor events are lost or overtaken.
"""

from collections import deque
from collections.abc import Awaitable, Callable

import anyio

from osago_daemon.quoting.run import Run

MAX_ANSWERS = 64
"""A client that sends on without reading its answers is not read from beyond this."""

BATCH_BYTES = 64 * 1024
"""One write; about what a Unix socket takes without waiting."""


class Watch:
    """One client's position in one run."""

    __slots__ = ("_wake", "run", "seq")

    def __init__(self, run: Run, after_seq: int, wake: Callable[["Watch"], None]) -> None:
        """`wake` is called whenever there may be something to read."""
        self.run = run
        self.seq = min(after_seq, run.seq)
        self._wake = wake
        run.watch(self, lambda: wake(self))

    @property
    def at_end(self) -> bool:
        """Whether the run is over and everything of it was read."""
        return self.run.done is not None and self.seq >= self.run.seq

    def take(self, room_bytes: int) -> bytes:
        """The next events, one at least if there is any, up to about `room_bytes`."""
        taken: list[bytes] = []
        while room_bytes > 0 and self.seq < self.run.seq:
            line = self.run.lines[self.seq]
            self.seq += 1
            room_bytes -= len(line)
            taken.append(line)
        return b"".join(taken)

    def stop(self) -> None:
        """Read no more."""
        self.run.unwatch(self)


class Outbox:
    """Everything one client is to be told, in order: answers first, then its runs in turn."""

    def __init__(self) -> None:
        """Nothing to tell yet."""
        self._answers: deque[bytes] = deque()
        self._watches: dict[str, Watch] = {}
        self._ready: dict[Watch, None] = {}
        self._news = anyio.Event()
        self._room = anyio.Event()
        self._ending = False
        self._given_up = False

    async def answer(self, line: bytes) -> None:
        """Put an answer in line; waits while the client leaves too many unread."""
        while len(self._answers) >= MAX_ANSWERS and not self._given_up:
            self._room = anyio.Event()
            await self._room.wait()
        self._answers.append(line)
        self._news.set()

    def give_up(self) -> None:
        """Nobody takes what is told here; nobody needs to wait for room either."""
        self._given_up = True
        self._room.set()

    def follow(self, run: Run, after_seq: int) -> None:
        """Tell every event of the run after `after_seq`; a second time starts anew from there."""
        if previous := self._watches.pop(run.id, None):
            self._drop(previous)
        watch = Watch(run, after_seq, self._wake)
        self._watches[run.id] = watch
        self._wake(watch)

    def end_when_told(self) -> None:
        """Nothing more will be asked: the pump may end once everything is told."""
        self._ending = True
        self._news.set()

    def close(self) -> None:
        """Forget all watches; their runs go on."""
        for watch in self._watches.values():
            self._drop(watch)
        self._watches.clear()

    async def pump(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Write whenever there is something, until told to end and all is told."""
        while True:
            self._news = anyio.Event()
            if batch := self._take():
                await send(batch)
            elif self._ending and not self._watches:
                return
            else:
                await self._news.wait()

    def _take(self) -> bytes:
        parts = list(self._answers)
        self._answers.clear()
        self._room.set()
        room = BATCH_BYTES
        while self._ready and room > 0:
            watch = next(iter(self._ready))
            del self._ready[watch]
            part = watch.take(room)
            room -= len(part)
            parts.append(part)
            if watch.at_end:
                self._drop(watch)
                del self._watches[watch.run.id]
            elif watch.seq < watch.run.seq:
                self._ready[watch] = None  # to the end of the line: runs take turns
        return b"".join(parts)

    def _wake(self, watch: Watch) -> None:
        if watch not in self._ready:
            self._ready[watch] = None
            self._news.set()

    def _drop(self, watch: Watch) -> None:
        watch.stop()
        self._ready.pop(watch, None)
