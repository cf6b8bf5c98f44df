"""What becomes of an insurer's part of a run when it ends in trouble: a Failed for people."""

from collections.abc import Mapping

from osago_core.offer import Failed, FailureKind
from osago_daemon.resilience.trouble import Trouble, TroubleKind

KINDS: Mapping[TroubleKind, FailureKind] = {
    TroubleKind.CONNECT: FailureKind.CONNECTION,
    TroubleKind.RESET: FailureKind.CONNECTION,
    TroubleKind.TIMEOUT: FailureKind.TIMEOUT,
    TroubleKind.THROTTLED: FailureKind.THROTTLED,
    TroubleKind.SERVER_ERROR: FailureKind.SERVER_ERROR,
    TroubleKind.AUTH: FailureKind.AUTH,
    TroubleKind.REJECTED: FailureKind.REJECTED_REQUEST,
    TroubleKind.BAD_ANSWER: FailureKind.BAD_ANSWER,
    TroubleKind.MISCONFIGURED: FailureKind.INTERNAL,
    TroubleKind.BROKEN_OFF: FailureKind.UNAVAILABLE,
}

# Asking again with the same words, or under the same wrong name, changes nothing.
_FUTILE = frozenset({FailureKind.REJECTED_REQUEST, FailureKind.AUTH, FailureKind.BAD_ANSWER})


def failed(kind: FailureKind, message: str) -> Failed:
    """A failure, with whether asking again later can help."""
    return Failed(kind=kind, message=message, retryable=kind not in _FUTILE)


def failed_by(trouble: Trouble) -> Failed:
    """The failure that a trouble amounts to once the policies have given up."""
    return failed(KINDS[trouble.kind], trouble.message)
