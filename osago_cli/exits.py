"""Every exit code and what decides between them."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """The exit codes of the design; scripts rely on them."""

    OK = 0
    INTERNAL = 1
    INVALID = 2
    UNREACHABLE = 3
    NO_OFFER_IN_TIME = 4
    """The time was up, or those who did not decline failed: asking again later may help."""
    NOBODY_OFFERED = 5
    """Everyone answered: no."""
    SOME_FAILED = 6
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    """What the shell reports for any program whose reader went away (128 + SIGPIPE)."""


def exit_of(done: Mapping[str, Any], *, strict: bool) -> Exit:
    """The exit code of a run, from its `done` event."""
    counts = done["counts"]
    everyone_answered = counts["offers"] + counts["declined"] == counts["asked"]
    if not counts["offers"]:
        return Exit.NOBODY_OFFERED if everyone_answered else Exit.NO_OFFER_IN_TIME
    return Exit.SOME_FAILED if strict and not everyone_answered else Exit.OK
