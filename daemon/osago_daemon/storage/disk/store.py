"""The store of the daemons of one machine: `Primary`, and what happens when it can't be used."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import anyio
from anyio import CapacityLimiter, to_thread

from osago_daemon.storage.disk.answers import SIZE_BYTES
from osago_daemon.storage.disk.batch import Batch, Heard
from osago_daemon.storage.disk.clocks import Clocks, boot_clock, boot_id
from osago_daemon.storage.disk.keeper import Asked, Keeper
from osago_daemon.storage.disk.session import Session
from osago_daemon.storage.disk.trouble import BrokenError
from osago_daemon.storage.disk.waiting import HOLDERS_S, POLL_S, Waiting
from osago_daemon.storage.disk.work import Op
from osago_daemon.storage.port import (
    Answer,
    Claim,
    Ending,
    Full,
    Kept,
    Key,
    Lease,
    Place,
    Rule,
    StoreError,
    StoreState,
    Usage,
    Word,
)
from osago_daemon.storage.pump import Pump

PATIENCE_S = 5.0
"""A storm's queue of 50,000 keys, or several batches that have to wait for another process."""

CLEAR_AT_ONCE = 1000
"""Answers: some hundredths of a second during which nobody else writes."""

CLEAR_REST_S = 0.005
"""Between two pieces of that, for those who try again every millisecond."""

T = TypeVar("T")


def new_number() -> int:
    """For lives and places."""
    return secrets.randbits(62)


