"""What becomes of an insurer's part of a run when it ends in trouble: a Failed for people."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from osago_core.offer import Declined, Failed, FailureKind, Offer, Outcome
from osago_core.wire.events import Source
from osago_core.wire.tariff import Findings
from osago_core.wire.told import Written, write
from osago_daemon.resilience.trouble import Trouble, TroubleKind

KINDS: Mapping[TroubleKind, FailureKind] = {
    TroubleKind.CONNECT: FailureKind.CONNECTION,
    TroubleKind.RESET: FailureKind.CONNECTION,
    TroubleKind.TIMEOUT: FailureKind.TIMEOUT,
    TroubleKind.THROTTLED: FailureKind.THROTTLED,
    TroubleKind.SERVER_ERROR: FailureKind.SERVER_ERROR,
    TroubleKind.AUTH: FailureKind.AUTH,
    TroubleKind.REJECTED: FailureKind.REJECTED_REQUEST,
    TroubleKind.GONE: FailureKind.REJECTED_REQUEST,
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


def checked(outcome: Outcome) -> Outcome:
    """The outcome, if an adapter kept to its port. Raises TypeError."""
    if not isinstance(outcome, Offer | Declined | Failed):
        raise TypeError("an adapter gave no outcome")
    return outcome


def failed_by(trouble: Trouble, now: datetime) -> Failed:
    """The failure that a trouble amounts to once the policies have given up."""
    retry_at = None
    if trouble.retry_after_s is not None:
        retry_at = now + timedelta(seconds=trouble.retry_after_s)
    failure = failed(KINDS[trouble.kind], trouble.message, retry_at)
    if trouble.kind is TroubleKind.DOUBTFUL:  # the same words again would be refused again
        return failure.model_copy(update={"retryable": False})
    return failure
