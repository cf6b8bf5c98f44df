"""Small things that instances tell each other. See `Notes` of the port."""

from collections.abc import Sequence

from osago_daemon.storage.redis import names
from osago_daemon.storage.redis.link import Link
from osago_daemon.storage.redis.moments import Clock, given, us
from osago_daemon.storage.redis.requests import Call
from osago_daemon.storage.redis.scripts import GET, PUT


class RedisNotes:
    """Notes, each for as long as it is kept."""

    def __init__(self, link: Link, clock: Clock | None) -> None:
        self._link = link
        self._clock = clock

    async def put(self, name: str, value: bytes, keep_s: float) -> None:
        """See `Notes`."""
        args = (given(self._clock), value, us(keep_s))
        await self._link.ask([Call(PUT, (names.note(name),), args)])

    async def get(self, wanted: Sequence[str]) -> list[bytes | None]:
        """See `Notes`."""
        now = given(self._clock)
        replies = await self._link.ask([Call(GET, (names.note(name),), (now,)) for name in wanted])
        return [reply[0] if reply else None for reply in replies]
