"""Who asks what, and what came of it. See `Calls` of the port; `waits.py` does the waiting."""

from collections.abc import Sequence
from typing import Any

from osago_daemon.storage.port import (
    WORD_S,
    Answer,
    Claim,
    Ending,
    Held,
    Key,
    Lease,
    StoreError,
    Taken,
    Word,
)
from osago_daemon.storage.redis import names, scripts
from osago_daemon.storage.redis.instance import Instance
from osago_daemon.storage.redis.kept import RedisKept
from osago_daemon.storage.redis.link import Link
from osago_daemon.storage.redis.moments import DAY_US, Clock, at, given, seconds, us
from osago_daemon.storage.redis.requests import Call, Text
from osago_daemon.storage.redis.waits import Waits, message

TOKEN_US = 2 * DAY_US
"""How long a key's tokens go on: past the end of its day, wherever in it they began."""


class RedisCalls:
    """Claims and their endings."""

    def __init__(  # noqa: PLR0913  # one of each part
        self,
        link: Link,
        instance: Instance,
        waits: Waits,
        index: RedisKept,
        *,
        channel: str,
        clock: Clock | None,
    ) -> None:
        self._link = link
        self._instance = instance
        self._waits = waits
        self._index = index
        self._channel = channel
        self._clock = clock

    async def claim(self, keys: Sequence[Key], *, fresh: bool = False) -> list[Claim]:
        """See `Calls`.

        Whether a holder lives is told elsewhere than its lease, so that what a dead one has is
        taken in a second step, unless it is another one's by then.
        """
        session = self._link.session
        replies = await self._link.ask([self._claim(key, fresh=fresh, dead=b"") for key in keys])
        holders = {n: reply[2] for n, reply in enumerate(replies) if reply[0] == b"held"}
        dead = await self._instance.dead(holders.values())
        free = [n for n, holder in holders.items() if holder in dead]
        if session != self._link.session:
            raise StoreError("opened again meanwhile")
        if free:
            again = await self._link.ask(
                [self._claim(keys[n], fresh=fresh, dead=holders[n]) for n in free]
            )
            for n, reply in zip(free, again, strict=True):
                replies[n] = reply
        return [_claim_of(reply) for reply in replies]

    async def peek(self, keys: Sequence[Key]) -> list[Answer | None]:
        """See `Calls`."""
        now = given(self._clock)
        calls = [Call(scripts.PEEK, (names.answer(key),), (now,)) for key in keys]
        replies = await self._link.ask(calls)
        return [Answer(reply[0], seconds(reply[1])) if reply else None for reply in replies]

    async def note(self, lease: Lease, entry: bytes) -> bool:
        """See `Calls`."""
        key, ends = lease.key, at(lease.ends_at)
        keys = (names.call(key), names.entry(key), *self._index.keys(key))
        args = (given(self._clock), lease.token, ends, entry, names.day(key), key.fingerprint)
        (ours,) = await self._link.ask([Call(scripts.NOTE, keys, (*args, *self._instance.holders))])
        if ours:
            self._index.mark(lease, lease.ends_at, f"e:{key.fingerprint}", str(ends))
        else:
            await self._instance.check_there()
        return bool(ours)

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """See `Calls`."""
        (reply,) = await self._link.ask([self._finish(lease, ending)])
        if not reply:
            await self._instance.check_there()  # what is not ours may be nobody's
            return False
        now_us, is_kept = int(reply[0]), bool(reply[1])
        self._mark(lease, ending, now_us, is_kept=is_kept)
        outcome: Answer | Word | None = None
        if ending.answer is not None and is_kept:
            outcome = Answer(ending.answer, seconds(now_us))
        elif ending.word is not None:
            outcome = Word(ending.word)
        self._waits.over(lease.key, lease.token, outcome)
        return True

    def release(self, lease: Lease) -> None:
        """See `Calls`."""
        args = (lease.token, self._channel, message(lease.key, lease.token))
        self._link.tell(
            Call(scripts.RELEASE, (names.call(lease.key),), (*args, *self._instance.holders))
        )

    def _claim(self, key: Key, *, fresh: bool, dead: bytes) -> Call:
        keys = (names.answer(key), names.call(key), names.entry(key))
        me = self._instance.holders[0]
        return Call(scripts.CLAIM, keys, (given(self._clock), int(fresh), me, dead, TOKEN_US))

    def _finish(self, lease: Lease, ending: Ending) -> Call:
        key, token = lease.key, lease.token
        keys = (names.answer(key), names.call(key), names.entry(key), names.word(key, token))
        args: tuple[Text, ...] = (
            given(self._clock),
            token,
            self._channel,
            message(key, token),
            names.day(key),
            key.fingerprint,
            at(lease.ends_at),
            *_maybe(ending.answer),
            at(ending.answer_ends_at),
            *_maybe(ending.entry),
            *_maybe(ending.word),
            us(WORD_S),
        )
        return Call(
            scripts.FINISH, (*keys, *self._index.keys(key)), (*args, *self._instance.holders)
        )

    def _mark(self, lease: Lease, ending: Ending, now_us: int, *, is_kept: bool) -> None:
        fingerprint = lease.key.fingerprint
        has_entry = ending.entry is not None and at(lease.ends_at) > now_us
        rows = [f"e:{fingerprint}", str(at(lease.ends_at)) if has_entry else ""]
        ends_at = lease.ends_at
        if ending.answer is not None and is_kept:
            size = len(ending.answer)
            rows += [f"a:{fingerprint}", f"{size} {now_us} {at(ending.answer_ends_at)}"]
            ends_at = max(ends_at, ending.answer_ends_at)
        self._index.mark(lease, ends_at, *rows)


def _maybe(value: bytes | None) -> tuple[Text, Text]:
    """Whether it is there, and it."""
    return (0, b"") if value is None else (1, value)


def _claim_of(reply: Sequence[Any]) -> Claim:
    match reply:
        case [b"answer", value, kept_us]:
            return Answer(value, seconds(kept_us))
        case [b"held", token, _]:
            return Held(token)
        case [_, token]:
            return Taken(token, None)
        case [_, token, entry]:
            return Taken(token, entry)
    raise ValueError("claim.lua says something else")
