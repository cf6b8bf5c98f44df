"""What of an outcome is kept for others, and for how long.

An answer is of use on its Moscow day, which is part of its key, or as long as the insurer says. The
other facts that change a price (1 April, when bonus-malus classes change; the start date; a
birthday or an anniversary of somebody's licence) are days, so that covers them all.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pydantic_core import from_json, to_json

from osago_core.moscow import MOSCOW
from osago_core.offer import Declined, Offer
from osago_core.wire.told import Written

AFTER_MIDNIGHT = timedelta(hours=1)
"""What belongs to a day is kept so much longer: runs that began before midnight go on after it, and
a clock may be put back. Nobody who asks later finds it under another day's key."""


_FORM = 2
"""Of what is kept; another one is of no use. Goes up with any change of `Offer`, `Declined` or
`Failed` that makes what was written before it wrong."""


def encode(written: Written, *, version: str, attempts: int) -> bytes:
    """For the store: a line about the outcome, the outcome as it is told, what was found of it.

    `version` is that of the insurer's configuration: another one may read the same answer
    otherwise.
    """
    premium = None if written.premium is None else str(written.premium)
    head = to_json([_FORM, version, attempts, written.type, premium])
    return b"%b\n%b\n%b" % (head, written.json, written.findings)


def decode(value: bytes, *, version: str) -> tuple[Written, int] | None:
    """The outcome and its attempts; None where it is of no use under this configuration.

    What was kept is believed: nobody but a daemon with our secret can have written it.
    """
    try:
        head, json, findings = value.split(b"\n")
        form, kept_version, attempts, type_, premium = from_json(head)
        premium = None if premium is None else Decimal(premium)
    except (ValueError, TypeError, ArithmeticError):
        return None
    if form != _FORM or kept_version != version:
        return None
    return Written(type_, premium, json, findings), attempts


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
