"""What of an outcome is kept for others, and for how long.

An answer is of use on its Moscow day, which is part of its key, or as long as the insurer says. The
other facts that change a price (1 April, when bonus-malus classes change; the start date; a
birthday or an anniversary of somebody's licence) are days, so that covers them all.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pydantic_core import from_json, to_json

from osago_core.moscow import MOSCOW
from osago_core.offer import Declined, DeclineReason, Offer, Outcome
from osago_core.wire.told import Written
from osago_daemon.insurers.port import Several
from osago_daemon.quoting.outcome import Said

AFTER_MIDNIGHT = timedelta(hours=1)
"""What belongs to a day is kept so much longer: runs that began before midnight go on after it, and
a clock may be put back. Nobody who asks later finds it under another day's key."""


MANUAL_CHECK = timedelta(minutes=15)
"""Somebody at the insurer is about to decide: who asks later than this is to hear what came of it.
Soon enough for a client on the phone, and seldom enough to be no nuisance."""

_FORM = 2
"""Of what is kept; another one is of no use. Goes up with any change of `Offer`, `Declined` or
`Failed` that makes what was written before it wrong."""


_ALONE = 3
"""Lines of one outcome: about it, itself, what was found of it."""

_SEVERAL = "several"
"""What stands for a type where there are the lines of several, each with its member's id. A daemon
that knows of no members finds too many lines, or no premium, and has no use for it."""


def encode(said: Said, *, version: str, attempts: int) -> bytes:
    """For the store: a line about the outcome, the outcome as it is told, what was found of it.

    Of several a line about all, then these three of each. `version` is that of the insurer's
    configuration: another one may read the same answer otherwise.
    """
    if isinstance(said, Written):
        premium = None if said.premium is None else str(said.premium)
        head = to_json([_FORM, version, attempts, said.type, premium])
        return b"%b\n%b\n%b" % (head, said.json, said.findings)
    lines = [to_json([_FORM, version, attempts, _SEVERAL, None])]
    for id_, one in said.items():
        premium = None if one.premium is None else str(one.premium)
        lines += [to_json([id_, one.type, premium]), one.json, one.findings]
    return b"\n".join(lines)


def decode(value: bytes, *, version: str) -> tuple[Said, int] | None:
    """What was said, and its attempts; None where it is of no use under this configuration.

    What was kept is believed: nobody but a daemon with our secret can have written it.
    """
    lines = value.split(b"\n")
    try:
        form, kept_version, attempts, type_, premium = from_json(lines[0])
        if form != _FORM or kept_version != version:
            return None
        if type_ == _SEVERAL:
            return _several(lines[1:]), attempts
        _head, json, findings = lines
        return Written(type_, premium and Decimal(premium), json, findings), attempts
    except (ValueError, TypeError, ArithmeticError):
        return None


def _several(lines: list[bytes]) -> dict[str, Written]:
    """Raises ValueError, TypeError or ArithmeticError for anything but three lines of each."""
    if not lines or len(lines) % _ALONE:
        raise ValueError("incomplete")
    said = {}
    for first in range(0, len(lines), _ALONE):
        about, json, findings = lines[first : first + _ALONE]
        id_, type_, premium = from_json(about)
        said[id_] = Written(type_, premium and Decimal(premium), json, findings)
    return said


def kept_until(day: str) -> datetime:
    """Until when what belongs to this Moscow day (YYYY-MM-DD) is kept."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=MOSCOW)
    return (midnight + timedelta(days=1) + AFTER_MIDNIGHT).astimezone(UTC)


def ends_at(outcome: Outcome | Several, day: str) -> datetime:
    """Until when it holds: to ask for the same application again would bring what does not.

    Of several the earliest end is that of all, as they are asked for together.
    """
    return min((_ends_at(one, day) for one in _each(outcome)), default=kept_until(day))


def told_until(outcome: Outcome | Several, day: str, now: datetime) -> datetime:
    """Until when others are told it, having come at `now`; in the past where it is of no use."""
    end = ends_at(outcome, day)
    return min(end, now + MANUAL_CHECK) if any(map(_is_on_its_way, _each(outcome))) else end


def _each(outcome: Outcome | Several) -> Iterable[Outcome]:
    return outcome.outcomes.values() if isinstance(outcome, Several) else (outcome,)


def _is_on_its_way(outcome: Outcome) -> bool:
    return isinstance(outcome, Declined) and outcome.reason is DeclineReason.MANUAL_CHECK


def _ends_at(outcome: Outcome, day: str) -> datetime:
    end = kept_until(day)
    if isinstance(outcome, Offer) and outcome.valid_until is not None:
        until = outcome.valid_until
        return min(end, until if until.tzinfo else until.replace(tzinfo=MOSCOW))
    return end
