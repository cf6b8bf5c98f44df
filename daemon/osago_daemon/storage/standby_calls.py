"""What this process is asking, on the store and in memory at once, so that either may go away.

The stand-in holds every lease of ours; the store holds it too while it is there. What the store
was not told is owed to it until `hand_over`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from osago_daemon.storage.memory import MemoryStore
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
)
from osago_daemon.storage.standby_debts import Debt, Debts, batches
from osago_daemon.storage.standby_link import Link


@dataclass(slots=True)
class _Call:
    key: Key
    token: int
    """As those who took it and those who wait know it."""
    there: int | None
    """The token that it has on the store; None: the store does not know of it."""
    entry: bytes | None
    """What the store's journal says, as far as we know."""
    contested: bool = False
    """Others asked while the store was away, and nothing of ours is written down yet: what is
    about to be written would be a second time."""


class OurCalls:
    """Those of this process."""

    def __init__(self, link: Link, stand_in: MemoryStore, wall: Callable[[], float]) -> None:
        """`wall`: unix seconds."""
        self._link = link
        self._stand_in = stand_in
        self._wall = wall
        self._calls: dict[Key, _Call] = {}
        self._debts = Debts()

    def lost(self) -> None:
        """Whatever the store gave us is void."""
        self._debts.forget_ended(self._wall())
        for call in self._calls.values():
            call.there = None

    def clear(self, insurer: str | None) -> None:
        """No answers of this insurer are to be handed over."""
        for key, debt in self._debts.items():
            if insurer in (None, key.insurer):
                self._debts[key] = replace(debt, answer=None)

    async def claim(self, keys: Sequence[Key], *, fresh: bool) -> list[Claim]:
        """See `Calls`."""
        while self._link.away is None:
            life = self._link.life
            try:
                claims = await self._link.ask(lambda primary: primary.claim(keys, fresh=fresh))
            except StoreError:
                continue
            pairs = zip(keys, claims, strict=True)
            if self._link.lives(life):
                return [self._claimed(key, claim, fresh=fresh) for key, claim in pairs]
            for key, claim in pairs:  # given in a life that is over: ask again in this one
                if isinstance(claim, Taken):
                    self._give_back(key, claim.token)
        claims = await self._stand_in.claim(keys, fresh=fresh)
        for key, claim in zip(keys, claims, strict=True):
            if isinstance(claim, Taken):
                self._calls[key] = _Call(key, claim.token, None, claim.entry)
        return claims

    async def note(self, lease: Lease, entry: bytes) -> bool:
        """See `Calls`."""
        call = self._call(lease)
        if call is None:
            return False
        if call.contested:
            self._end(call, lease, Ending(entry=call.entry))
            return False
        debt = self._owe(call, lease, Ending(entry=entry))
        if self._link.away is None and call.there is not None:
            life, there = self._link.life, lease._replace(token=call.there)
            try:
                noted = await self._link.ask(lambda primary: primary.note(there, entry))
            except StoreError:
                noted = True  # by the stand-in
            else:
                if noted:
                    self._paid(call, debt, None)
                elif self._link.lives(life):
                    self._fenced(call, lease, debt)
                    return False
        return await self._stand_in.note(lease, entry)

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """See `Calls`."""
        call = self._call(lease)
        if call is None:
            return False
        debt = self._owe(call, lease, ending)
        if self._link.away is not None or call.there is None:
            self._link.hurry()
            return self._end(call, lease, ending)
        life, there = self._link.life, lease._replace(token=call.there)
        try:
            finished = await self._link.ask(lambda primary: primary.finish(there, ending))
        except BaseException as error:
            self._end(call, lease, ending)  # the debt remains: the store may not have heard
            if isinstance(error, StoreError):
                return True
            raise
        if finished:
            self._paid(call, debt, ending.answer)
        elif self._link.lives(life):
            self._fenced(call, lease, debt)
            return False
        return self._end(call, lease, ending, there.token)

    def release(self, lease: Lease) -> None:
        """See `Calls`."""
        call = self._call(lease)
        if call is not None:
            del self._calls[call.key]
            if call.there is not None:
                self._give_back(call.key, call.there)
            self._stand_in.release(lease)

    async def hand_over(self) -> None:
        """Tell the store what it does not know yet. Raises StoreError."""
        self._debts.forget_ended(self._wall())
        tried: set[Key] = set()
        while keys := (self._unknown() | self._debts.keys()) - tried:
            tried |= keys
            for batch in batches(keys & self._unknown()):
                await self._move(batch)
            await self._debts.pay(self._link.primary, keys - self._calls.keys())

    def _unknown(self) -> set[Key]:
        return {key for key, call in self._calls.items() if call.there is None}

    async def _move(self, keys: list[Key]) -> None:
        """Take on the store what we are asking already, unless another instance is as well."""
        calls = [self._calls[key] for key in keys]
        claims = await self._link.primary.claim(keys, fresh=True)
        moved = []
        for call, claim in zip(calls, claims, strict=True):
            ours = self._calls.get(call.key) is call and call.there is None
            if ours and self._is_theirs(call, claim):
                call.contested = True
            if isinstance(claim, Taken):
                if ours and not call.contested:
                    call.there = claim.token
                    moved.append(call)
                else:
                    self._give_back(call.key, claim.token)
        for call in moved:
            debt = self._debts.get(call.key)
            if debt and debt.entry is not None and call.there is not None:
                lease = Lease(call.key, call.there, debt.ends_at)
                if await self._link.primary.note(lease, debt.entry):
                    call.entry = debt.entry

    def _is_theirs(self, call: _Call, claim: Claim) -> bool:
        """Whether others asked meanwhile, and we have not yet: nothing of ours is written down."""
        debt = self._debts.get(call.key)
        if debt is not None and debt.entry is not None:
            return False
        return isinstance(claim, Held) or (
            isinstance(claim, Taken) and claim.entry is not None and claim.entry != call.entry
        )

    def _claimed(self, key: Key, claim: Claim, *, fresh: bool) -> Claim:
        call, debt = self._calls.get(key), self._debts.get(key)
        if isinstance(claim, Answer):
            return claim
        if call is not None:
            if isinstance(claim, Taken):  # it did not know that we are asking
                call.there = claim.token
            return Held(call.token)
        if isinstance(claim, Held):
            return claim
        entry = claim.entry
        if debt is not None:
            if debt.answer is not None and debt.answer_ends_at > self._wall() and not fresh:
                self._give_back(key, claim.token)
                return Answer(debt.answer, debt.made_at)
            entry = debt.entry_over(claim.entry)
        self._stand_in.adopt(key, claim.token, entry)
        self._calls[key] = _Call(key, claim.token, claim.token, claim.entry)
        return Taken(claim.token, entry)

    def _call(self, lease: Lease) -> _Call | None:
        call = self._calls.get(lease.key)
        return call if call is not None and call.token == lease.token else None

    def _owe(self, call: _Call, lease: Lease, ending: Ending) -> Debt:
        """What the store has to be told of it, until it is known that it was."""
        old = self._debts.get(call.key)
        debt = Debt(
            ends_at=lease.ends_at,
            made_at=self._wall(),
            seen=frozenset({call.entry, ending.entry, None}) | (old.seen if old else frozenset()),
            entry=ending.entry,
            answer=old.answer if old else None,
            answer_ends_at=old.answer_ends_at if old else 0.0,
        )
        if ending.answer is not None:
            debt = replace(debt, answer=ending.answer, answer_ends_at=ending.answer_ends_at)
        self._debts[call.key] = debt
        return debt

    def _paid(self, call: _Call, debt: Debt, answer: bytes | None) -> None:
        """The store has the debt's entry and this answer."""
        call.entry = debt.entry
        if self._debts.get(call.key) is debt and debt.answer in (None, answer):
            del self._debts[call.key]

    def _fenced(self, call: _Call, lease: Lease, debt: Debt) -> None:
        """Somebody else has it by now, and knows better."""
        if self._debts.get(call.key) is debt:
            del self._debts[call.key]
        self._end(call, lease, Ending(entry=call.entry))

    def _end(self, call: _Call, lease: Lease, ending: Ending, spent: int | None = None) -> bool:
        """It is over here; `spent` is what the store took back itself."""
        if self._calls.get(call.key) is call:
            del self._calls[call.key]
        if call.there not in (None, spent):
            self._give_back(call.key, call.there)
        if call.key not in self._debts:  # the store keeps it: here only for those who wait
            soon = self._wall() + WORD_S
            ending = replace(ending, answer_ends_at=min(ending.answer_ends_at, soon))
        return self._stand_in.conclude(lease, ending)

    def _give_back(self, key: Key, token: int) -> None:
        self._link.primary.release(Lease(key, token, 0.0))
