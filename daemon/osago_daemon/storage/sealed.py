"""Seals whatever a store is to keep, and opens it on the way back.

Each value is sealed under a name that binds its key and its role, so that nothing can be passed
off as something else. What does not open is as good as not there: asking again costs one request,
believing it could cost anything. Only the journal says that there was something, `UNREADABLE`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from osago_daemon.storage.errors import StoreRefusedError
from osago_daemon.storage.port import (
    UNREADABLE,
    Answer,
    Claim,
    Ending,
    Full,
    Kept,
    Key,
    Lease,
    Place,
    Primary,
    Rule,
    StoreState,
    Taken,
    Usage,
    Word,
)
from osago_daemon.storage.seal import Seal

CHECK = "seal-check"
"""The note that tells one secret's store from another's."""
CHECK_KEEP_S = 10 * 366 * 86400.0

Role: TypeAlias = Literal["answer", "entry", "word", "note"]


class SealedStore:
    """Another store whose values only we can read. Implements `Primary`."""

    def __init__(self, primary: Primary, seal: Seal) -> None:
        """`primary` sees keys, names of notes and sizes in clear, values sealed."""
        self._primary = primary
        self._seal = seal
        self.unreadable = 0
        """How many values did not open until now."""

    async def open(self) -> None:
        """See `Primary`. Raises StoreRefusedError where it is used under another secret."""
        await self._primary.open()
        try:
            (there,) = await self._primary.get([CHECK])
            if there is None:
                await self._primary.put(CHECK, self._seal.check.encode(), CHECK_KEEP_S)
        except BaseException:
            await self._primary.close()
            raise
        if there is not None and there != self._seal.check.encode():
            place = self._primary.state().place
            await self._primary.close()
            raise StoreRefusedError(
                f"{place} is used by daemons with another fingerprint.key: nothing can be shared "
                "with them. Copy their fingerprint.key into this daemon's state directory, or give "
                "this one a store of its own (--store)"
            )

    async def check(self) -> None:
        """See `Primary`."""
        await self._primary.check()

    async def close(self) -> None:
        """See `Primary`."""
        await self._primary.close()

    async def claim(self, keys: Sequence[Key], *, fresh: bool = False) -> list[Claim]:
        """See `Calls`. A key whose answer does not open is claimed as if it had none."""
        claims = [
            self._claimed(key, claimed)
            for key, claimed in zip(keys, await self._primary.claim(keys, fresh=fresh), strict=True)
        ]
        lost = [key for key, claimed in zip(keys, claims, strict=True) if claimed is None]
        again = iter(await self._primary.claim(lost, fresh=True) if lost else ())
        whole: list[Claim] = []
        for key, claimed in zip(keys, claims, strict=True):
            opened = self._claimed(key, next(again)) if claimed is None else claimed
            if opened is None:
                raise AssertionError("a fresh claim came back with an answer")
            whole.append(opened)
        return whole

    async def peek(self, keys: Sequence[Key]) -> list[Answer | None]:
        """See `Calls`."""
        kept = await self._primary.peek(keys)
        return [one and self._answer(key, one) for key, one in zip(keys, kept, strict=True)]

    async def note(self, lease: Lease, entry: bytes) -> bool:
        """See `Calls`."""
        return await self._primary.note(lease, self._sealed("entry", lease.key.text, entry))

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """See `Calls`."""
        name = lease.key.text
        sealed = replace(
            ending,
            answer=None if ending.answer is None else self._sealed("answer", name, ending.answer),
            entry=None if ending.entry is None else self._sealed("entry", name, ending.entry),
            word=None if ending.word is None else self._sealed("word", name, ending.word),
        )
        return await self._primary.finish(lease, sealed)

    def release(self, lease: Lease) -> None:
        """See `Calls`."""
        self._primary.release(lease)

    async def wait(self, key: Key, token: int) -> Answer | Word | None:
        """See `Calls`."""
        heard = await self._primary.wait(key, token)
        if isinstance(heard, Answer):
            return self._answer(key, heard)
        word = None if heard is None else self._opened("word", key.text, heard.value)
        return None if word is None else Word(word)

    async def take_place(
        self, insurer: str, rules: Sequence[Rule], arrival_s: float
    ) -> Place | Full:
        """See `Windows`."""
        return await self._primary.take_place(insurer, rules, arrival_s)

    def end_place(self, place: Place) -> None:
        """See `Windows`."""
        self._primary.end_place(place)

    def drop_place(self, place: Place) -> None:
        """See `Windows`."""
        self._primary.drop_place(place)

    def pause(self, insurer: str, for_s: float) -> None:
        """See `Windows`."""
        self._primary.pause(insurer, for_s)

    def resume(self, insurer: str) -> None:
        """See `Windows`."""
        self._primary.resume(insurer)

    async def usage(self, rules: Mapping[str, Sequence[Rule]]) -> dict[str, Usage]:
        """See `Windows`."""
        return await self._primary.usage(rules)

    async def add_places(self, insurer: str, ended_s_ago: Sequence[float]) -> None:
        """See `Windows`."""
        await self._primary.add_places(insurer, ended_s_ago)

    async def put(self, name: str, value: bytes, keep_s: float) -> None:
        """See `Notes`."""
        await self._primary.put(name, self._sealed("note", name, value), keep_s)

    async def get(self, names: Sequence[str]) -> list[bytes | None]:
        """See `Notes`."""
        kept = await self._primary.get(names)
        return [
            None if value is None else self._opened("note", name, value)
            for name, value in zip(names, kept, strict=True)
        ]

    async def clear(self, insurer: str | None) -> int:
        """See `Store`."""
        return await self._primary.clear(insurer)

    async def kept(self) -> list[Kept]:
        """See `Store`. Bytes as the store has them."""
        return await self._primary.kept()

    def state(self) -> StoreState:
        """See `Store`."""
        return self._primary.state()

    def _claimed(self, key: Key, claimed: Claim) -> Claim | None:
        """None: there is an answer, and it does not open."""
        if isinstance(claimed, Answer):
            return self._answer(key, claimed)
        if isinstance(claimed, Taken) and claimed.entry is not None:
            entry = self._opened("entry", key.text, claimed.entry)
            return Taken(claimed.token, UNREADABLE if entry is None else entry)
        return claimed

    def _answer(self, key: Key, sealed: Answer) -> Answer | None:
        value = self._opened("answer", key.text, sealed.value)
        return None if value is None else Answer(value, sealed.kept_at)

    def _sealed(self, role: Role, name: str, value: bytes) -> bytes:
        return self._seal.seal(f"{role} {name}", value)

    def _opened(self, role: Role, name: str, sealed: bytes) -> bytes | None:
        try:
            return self._seal.open(f"{role} {name}", sealed)
        except ValueError:
            self.unreadable += 1
            return None