class DiskStore:
    """One instance. Implements `Primary`; `run` it as long as it is used."""

    def __init__(  # noqa: PLR0913  # the clocks and paces are for tests
        self,
        folder: Path,
        name: str,
        *,
        clock: Callable[[], float] = boot_clock,
        wall_clock: Callable[[], float] = time.time,
        boot: Callable[[], str] = boot_id,
        number: Callable[[], int] = new_number,
        size_bytes: int = SIZE_BYTES,
        poll_s: float = POLL_S,
        holders_s: float = HOLDERS_S,
    ) -> None:
        """`folder` need not exist. No two processes use one `name` at once.

        `number`: one that nobody has had, below 2**63.
        """
        self._name = name
        self._clocks = Clocks(clock, wall_clock, boot)
        self._keeper = Keeper(folder, name, self._clocks, number=number, size_bytes=size_bytes)
        self._thread = CapacityLimiter(1)
        self._aside = CapacityLimiter(1)
        self._pump: Pump[Asked] = Pump(self._execute, patience_s=PATIENCE_S)
        self._waiting = Waiting(self._look, self._look_again, poll_s=poll_s, holders_s=holders_s)
        self._state = StoreState("disk", str(folder), 0, wall_clock(), "not open")

    @property
    def _session(self) -> Session | None:
        return self._keeper.session

    async def run(self) -> None:
        """Work for ever; begun before or after `open`, ended after `close`."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._pump.run)
            tasks.start_soon(self._waiting.run)

    async def open(self) -> None:
        """See `Primary`."""
        with anyio.CancelScope(shield=True):
            try:
                instances = await self._in_thread(self._keeper.begin)
            except StoreError as error:
                self._away(str(error))
                raise
        self._state = StoreState("disk", self._state.place, instances)

    async def check(self) -> None:
        """See `Primary`."""
        try:
            with anyio.CancelScope(shield=True):  # past the queue, which may be long in a storm
                instances = await self._in_thread(self._keeper.check)
        except StoreError as error:
            self._away(str(error))
            with anyio.CancelScope(shield=True):
                await self._in_thread(self._keeper.drop)
            raise
        self._state = self._state._replace(instances=instances)

    async def close(self) -> None:
        """See `Primary`."""
        if self._session is not None:
            await self._pump.flushed()
        with anyio.CancelScope(shield=True):
            await self._in_thread(self._keeper.leave)
        self._away("closed")

    async def claim(self, keys: Sequence[Key], *, fresh: bool = False) -> list[Claim]:
        """See `Calls`."""
        return await self._do(lambda batch: batch.claim(keys, fresh=fresh))

    async def peek(self, keys: Sequence[Key]) -> list[Answer | None]:
        """See `Calls`."""
        return await self._do(lambda batch: batch.peek(keys))

    async def note(self, lease: Lease, entry: bytes) -> bool:
        """See `Calls`."""
        return await self._do(lambda batch: batch.note(lease, entry))

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """See `Calls`."""
        return await self._do(lambda batch: batch.finish(lease, ending))

    def release(self, lease: Lease) -> None:
        """See `Calls`."""
        self._tell(lambda batch: batch.release(lease))

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls`."""
        return await self._waiting.wait(key, token)

    async def take_place(
        self, insurer: str, rules: Sequence[Rule], arrival_s: float
    ) -> Place | Full:
        """See `Windows`."""
        return await self._do(lambda batch: batch.take_place(insurer, rules, arrival_s))

    def end_place(self, place: Place) -> None:
        """See `Windows`."""
        at = self._clocks.now()  # not when its batch comes
        self._tell(lambda batch: batch.end_place(place, at))

    def drop_place(self, place: Place) -> None:
        """See `Windows`."""
        self._tell(lambda batch: batch.drop_place(place))

    def pause(self, insurer: str, for_s: float) -> None:
        """See `Windows`."""
        until = self._clocks.now() + for_s
        self._tell(lambda batch: batch.pause(insurer, until))

    def resume(self, insurer: str) -> None:
        """See `Windows`."""
        self._tell(lambda batch: batch.resume(insurer))

    async def usage(self, rules: Mapping[str, Sequence[Rule]]) -> dict[str, Usage]:
        """See `Windows`."""
        return await self._do(lambda batch: batch.usage(rules))

    async def add_places(self, insurer: str, ended_s_ago: Sequence[float]) -> None:
        """See `Windows`."""
        now = self._clocks.now()
        ends = [now - ago_s for ago_s in ended_s_ago]
        await self._do(lambda batch: batch.add_places(insurer, ends))

    async def put(self, name: str, value: bytes, keep_s: float) -> None:
        """See `Notes`."""
        await self._do(lambda batch: batch.put(name, value, keep_s))

    async def get(self, names: Sequence[str]) -> list[bytes | None]:
        """See `Notes`."""
        return await self._do(lambda batch: batch.get(names))

    async def clear(self, insurer: str | None) -> int:
        """See `Store`."""
        rows = await self._beside(self._keeper.find_rows, insurer)
        removed = 0
        for start in range(0, len(rows), CLEAR_AT_ONCE):
            piece = rows[start : start + CLEAR_AT_ONCE]
            removed += await self._do(partial(Batch.remove, rows=piece, insurer=insurer))
            await anyio.sleep(CLEAR_REST_S)
        with anyio.CancelScope(shield=True):
            await self._in_thread(self._keeper.trim)
        return removed

    async def kept(self) -> list[Kept]:
        """See `Store`."""
        return await self._beside(self._keeper.count)

    def state(self) -> StoreState:
        """See `Store`."""
        return self._state

    async def _look(self, calls: Sequence[tuple[Key, int]], holders: bool) -> list[Heard]:  # noqa: FBT001  # as `Waiting` calls it
        return await self._do(lambda batch: batch.look(calls, holders=holders))

    async def _look_again(self, calls: Sequence[tuple[Key, int]]) -> list[Heard]:
        return await self._do(lambda batch: batch.look_again(calls))

    async def _do(self, op: Callable[[Batch], T]) -> T:
        session = self._there()
        return cast(T, await self._pump.do(Asked(op, session)))

    def _tell(self, op: Op) -> None:
        if self._session is not None:
            self._pump.tell(Asked(op, self._session))

    async def _execute(self, asked: Sequence[Asked]) -> Sequence[object]:
        try:
            results, ended = await self._in_thread(self._keeper.answer, asked)
        except StoreError as error:  # it is broken, and was moved aside
            self._away(str(error))
            raise
        if ended:
            self._waiting.nudge()
        return results

    async def _in_thread(self, call: Callable[..., T], *args: object) -> T:
        return await to_thread.run_sync(call, *args, limiter=self._thread)

    async def _beside(self, call: Callable[..., T], *args: object) -> T:
        """For what takes long and writes nothing."""
        session = self._there()
        try:
            return await to_thread.run_sync(call, *args, limiter=self._aside)
        except BrokenError as error:
            with anyio.CancelScope(shield=True):
                await self._in_thread(self._keeper.lost, session, error)
            if self._session is None:
                self._away(str(error))
            raise

    def _there(self) -> Session:
        session = self._session
        if session is None:  # perhaps since just now, and nobody has said why yet
            raise StoreError(self._state.reason or "the store has just gone away")
        return session

    def _away(self, reason: str) -> None:
        since = self._state.away_since
        self._state = self._state._replace(
            away_since=self._clocks.wall() if since is None else since, reason=reason
        )
        self._waiting.nudge()  # who waits hears that there is nothing to wait for
