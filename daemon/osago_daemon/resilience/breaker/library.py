"""circuitbreaker's own surface over our rules, so that nothing inherited does anything wrong.

The library marks what failed inside a `with` of the breaker itself, which many calls at a time
cannot share. Here every call has a permit, so its own ways to make calls are refused: all of them
go through that `with`.
"""

from abc import abstractmethod
from math import ceil
from typing import NoReturn

from circuitbreaker import CircuitBreaker

from osago_daemon.resilience.breaker.change import State

LONGEST_S = 10 * 365 * 86400.0
"""What the library's surface says for "without end", and the longest isolation that has one."""


class LibrarySurface(CircuitBreaker):  # type: ignore[misc]  # circuitbreaker ships no types
    """What the library shows of a breaker, said in terms of the few members below.

    `last_failure` stays None: a trouble's frames and causes hold the request.
    """

    @property
    @abstractmethod
    def state(self) -> State:
        """What it is now."""

    @property
    @abstractmethod
    def failures(self) -> int:
        """How many of what it is judged by failed."""

    @abstractmethod
    def free_in_s(self) -> float | None:
        """Seconds until somebody is let through."""

    @abstractmethod
    def restore(self) -> None:
        """Close it by hand."""

    def reset(self) -> None:
        """The same as `restore`."""
        self.restore()

    @property
    def opened(self) -> bool:
        """Whether nobody is let through."""
        return self.state in {State.OPEN, State.ISOLATED}

    @property
    def open_remaining(self) -> int:
        """Whole seconds until somebody is let through, rounded up; ten years for "without end"."""
        if not self.opened:
            return 0
        free_in_s = self.free_in_s()
        return ceil(LONGEST_S if free_in_s is None else free_in_s)

    @property
    def failure_count(self) -> int:
        """The library's name for `failures`."""
        return self.failures

    def _refuse(self, *_args: object) -> NoReturn:
        raise TypeError("many attempts share this breaker: take a permit of your own with enter()")

    __enter__ = __exit__ = decorate = _refuse
