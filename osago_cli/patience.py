"""When to try a daemon again that went away, and when to give it up. Standard library only."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from osago_cli.client import ConnectionLost, NoPermission, NotRunning, Refused, Unreachable

T = TypeVar("T")

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 1.0

STEADY_S = 5.0
"""Losses closer to each other than this are one outage, whose waits go on growing."""

_COMES_BACK = (NotRunning, NoPermission, ConnectionLost)
"""What a daemon looks like while it starts; anything else does not mend itself."""

_COMES_BACK_KINDS = {"draining", "overloaded"}


class GaveUp(Unreachable):
    """The daemon did not come back in time."""


def _random() -> float:
    import random  # only where a daemon died; the plain path starts without it

    return random.random()  # noqa: S311  # spreads clients, keeps no secret


@dataclass(frozen=True, slots=True)
class Times:
    """Where time and randomness come from. Seconds; `random` gives 0 to 1."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = _random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


REAL = Times()


class Patience:
    """When to try again and when to give up: at once, then after 0.2 s growing to 1 s."""

    def __init__(self, left_s: float, times: Times) -> None:
        """`left_s` is until giving up."""
        self._times = times
        self._gives_up_at = times.clock() + left_s
        self._path = Path()
        self._wait_s = FIRST_WAIT_S
        self._lost_at = self._next_at = -math.inf

    def lost(self, path: Path) -> None:
        """The daemon on this socket went away now. Raises GaveUp."""
        now, before = self._times.clock(), self._lost_at
        self._path, self._lost_at = path, now
        if now - before < STEADY_S:
            self._failed("it hangs up")
        else:
            self._wait_s, self._next_at = FIRST_WAIT_S, now

    def attempt(self, reach: Callable[[], T], timeout_s: float) -> T | None:
        """What `reach` got, None if it was not time for it or nobody was there.

        Waits no longer than `timeout_s` before it tries. Raises GaveUp, and what no waiting mends.
        """
        wait_s = self._next_at - self._times.clock()
        if wait_s > 0:
            self._times.sleep(min(wait_s, timeout_s))
        if wait_s > timeout_s:
            return None
        try:
            return reach()
        except _COMES_BACK as error:
            self._failed(error.detail)
        except Refused as refusal:
            if refusal.kind not in _COMES_BACK_KINDS:
                raise
            self._failed(refusal.message)
        return None

    def _failed(self, detail: str) -> None:
        left_s = self._gives_up_at - self._times.clock()
        if left_s <= 0:
            raise GaveUp(self._path, detail)
        # Half of it by chance, so that a desk full of clients does not come at the same moment.
        wait_s = self._wait_s * (1 + self._times.random()) / 2
        self._next_at = self._times.clock() + min(wait_s, left_s)
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
