"""What came of calls that the store did not hear of: to be written there once it is back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from osago_daemon.storage.port import Answer, Ending, Key, Lease, Primary, Taken

BATCH = 200
"""So that nobody who asks meanwhile waits long behind it."""


@dataclass(frozen=True, slots=True)
class Debt:
    """Of one key."""

    ends_at: float
    """`Lease.ends_at`."""
    made_at: float
    """Unix seconds."""
    seen: frozenset[bytes | None]
    """What the store's journal can say if nobody else wrote it."""
    entry: bytes | None = None
    answer: bytes | None = None
    answer_ends_at: float = 0.0

    def entry_over(self, there: bytes | None) -> bytes | None:
        """What the journal says: ours, unless another instance wrote there meanwhile."""
        return self.entry if there in self.seen else there

    def ending(self, answer: Answer | None, entry: bytes | None) -> Ending | None:
        """What to write over what is there; None: nothing, that is newer or another's."""
        if answer is not None and answer.kept_at >= self.made_at:
            return None
        if self.answer is None and entry not in self.seen:
            return None
        return Ending(self.answer, self.answer_ends_at, self.entry)


class Debts(dict[Key, Debt]):
    """By key."""

    def forget_ended(self, now: float) -> None:
        """Whose day is over."""
        for key in [key for key, debt in self.items() if debt.ends_at <= now]:
            del self[key]

    async def pay(self, primary: Primary, keys: Iterable[Key]) -> None:
        """Write those; what another instance is asking just now stays. Raises StoreError.

        Each key is claimed for it, so that nobody writes at the same time.
        """
        for batch in batches(keys):
            claims = zip(batch, await primary.claim(batch, fresh=True), strict=True)
            taken = {key: claim for key, claim in claims if isinstance(claim, Taken)}
            there = await primary.peek(list(taken))
            for (key, claim), answer in zip(taken.items(), there, strict=True):
                await self._write(primary, key, claim, answer)

    async def _write(self, primary: Primary, key: Key, claim: Taken, answer: Answer | None) -> None:
        debt = self.get(key)
        ending = None if debt is None else debt.ending(answer, claim.entry)
        if debt is None or ending is None:
            primary.release(Lease(key, claim.token, 0.0))
            paid = True
        else:
            paid = await primary.finish(Lease(key, claim.token, debt.ends_at), ending)
        if paid and self.get(key) is debt:
            self.pop(key, None)


def batches(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """As many at once as is fair to others."""
    rest = iter(keys)
    while batch := list(islice(rest, BATCH)):
        yield batch
