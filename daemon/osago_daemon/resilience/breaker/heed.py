"""What a breaker becomes by what another instance's breaker of the same insurer came to be.

Knows no clock and nobody who tells: only what the two are, and for how long.
"""

from typing import NamedTuple

from osago_daemon.resilience.breaker.change import Reason, State
from osago_daemon.resilience.breaker.library import LONGEST_S

SAME_S = 1.0
"""Ends that are as close as this are one: clocks and the way to here differ by more."""
PROBED = frozenset({Reason.PROBE_FAILED, Reason.PROBE_SLOW})


class Standing(NamedTuple):
    """What a breaker is, why, and for how many more seconds; None: without end."""

    state: State
    reason: Reason
    free_in_s: float | None


class Turn(NamedTuple):
    """What to become, and for how long; None: without end, or it needs none."""

    state: State
    for_s: float | None = None


def heeded(here: Standing, there: Standing, max_open_s: float) -> Turn | None:
    """What to become here; None: stay as it is."""
    match there.state:
        case State.OPEN:
            return _open(here, there, max_open_s)
        case State.ISOLATED:
            return _isolated(here, there.free_in_s)
        case State.CLOSED if there.reason is Reason.BY_HAND:
            return Turn(State.CLOSED)
        case State.CLOSED if here.state is State.OPEN:
            return Turn(State.HALF_OPEN)  # it is well as seen from there: find out from here
    return None


def _open(here: Standing, there: Standing, max_open_s: float) -> Turn | None:
    """As long as there. Who was closed by good probes of its own knows better than theirs.

    Or one instance whose own way to the insurer is broken would close it to all, again and again.
    """
    if there.free_in_s is None or here.state is State.ISOLATED:
        return None
    if here.state is State.CLOSED and here.reason is Reason.PROBES_GOOD and there.reason in PROBED:
        return None
    for_s = min(there.free_in_s, max_open_s)
    already_s = here.free_in_s or 0.0 if here.state is State.OPEN else 0.0
    return Turn(State.OPEN, for_s) if for_s > already_s else None


def _isolated(here: Standing, free_in_s: float | None) -> Turn | None:
    """The same end as there. An isolation that is over there is over here, too."""
    isolated = here.state is State.ISOLATED
    if free_in_s is not None and free_in_s <= 0:
        return Turn(State.HALF_OPEN) if isolated else None
    if isolated and _same(here.free_in_s, free_in_s):
        return None
    return Turn(State.ISOLATED, None if free_in_s is None else min(free_in_s, LONGEST_S))


def _same(one_s: float | None, other_s: float | None) -> bool:
    if one_s is None or other_s is None:
        return one_s is other_s
    return abs(one_s - other_s) <= SAME_S
