"""Carries operations out in batches, one batch at a time, whatever happens to those who asked.

While one batch is under way the next one gathers, so that under load a trip to the storage is
shared by many, and an idle store answers at once. Knows nothing of what an operation is.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import anyio

from osago_daemon.storage.port import StoreError
from osago_daemon.telemetry.bugs import report_bug

Op = TypeVar("Op")

MAX_BATCH = 500
"""So that nobody waits long for the others of a batch."""


class _Job(Generic[Op]):
    __slots__ = ("done", "op", "result")

    def __init__(self, op: Op, done: anyio.Event | None) -> None:
        self.op = op
        self.done = done
        self.result: object = None


class Pump(Generic[Op]):
    """Runs between `start` and the cancellation of its task."""

    def __init__(
        self,
        execute: Callable[[Sequence[Op]], Awaitable[Sequence[object]]],
        *,
        patience_s: float,
    ) -> None:
        """`execute` does a batch in order and gives a result each, or raises StoreError for all.

        A result that is an exception is raised where it was asked for. Who asks waits no longer
        than `patience_s`; what was asked for may be done all the same.
        """
        self._execute = execute
        self._patience_s = patience_s
        self._jobs: list[_Job[Op]] = []
        self._news = anyio.Event()
        self._idle = anyio.Event()

    async def do(self, op: Op) -> object:
        """The operation's result. Raises StoreError."""
        done = anyio.Event()
        job = _Job(op, done)
        self._add(job)
        with anyio.move_on_after(self._patience_s):
            await done.wait()
        if not done.is_set():
            raise StoreError(f"no answer within {self._patience_s:g} s")
        if isinstance(job.result, Exception):
            raise job.result
        return job.result

    def tell(self, op: Op) -> None:
        """Have it done some time soon, after what was asked before."""
        self._add(_Job(op, None))

    async def flushed(self) -> None:
        """Wait until nothing is left to do, no longer than the patience."""
        with anyio.move_on_after(self._patience_s):
            while self._jobs or not self._idle.is_set():
                await self._idle.wait()

    async def run(self) -> None:
        """Work for ever."""
        while True:
            if not self._jobs:
                self._news = anyio.Event()
                self._idle.set()
                await self._news.wait()
            if self._idle.is_set():  # else somebody may wait for it already
                self._idle = anyio.Event()
            batch, self._jobs = self._jobs[:MAX_BATCH], self._jobs[MAX_BATCH:]
            results: Sequence[object]
            try:
                results = await self._execute([job.op for job in batch])
            except StoreError as error:
                results = [error] * len(batch)
            except Exception as bug:  # noqa: BLE001  # nobody may wait for ever
                broken = StoreError(f"our own mistake, {report_bug(bug)} in the daemon's log")
                results = [broken] * len(batch)
            for job, result in zip(batch, results, strict=True):
                job.result = result
                if job.done is not None:
                    job.done.set()

    def _add(self, job: _Job[Op]) -> None:
        self._jobs.append(job)
        self._news.set()
