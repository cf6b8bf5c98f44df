"""One circuit breaker per insurer: after several failures in a row it is left alone for a while."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Literal, TypeVar

from circuitbreaker import STATE_OPEN, CircuitBreaker

from osago_daemon.resilience.trouble import Trouble, TroubleKind

T = TypeVar("T")

SICKNESS = frozenset(
    {TroubleKind.CONNECT, TroubleKind.RESET, TroubleKind.TIMEOUT, TroubleKind.SERVER_ERROR}
)
"""Troubles that say the other side is unwell. A wrong request or a full limit says nothing."""


def _is_sickness(_kind: type[BaseException], error: BaseException) -> bool:
    return isinstance(error, Trouble) and error.kind in SICKNESS


class Breaker(CircuitBreaker):  # type: ignore[misc]  # circuitbreaker ships no types
    """The library's breaker, minus counting as a success what is none.

    The library closes the breaker after everything that is not a failure, so also after a
    cancelled attempt or a 429. Here only an attempt that came back counts as a success.
    """

    def __init__(self, name: str, *, failures: int, recovery_s: float) -> None:
        """Open after `failures` in a row; let the next attempt through after `recovery_s`."""
        super().__init__(failures, recovery_s, _is_sickness, name)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        """Count the attempt, unless it says nothing about the insurer's health."""
        if exc_value is None or _is_sickness(type(exc_value), exc_value):
            super().__exit__(exc_type, exc_value, traceback)
        return False

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run one attempt, or fail at once with `Trouble(BROKEN_OFF)` while open."""
        if self.state == STATE_OPEN:
            raise Trouble(
                TroubleKind.BROKEN_OFF,
                f"left alone after {self.failure_count} failures in a row",
                retry_after_s=float(max(0, self.open_remaining)),
            )
        with self:
            return await attempt()
