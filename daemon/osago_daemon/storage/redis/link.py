"""The way to Redis: batches of script calls, in order, and what is wrong when there is no way.

Once anything went wrong nothing more is sent until `open`: what was under way may have been done
or not, and only a new incarnation lets go of what may have been taken. Only what is wrong with the
data under an operation's keys is that operation's alone. Knows nothing of what the scripts do.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import anyio
import structlog
from anyio.abc import TaskGroup
from redis.exceptions import NoScriptError

from osago_daemon.storage.port import StoreError
from osago_daemon.storage.pump import Pump
from osago_daemon.storage.redis.address import RedisAddress
from osago_daemon.storage.redis.connect import Client, connect
from osago_daemon.storage.redis.mending import Execute, mend
from osago_daemon.storage.redis.requests import (
    Call,
    Command,
    Request,
    Text,
    by_sha,
    by_source,
)
from osago_daemon.storage.redis.scripts import ALL
from osago_daemon.storage.redis.timing import RedisTiming
from osago_daemon.storage.redis.trouble import TROUBLE, is_of_data, reason
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

CLOSED = "not open"


class _OneFailedError(StoreError):
    """What stands under its keys is in the way of one operation; Redis is well."""


class Link:
    """Sends requests between `open` and `close`, or the first trouble."""

    def __init__(
        self,
        address: RedisAddress,
        tasks: TaskGroup,
        timing: RedisTiming,
        failed: Callable[[StoreError], None],
    ) -> None:
        """`tasks` carries what runs while it is open; `failed` hears of each first trouble."""
        self._address = address
        self._tasks = tasks
        self._timing = timing
        self._failed = failed
        self._client: Client | None = None
        self._pump: Pump[Request] | None = None
        self._running: list[anyio.CancelScope] = []
        self.session = 0
        """Another one each time it is opened."""
        self.trouble = CLOSED
        """Why nothing can be sent; empty where it can."""

    @property
    def client(self) -> Client:
        """For what is no request. Raises StoreError while there is none."""
        if self._client is None:
            raise StoreError(self.trouble or CLOSED)
        return self._client

    async def open(self) -> None:
        """Connect anew. Raises StoreError."""
        await self.close()
        try:
            with anyio.fail_after(2 * self._timing.patience_s):
                self._client = await connect(self._address, self._timing)
                await self._load_scripts(self._client)
        except TROUBLE as error:
            await self._disconnect()
            self.trouble = reason(error)
            raise StoreError(self.trouble) from None
        self._pump = Pump(partial(self._send, self._client), patience_s=self._timing.patience_s)
        self.trouble = ""
        self.session += 1
        self.start(self._pump.run)

    def start(self, run: Callable[[], Any]) -> None:
        """Have this run until the link is closed or opened anew."""
        running = anyio.CancelScope()
        self._running.append(running)
        self._tasks.start_soon(self._run, run, running)

    async def flushed(self) -> None:
        """Wait until all is sent, as far as that goes."""
        if self._pump is not None and not self.trouble:
            await self._pump.flushed()

    async def close(self) -> None:
        """Let go of the connections; never raises StoreError."""
        self.trouble = self.trouble or CLOSED
        for running in self._running:
            running.cancel()
        self._running.clear()
        self._pump = None
        await self._disconnect()

    async def ask(self, request: Request) -> list[Any]:
        """A reply for each call. Raises StoreError, and mostly has trouble from then on."""
        if self.trouble or self._pump is None:
            raise StoreError(self.trouble or CLOSED)
        pump = self._pump
        try:
            return cast("list[Any]", await pump.do(request))
        except StoreError as error:
            if pump is self._pump and not isinstance(error, _OneFailedError):
                self.fail(str(error))
            raise

    def tell(self, *request: Call | Command) -> None:
        """Have it done after what was asked before; nothing where there is trouble."""
        if not self.trouble and self._pump is not None:
            self._pump.tell(request)

    def fail(self, why: str) -> None:
        """Send nothing more until it is opened again."""
        if not self.trouble:
            self.trouble = why
            self._failed(StoreError(why))

    async def _run(self, run: Callable[[], Any], running: anyio.CancelScope) -> None:
        with running:
            try:
                await run()
            except Exception as bug:  # noqa: BLE001  # the daemon lives on, without this store
                self.fail(f"an internal error, number {report_bug(bug)}")

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with anyio.CancelScope(shield=True), anyio.move_on_after(self._timing.reply_s):
                try:
                    await client.aclose()
                except TROUBLE:
                    return

    async def _load_scripts(self, client: Client) -> None:
        for script in ALL:
            await client.script_load(script.source)

    async def _send(self, client: Client, batch: Sequence[Request]) -> list[list[Any] | StoreError]:
        """See `Pump`. `client` is that of the time when this was asked, and of no other."""
        if client is not self._client:
            raise StoreError(CLOSED)
        if self.trouble:
            raise StoreError(self.trouble)
        calls = [call for request in batch for call in request]
        execute = partial(_execute, client)
        try:
            with anyio.fail_after(self._timing.patience_s):
                replies = await execute([by_sha(call) for call in calls])
                await _repeat_unknown(calls, replies, execute)
                await mend(calls, replies, execute)
        except TROUBLE as error:
            why = reason(error)
            if client is self._client:
                self.fail(why)
            raise StoreError(why) from None
        results = [_taken(replies, len(request)) for request in batch]
        for result in results:
            if isinstance(result, _OneFailedError):
                log.warning("store_operation_failed", reason=str(result))
            elif isinstance(result, StoreError):  # also of those that nobody waits for
                self.fail(str(result))
        return results


async def _execute(client: Client, commands: Sequence[Sequence[Text]]) -> list[Any]:
    if not commands:
        return []
    pipelines: Any = client  # their types differ in name only
    pipeline = pipelines.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    return list(await pipeline.execute(raise_on_error=False))


async def _repeat_unknown(
    calls: Sequence[Call | Command], replies: list[Any], execute: Execute
) -> None:
    """Send those scripts as a whole that this server does not know.

    It forgets them all together, so their order stays.
    """
    unknown = [n for n, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
    again = await execute([by_source(calls[n]) for n in unknown])
    for n, reply in zip(unknown, again, strict=True):
        replies[n] = reply


def _taken(replies: list[Any], count: int) -> list[Any] | StoreError:
    """The first `count` of them, which are gone from there then."""
    mine = replies[:count]
    del replies[:count]
    errors = [reply for reply in mine if isinstance(reply, Exception)]
    grave = [error for error in errors if not is_of_data(error)]
    if grave:
        return StoreError(reason(grave[0]))
    return _OneFailedError(reason(errors[0])) if errors else mine
