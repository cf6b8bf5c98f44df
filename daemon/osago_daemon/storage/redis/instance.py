"""Which instance this is, and who else lives.

A name stays over restarts; an incarnation is new with each `open`. Whoever has a name in Redis has
taken it from its predecessor, dead or not: so a second process under one name is noticed by the
first, which then goes by another name.
"""

from collections.abc import Callable, Iterable

import anyio
import structlog

from osago_daemon.storage.port import StoreError
from osago_daemon.storage.redis import names
from osago_daemon.storage.redis.link import Link
from osago_daemon.storage.redis.moments import us
from osago_daemon.storage.redis.requests import Call, Command
from osago_daemon.storage.redis.scripts import BEAT, LEAVE

log = structlog.get_logger(__name__)

_TAKEN = -1
LOST = "it was emptied, or lost what we had there"


class Instance:
    """This process, as the others on this Redis see it."""

    def __init__(self, link: Link, name: str, *, alive_s: float, new_id: Callable[[], str]) -> None:
        """`new_id` gives something unique of letters and digits."""
        self._link = link
        self._alive_s = alive_s
        self._new_id = new_id
        self._first_name = name
        self.name = name
        self._incarnation = ""
        self._lives_until = 0.0
        self.holders: tuple[str, ...] = ()
        """What the leases of this incarnation are held under; the present one is the first."""
        self.alive = 1
        """How many instances live, as last heard."""

    async def begin(self) -> None:
        """A new incarnation: all that older ones held is free. Raises StoreError."""
        self._incarnation = self._new_id()
        self.holders = (f"{self.name}#{self._incarnation}",)
        await self._beat(anyhow=True)

    async def renew(self) -> None:
        """Show that it lives.

        Raises StoreError, also where Redis does not know it any more though it should: then it
        was emptied, or set back, and whatever was held there is nobody's.
        """
        if await self._beat(anyhow=False):
            return
        # What it held under that name is somebody else's by now, or will be.
        self.name = f"{self._first_name}-{self._new_id()}"
        self.holders = (f"{self.name}#{self._incarnation}", *self.holders)
        log.warning("store_name_taken", name=self._first_name, renamed=self.name)
        await self._beat(anyhow=True)

    async def check_there(self) -> None:
        """Raises StoreError, as `renew`, where Redis lost us though we live."""
        sent_until = self._lives_until
        (there,) = await self._link.ask([Command("GET", names.instance(self.name))])
        if there is None:
            self._missed(sent_until)

    def end(self) -> None:
        """Free what it holds."""
        self._link.tell(Call(LEAVE, self._keys(), (self._incarnation, self.name)))

    async def dead(self, holders: Iterable[bytes]) -> set[bytes]:
        """Those of these, as Redis has them, who live no more. Raises StoreError."""
        others = sorted(set(holders) - {holder.encode() for holder in self.holders})
        if not others:
            return set()
        parts = [holder.rpartition(b"#") for holder in others]
        living = await self._link.ask(
            [Command("GET", names.instance(name.decode(errors="replace"))) for name, _, _ in parts]
        )
        return {
            holder
            for holder, (_, _, incarnation), there in zip(others, parts, living, strict=True)
            if there != incarnation
        }

    async def _beat(self, *, anyhow: bool) -> bool:
        """False: the name is somebody else's by now."""
        until, was_until = anyio.current_time() + self._alive_s, self._lives_until
        args = (self._incarnation, us(self._alive_s), self.name, int(anyhow))
        ((alive, *was_there),) = await self._link.ask([Call(BEAT, self._keys(), args)])
        if alive == _TAKEN:
            return False
        self.alive, self._lives_until = alive, until
        if was_there == [0] and not anyhow:
            self._missed(was_until)
        return True

    def _missed(self, until: float) -> None:
        """It was not there; it had to be until then at least. Raises StoreError."""
        if anyio.current_time() < until:
            self._link.fail(LOST)
            raise StoreError(LOST)

    def _keys(self) -> tuple[str, str]:
        return names.instance(self.name), names.INSTANCES
