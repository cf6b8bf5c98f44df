"""Which instance this is, and who else lives.

A name stays over restarts; an incarnation is new with each `open`. Whoever has a name in Redis has
taken it from its predecessor, dead or not: so a second process under one name is noticed by the
first, which then goes by another name.
"""

from collections.abc import Callable, Iterable

import structlog

from osago_daemon.storage.redis import names
from osago_daemon.storage.redis.link import Call, Command, Link
from osago_daemon.storage.redis.moments import us
from osago_daemon.storage.redis.scripts import BEAT, LEAVE

log = structlog.get_logger(__name__)

_TAKEN = -1


class Instance:
    """This process, as the others on this Redis see it."""

    def __init__(self, link: Link, name: str, *, alive_s: float, new_id: Callable[[], str]) -> None:
        """`new_id` gives something unique of letters and digits."""
        self._link = link
        self._alive_us = us(alive_s)
        self._new_id = new_id
        self._first_name = name
        self.name = name
        self._incarnation = ""
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
        """Show that it lives. Raises StoreError."""
        if await self._beat(anyhow=False):
            return
        # What it held under that name is somebody else's by now, or will be.
        self.name = f"{self._first_name}-{self._new_id()}"
        self.holders = (f"{self.name}#{self._incarnation}", *self.holders)
        log.warning("store_name_taken", name=self._first_name, renamed=self.name)
        await self._beat(anyhow=True)

    def end(self) -> None:
        """Free what it holds."""
        self._link.tell(Call(LEAVE, self._keys(), (self._incarnation, self.name)))

    async def dead(self, holders: Iterable[str]) -> set[str]:
        """Those of these who live no more. Raises StoreError."""
        others = sorted(set(holders) - set(self.holders))
        if not others:
            return set()
        parts = [holder.rpartition("#") for holder in others]
        living = await self._link.ask(
            [Command(("GET", names.instance(name))) for name, _, _ in parts]
        )
        return {
            holder
            for holder, (_, _, incarnation), there in zip(others, parts, living, strict=True)
            if there != incarnation.encode()
        }

    async def _beat(self, *, anyhow: bool) -> bool:
        args = (self._incarnation, self._alive_us, self.name, int(anyhow))
        (alive,) = await self._link.ask([Call(BEAT, self._keys(), args)])
        if alive == _TAKEN:
            return False
        self.alive = int(alive)
        return True

    def _keys(self) -> tuple[str, str]:
        return names.instance(self.name), names.INSTANCES
