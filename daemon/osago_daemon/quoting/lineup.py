"""The insurers that hold at one time, and whether anybody still asks them.

A run asks those that held when it began. Owns counting who does, so that what belongs to them can
be closed after the last one; must not know what that is, nor where insurers come from.
"""

from collections.abc import Iterable

import anyio

from osago_daemon.quoting.insurer import Insurer, by_id


class Lineup:
    """One configuration's insurers, by id, in the order of insurers.toml."""

    def __init__(self, insurers: Iterable[Insurer]) -> None:
        """Nobody asks them yet."""
        insurers = tuple(insurers)
        self.insurers = by_id(insurers)
        self._sources = {insurer.id: insurer for insurer in insurers if insurer.members}
        self._users = 0
        self._left = anyio.Event()

    def asked(self, id_: str) -> Insurer:
        """Who is asked under this id: one that can be asked for, or the source of several."""
        return self.insurers.get(id_) or self._sources[id_]

    def enter(self) -> None:
        """Somebody begins to ask them."""
        self._users += 1

    def leave(self) -> None:
        """Somebody who entered is through with them."""
        self._users -= 1
        if not self._users:
            self._left.set()

    async def deserted(self) -> None:
        """Wait until nobody asks them. For a lineup that nobody new is given any more."""
        while self._users:
            self._left = anyio.Event()
            await self._left.wait()
