"""What of an outcome is kept for others, and for how long.

An answer is of use on its Moscow day, which is part of its key, or as long as the insurer says. The
other facts that change a price (1 April, when bonus-malus classes change; the start date; a
birthday or an anniversary of somebody's licence) are days, so that covers them all.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from osago_core.moscow import MOSCOW
from osago_core.offer import Declined, Failed, Offer, Outcome

AFTER_MIDNIGHT = timedelta(hours=1)
"""What belongs to a day is kept so much longer: runs that began before midnight go on after it, and
a clock may be put back. Nobody who asks later finds it under another day's key."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    version: str
    """Of the insurer's configuration: another one may read the same answer otherwise."""
    attempts: int


class _KeptOffer(_Kept):
    type: Literal["offer"] = "offer"
    outcome: Offer


class _KeptDecline(_Kept):
    type: Literal["declined"] = "declined"
    outcome: Declined


class _KeptFailure(_Kept):
    type: Literal["failed"] = "failed"
    outcome: Failed


_KEPT: TypeAdapter[_KeptOffer | _KeptDecline | _KeptFailure] = TypeAdapter(
    Annotated[_KeptOffer | _KeptDecline | _KeptFailure, Field(discriminator="type")]
)


def encode(outcome: Outcome, *, version: str, attempts: int) -> bytes:
    """For the store."""
    kept: _Kept
    match outcome:
        case Offer():
            kept = _KeptOffer(version=version, attempts=attempts, outcome=outcome)
        case Declined():
            kept = _KeptDecline(version=version, attempts=attempts, outcome=outcome)
        case Failed():
            kept = _KeptFailure(version=version, attempts=attempts, outcome=outcome)
    return kept.model_dump_json(exclude_none=True).encode()


def decode(value: bytes, *, version: str) -> tuple[Outcome, int] | None:
    """The outcome and its attempts; None where it is of no use under this configuration."""
    try:
        kept = _KEPT.validate_json(value)
    except ValidationError:
        return None
    return (kept.outcome, kept.attempts) if kept.version == version else None


def kept_until(day: str) -> datetime:
    """Until when what belongs to this Moscow day (YYYY-MM-DD) is kept."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=MOSCOW)
    return (midnight + timedelta(days=1) + AFTER_MIDNIGHT).astimezone(UTC)


def ends_at(outcome: Offer | Declined, day: str) -> datetime:
    """Until when the answer is kept; in the past where it is of no use to others."""
    end = kept_until(day)
    if isinstance(outcome, Offer) and outcome.valid_until is not None:
        until = outcome.valid_until
        return min(end, until if until.tzinfo else until.replace(tzinfo=MOSCOW))
    return end
