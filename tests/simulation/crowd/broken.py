"""Houses of several daemons with one thing broken on purpose, for the invariants to notice."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import anyio

from osago_daemon.quoting.desk import QuoteDesk
from osago_daemon.quoting.run import Run
from osago_daemon.storage.memory import MemoryStore
from osago_daemon.storage.memory_hub import Holder
from osago_daemon.storage.port import Answer, Claim, Ending, Key, Lease, Taken, Word
from tests.simulation.crowd.life import CrowdInsurer
from tests.simulation.crowd.world import CrowdWorld

LATER_S = 3.0


class EverybodyMayAsk(MemoryStore):
    """Whoever wants to ask may, whoever else does."""

    async def claim(self, keys: Any, *, fresh: bool = False) -> list[Claim]:
        claims = await super().claim(keys, fresh=fresh)
        for key in keys:
            if not isinstance(self.hub.answers.get(key), Answer):
                token = (self.hub._tokens.get(key) or 0) + 1
                self.hub.hold(key, Holder(self._incarnation, token))
                claims[keys.index(key)] = Taken(token, None)
        return claims


class HardOfHearing(MemoryStore):
    """Who waits hears of the end later."""

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        heard = await super().wait(key, token)
        await anyio.sleep(LATER_S)
        return heard


class KeepsNoAnswer(MemoryStore):
    """Tells those who wait, and forgets."""

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        word = ending.word if ending.answer is None else ending.answer
        return await super().finish(lease, replace(ending, answer=None, word=word, entry=None))


class KeysOfItsOwn(QuoteDesk):
    """Another idempotency key in each life."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        board = self._switchboard
        board._means = replace(board._means, secret=repr(id(self)).encode() * 4)


class AlwaysAnew(QuoteDesk):
    """Asks anew whatever it was asked for."""

    def start(self, *args: Any, **more: Any) -> Run:
        return super().start(*args, **{**more, "cache": "refresh"})


class NeverAnew(QuoteDesk):
    """Says what is kept, though it was asked for something new."""

    def start(self, *args: Any, **more: Any) -> Run:
        return super().start(*args, **{**more, "cache": "use"})


class NobodyLeaves(QuoteDesk):
    """Goes on asking for those who have gone."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._switchboard.leave = lambda _run, _keys, _lineup: None


class Buggy(CrowdInsurer):
    """An adapter with a mistake."""

    async def quote(self, call: Any) -> Any:
        await super().quote(call)
        raise KeyError("on purpose")


class ForgetfulKeeper:
    """Loses one event in three."""

    def __init__(self, keeper: Any) -> None:
        self._keeper = keeper

    def begin(self, *args: Any) -> Any:
        writer = self._keeper.begin(*args)
        keep, told = writer.events, []

        def events(lines: Sequence[bytes]) -> None:
            for line in lines:
                told.append(line)
                if len(told) % 3:
                    keep([line])

        writer.events = events
        return writer


def keep_leases(world: CrowdWorld) -> None:
    """The store takes nothing back."""
    world.hub._end = lambda _key: None
