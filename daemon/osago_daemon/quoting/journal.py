"""What is written down of an application at an insurer, so that nobody creates it twice in a day.

The store keeps one entry for each insurer, application and Moscow day; here is what it says and
what follows from it for whoever asks next, in this process or another one, before or after a crash.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    round: str = ""
    """What tells this time from others of the day: "" the first, else whose wish it was to ask
    anew. A wish names a run, so that no two rounds are ever taken for one, whatever got lost."""
    wishes: tuple[str, ...] = ()
    """Of those for whom it was asked anew."""


class Sent(_Entry):
    """A request that can't be repeated is about to go out: it may have arrived."""

    state: Literal["sent"] = "sent"
    kept: dict[str, Any] | None = Field(default=None, repr=False)
    """What the steps before it left."""
    at: float = 0.0
    """When that was kept, in Unix seconds."""


class Created(_Entry):
    """They have it."""

    state: Literal["created"] = "created"
    kept: dict[str, Any] = Field(repr=False)
    """What the following steps need."""
    at: float
    """When they had it, in Unix seconds."""


class Over(_Entry):
    """It was answered."""

    state: Literal["over"] = "over"
    kept: dict[str, Any] | None = Field(default=None, repr=False)
    """For asking again what they answered; None where there was no polling, or it is gone."""
    created_at: float = 0.0
    """Of what is kept, in Unix seconds."""
    until: float | None = None
    """When their answer ends, in Unix seconds: what polling would bring from then on is stale."""


Entry = Sent | Created | Over

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="state")])


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier create left."""

    fields: Mapping[str, Any] = field(repr=False)
    at: float
    """Unix seconds."""


class Plan(NamedTuple):
    """How to go about asking."""

    round: str = ""
    kept: Kept | None = None
    """Go on with this, create nothing."""
    doubtful: bool = False
    """The next request may have arrived: it is sent only where repeating it changes nothing."""
    lasting: bool = False
    """So may every later one, as somebody else may be going on with it."""


def encode(entry: Entry) -> bytes:
    """For the store."""
    return entry.model_dump_json().encode()


def decode(stored: bytes | None) -> Entry | None:
    """The way back. Raises ValueError for what is no entry."""
    if stored is None:
        return None
    try:
        return _ENTRY.validate_json(stored)
    except ValidationError:
        raise ValueError("not an entry of the journal") from None


def plan(stored: bytes | None, *, wishes: Sequence[str], now_s: float) -> Plan:
    """What follows from the journal.

    `wishes` to ask anew on purpose, if any: they are met by what was begun for one of them only.
    """
    try:
        entry = decode(stored)
    except ValueError:  # there was something, and nobody knows what
        return Plan(wishes[0]) if wishes else Plan(doubtful=True, lasting=True)
    if wishes and not is_for(entry, wishes):
        return Plan(wishes[0])
    return Plan() if entry is None else _plan_after(entry, now_s)


def is_for(entry: Entry | None, wishes: Sequence[str]) -> bool:
    """Whether it was begun for one of these wishes."""
    return entry is not None and not set(wishes).isdisjoint(entry.wishes)


def _plan_after(entry: Entry, now_s: float) -> Plan:
    match entry:
        case Sent(kept=kept, at=at):
            return Plan(entry.round, None if kept is None else Kept(kept, at), doubtful=True)
        case Created():
            return Plan(entry.round, Kept(entry.kept, entry.at))
        case Over(kept=kept, until=until):
            if kept is None or (until is not None and until <= now_s):
                return Plan(f"{entry.round}+")
            return Plan(entry.round, Kept(kept, entry.created_at))
