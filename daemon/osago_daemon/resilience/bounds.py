"""The two bounds in wall-clock time: the run's deadline around all, the timeout around an attempt.

Both end whatever is under way, also against a server that drips a byte at a time, which no
timeout per read notices.
"""

from typing import Any

import anyio

from osago_daemon.resilience.exchange import Exchange, Result, Step
from osago_daemon.resilience.trouble import Trouble, TroubleKind


class DeadlinePolicy:
    """Nothing further in starts, waits or goes on past the exchange's deadline."""

    name = "deadline"
    keys = ()

    async def run(self, exchange: Exchange[Any], inner: Step) -> Result:
        """`timeout` where the deadline comes first."""
        if exchange.deadline.left_s() > 0:
            if anyio.current_effective_deadline() <= exchange.deadline.at:
                return await inner(exchange)  # the caller's own scope ends it in time
            with exchange.deadline.scope():
                return await inner(exchange)
        return Trouble(TroubleKind.TIMEOUT, "nothing within the deadline")


class AttemptTimeout:
    """One attempt may take so long, and the next one, if any, begins afresh."""

    name = "attempt timeout"
    keys = ("attempt_timeout_s",)

    def __init__(self, timeout_s: float) -> None:
        """Seconds of one attempt."""
        self._timeout_s = timeout_s

    async def run(self, exchange: Exchange[Any], inner: Step) -> Result:
        """`timeout` where the attempt takes longer."""
        with anyio.move_on_after(self._timeout_s):
            return await inner(exchange)
        return Trouble(TroubleKind.TIMEOUT, f"nothing within {self._timeout_s:.3g} s")
