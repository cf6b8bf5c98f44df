"""The store of several machines: one Redis, Sentinel or Cluster, or what speaks as they do.

Atomic by scripts, on the server's time. Knows nothing of what is kept; whoever calls has sealed it.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from anyio.abc import TaskGroup
from redis.exceptions import ResponseError

from osago_daemon.storage.errors import StoreRefusedError
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
from osago_daemon.storage.redis import names
from osago_daemon.storage.redis.address import RedisAddress
from osago_daemon.storage.redis.calls import RedisCalls
from osago_daemon.storage.redis.instance import Instance
from osago_daemon.storage.redis.kept import RedisKept
from osago_daemon.storage.redis.link import Link
from osago_daemon.storage.redis.listener import Listener
from osago_daemon.storage.redis.moments import Clock
from osago_daemon.storage.redis.notes import RedisNotes
from osago_daemon.storage.redis.requests import Call
from osago_daemon.storage.redis.scripts import SEAL
from osago_daemon.storage.redis.timing import RedisTiming
from osago_daemon.storage.redis.trouble import TROUBLE
from osago_daemon.storage.redis.waits import Waits
from osago_daemon.storage.redis.windows import RedisWindows

log = structlog.get_logger(__name__)


def _new_id() -> str:
    return secrets.token_hex(4)


class RedisStore:
    """Implements `Primary`. Of each operation see there."""

    def __init__(  # noqa: PLR0913  # the address and the name; the rest has its defaults
        self,
        address: RedisAddress,
        name: str,
        *,
        seal_check: str,
        tasks: TaskGroup,
        timing: RedisTiming | None = None,
        clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        """`name` is this machine's and daemon's; no two that live share one.

        `seal_check` is equal where the secret is (`Seal.check`). `tasks` must outlast the store
        and runs what it does by itself while it is open. `clock` gives Unix seconds in place of
        the server's time, for tests.
        """
        timing = timing or RedisTiming()
        self._address = address
        self._seal_check = seal_check
        self._wall = wall
        channel = names.channel(seal_check)
        self._link = Link(address, tasks, timing, self._failed)
        self._instance = Instance(self._link, name, alive_s=timing.alive_s, new_id=new_id)
        self._waits = Waits(self._link, self._instance, clock, recheck_s=timing.recheck_s)
        self._listener = Listener(self._link, self._waits, channel, timing)
        self._kept = RedisKept(self._link, clock, cluster=address.kind == "cluster")
        self._calls = RedisCalls(
            self._link, self._instance, self._waits, self._kept, channel=channel, clock=clock
        )
        self._windows = RedisWindows(self._link, clock)
        self._notes = RedisNotes(self._link, clock)
        self._away_since: float | None = wall()
        self._advice = ""

    async def open(self) -> None:
        """See `Primary`. Raises StoreRefusedError where Redis is used under another secret."""
        self._waits.failed(StoreError("opened again"))
        try:
            await self._link.open()
            await self._check_seal()
            await self._instance.begin()
            await self._advise()
        except BaseException:
            await self._link.close()
            raise
        self._link.start(self._waits.run)
        self._link.start(self._listener.run)
        self._away_since = None

    async def check(self) -> None:
        """See `Primary`. Raises StoreRefusedError as `open` does."""
        try:
            await self._check_seal()
        except StoreRefusedError as error:
            self._link.fail(str(error))
            raise
        await self._instance.renew()

    async def close(self) -> None:
        """See `Primary`."""
        self._instance.end()
        await self._link.flushed()
        await self._link.close()
        self._failed(StoreError("closed"))

    def state(self) -> StoreState:
        """See `Store`."""
        return StoreState(
            "redis",
            str(self._address),
            self._instance.alive,
            self._away_since,
            self._link.trouble or self._advice,
        )

    async def claim(self, keys: Sequence[Key], *, fresh: bool = False) -> list[Claim]:
        """See `Calls`."""
        return await self._calls.claim(keys, fresh=fresh)

    async def peek(self, keys: Sequence[Key]) -> list[Answer | None]:
        """See `Calls`."""
        return await self._calls.peek(keys)

    async def note(self, lease: Lease, entry: bytes) -> bool:
        """See `Calls`."""
        return await self._calls.note(lease, entry)

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """See `Calls`."""
        return await self._calls.finish(lease, ending)

    def release(self, lease: Lease) -> None:
        """See `Calls`."""
        self._calls.release(lease)

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls`."""
        return await self._waits.wait(key, token)

    async def take_place(
        self, insurer: str, rules: Sequence[Rule], arrival_s: float
    ) -> Place | Full:
        """See `Windows`."""
        return await self._windows.take_place(insurer, rules, arrival_s)

    def end_place(self, place: Place) -> None:
        """See `Windows`."""
        self._windows.move_place(place, drop=False)

    def drop_place(self, place: Place) -> None:
        """See `Windows`."""
        self._windows.move_place(place, drop=True)

    def pause(self, insurer: str, for_s: float) -> None:
        """See `Windows`."""
        self._windows.pause(insurer, for_s)

    def resume(self, insurer: str) -> None:
        """See `Windows`."""
        self._windows.resume(insurer)

    async def usage(self, rules: Mapping[str, Sequence[Rule]]) -> dict[str, Usage]:
        """See `Windows`."""
        return await self._windows.usage(rules)

    async def add_places(self, insurer: str, ended_s_ago: Sequence[float]) -> None:
        """See `Windows`."""
        await self._windows.add_places(insurer, ended_s_ago)

    async def put(self, name: str, value: bytes, keep_s: float) -> None:
        """See `Notes`."""
        await self._notes.put(name, value, keep_s)

    async def get(self, names: Sequence[str]) -> list[bytes | None]:
        """See `Notes`."""
        return await self._notes.get(names)

    async def clear(self, insurer: str | None) -> int:
        """See `Store`."""
        return await self._kept.clear(insurer)

    async def kept(self) -> list[Kept]:
        """See `Store`."""
        return await self._kept.kept()

    def _failed(self, error: StoreError) -> None:
        if self._away_since is None:
            self._away_since = self._wall()
        self._waits.failed(error)

    async def _check_seal(self) -> None:
        """Raises StoreRefusedError, StoreError."""
        (there,) = await self._link.ask([Call(SEAL, (names.SEAL_CHECK,), (self._seal_check,))])
        if there != self._seal_check.encode():
            raise StoreRefusedError(
                f"{self._address} is used with another secret: copy fingerprint.key out of the"
                " state directory of a machine that uses it already, or use another Redis"
            )

    async def _advise(self) -> None:
        """Say once where Redis may throw away what is ours."""
        advice = ""
        try:
            memory = await self._link.client.info("memory")
            policy = str(memory.get("maxmemory_policy", "noeviction"))
        except ResponseError:  # not allowed to ask: no reason to warn, but to be remembered
            self._advice = "may not read its maxmemory-policy (INFO): it must be noeviction"
            return
        except TROUBLE:  # told by the next request
            return
        if policy != "noeviction":
            advice = f"maxmemory-policy {policy} may remove the journal: set it to noeviction"
        if advice and advice != self._advice:
            log.warning("store_may_lose", place=str(self._address), reason=advice)
        self._advice = advice
