"""What becomes of an insurer's part of a run: what it is told as, and trouble as a Failed.

Where one answer says of several insurers, each of them has its own.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

import structlog

from osago_core.offer import Declined, DeclineReason, Failed, FailureKind, Offer, Outcome
from osago_core.wire.events import Source
from osago_core.wire.tariff import Findings
from osago_core.wire.told import Written, write
from osago_daemon.insurers.port import Several
from osago_daemon.resilience.trouble import Trouble, TroubleKind

log = structlog.get_logger(__name__)

NOT_NAMED = Declined(reason=DeclineReason.OTHER, message="")
"""Of whom an answer that says of several does not speak: whoever offers nothing is left out of it.
Without a message, as nobody said anything."""

KINDS: Mapping[TroubleKind, FailureKind] = {
    TroubleKind.CONNECT: FailureKind.CONNECTION,
    TroubleKind.RESET: FailureKind.CONNECTION,
    TroubleKind.TIMEOUT: FailureKind.TIMEOUT,
    TroubleKind.THROTTLED: FailureKind.THROTTLED,
    TroubleKind.SERVER_ERROR: FailureKind.SERVER_ERROR,
    TroubleKind.AUTH: FailureKind.AUTH,
    TroubleKind.REJECTED: FailureKind.REJECTED_REQUEST,
    TroubleKind.GONE: FailureKind.REJECTED_REQUEST,
    TroubleKind.FAILED: FailureKind.SERVER_ERROR,
    TroubleKind.BAD_ANSWER: FailureKind.BAD_ANSWER,
    TroubleKind.MISCONFIGURED: FailureKind.INTERNAL,
    TroubleKind.BROKEN_OFF: FailureKind.UNAVAILABLE,
    TroubleKind.OVER_LIMIT: FailureKind.THROTTLED,
    TroubleKind.DOUBTFUL: FailureKind.CONNECTION,
}


class Told(NamedTuple):
    """An outcome, and where it comes from."""

    written: Written
    source: Source = Source.LIVE
    attempts: int = 1
    answered_at: datetime | None = None
    """When the insurer said so, where that was for an earlier quote."""


Said: TypeAlias = Written | Mapping[str, Written]
"""One outcome of the insurer that was asked, or, member by member, one of each that it told of."""

Tidings: TypeAlias = Told | Mapping[str, Told]
"""What those who wait are told: the same of all of whom they asked, or of each member its own."""


def tidings(
    said: Said,
    attempts: int,
    source: Source = Source.LIVE,
    answered_at: datetime | None = None,
) -> Tidings:
    """What was said, to be told."""
    if isinstance(said, Written):
        return Told(said, source, attempts, answered_at)
    return {id_: Told(one, source, attempts, answered_at) for id_, one in said.items()}


def part_of(tidings: Tidings, member: str) -> Told | None:
    """What this one is told; None where nothing is said of it."""
    return tidings if isinstance(tidings, Told) else tidings.get(member)


def told_now(outcome: Outcome, attempts: int = 1, findings: Findings | None = None) -> Told:
    """What came of asking just now."""
    return Told(write(outcome, findings), attempts=attempts)


UNSENT = frozenset({TroubleKind.BROKEN_OFF, TroubleKind.OVER_LIMIT, TroubleKind.DOUBTFUL})
"""Troubles of our own making: they say nothing of the insurer, what came before them does."""

# Asking again with the same words, or under the same wrong name, changes nothing.
_FUTILE = frozenset({FailureKind.REJECTED_REQUEST, FailureKind.AUTH, FailureKind.BAD_ANSWER})


def failed(kind: FailureKind, message: str, retry_at: datetime | None = None) -> Failed:
    """A failure, with whether asking again later can help."""
    return Failed(kind=kind, message=message, retryable=kind not in _FUTILE, retry_at=retry_at)


def failed_by_bug(number: str) -> Failed:
    """The failure that a mistake of ours amounts to; `number` finds it in the log."""
    return failed(FailureKind.INTERNAL, f"our own mistake, {number} in the daemon's log")


def checked(outcome: Outcome | Several, members: Collection[str] = ()) -> Outcome | Several:
    """The outcome, if an adapter kept to its port; of several, one of each of its `members`.

    Raises TypeError.
    """
    if isinstance(outcome, Several):
        return _checked_several(outcome, members)
    if not isinstance(outcome, Offer | Declined | Failed):
        raise TypeError("an adapter gave no outcome")
    if members and isinstance(outcome, Offer):
        raise TypeError("an adapter gave an offer, and nobody knows which of the members' it is")
    return outcome


def each_of(outcome: Outcome | Several, ids: Iterable[str]) -> Mapping[str, Outcome]:
    """The outcome of each of these, of which it is: one alone is that of all."""
    return outcome.outcomes if isinstance(outcome, Several) else dict.fromkeys(ids, outcome)


def is_answer(outcome: Outcome | Several) -> bool:
    """Whether anybody answered."""
    if isinstance(outcome, Several):
        return any(map(is_answer, outcome.outcomes.values()))
    return not isinstance(outcome, Failed)


def _checked_several(several: Several, members: Collection[str]) -> Several:
    if not members:
        raise TypeError("an adapter without members gave several outcomes")
    if not all(isinstance(one, Offer | Declined | Failed) for one in several.outcomes.values()):
        raise TypeError("an adapter gave no outcome of a member")
    if unknown := several.outcomes.keys() - set(members):
        log.warning("unknown_members", count=len(unknown), known=list(members))
    return Several({id_: several.outcomes.get(id_, NOT_NAMED) for id_ in members})


def failed_by(trouble: Trouble, now: datetime) -> Failed:
    """The failure that a trouble amounts to once the policies have given up."""
    retry_at = None
    if trouble.retry_after_s is not None:
        retry_at = now + timedelta(seconds=trouble.retry_after_s)
    failure = failed(KINDS[trouble.kind], trouble.message, retry_at)
    if trouble.kind is TroubleKind.DOUBTFUL:  # the same words again would be refused again
        return failure.model_copy(update={"retryable": False})
    return failure
