"""An exchange that is carried to its end although nobody waits for it any more.

A create that can't be repeated is such a one: cut off in the middle, nobody would ever know
whether the insurer has the application. It keeps its place in the insurer's limits meanwhile.
"""

import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
from anyio.abc import TaskGroup

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import Result
from osago_daemon.resilience.trouble import Trouble, TroubleKind

T = TypeVar("T")

_NOBODY = "nobody waits for it any more"


class Outliving:
    """One such exchange."""

    def __init__(self, deadline: Deadline, *, bound_s: float) -> None:
        """`deadline` holds as long as nothing is sent; what is sent takes `bound_s` at most."""
        self.deadline = Deadline(deadline.at)
        """What the exchange is to keep to."""
        self._until = deadline.at
        self._bound_s = bound_s
        self._scope = anyio.CancelScope()
        self._over = anyio.Event()
        self._result: Result = Trouble(TroubleKind.RESET, "broken off as the daemon stopped")
        self._bug: Exception | None = None
        self._sending = False
        self._abandoned = False

    async def through(self, exchange: Callable[[], Awaitable[Result]], tasks: TaskGroup) -> Result:
        """What it comes to. Cancelled before anything is sent it ends, afterwards it does not."""
        tasks.start_soon(self._run, exchange)
        try:
            await self._over.wait()
        except BaseException:
            self._abandoned = True
            if not self._sending:
                self._scope.cancel()
            raise
        if self._bug is not None:
            raise self._bug
        return self._result

    async def sent(
        self, before: Callable[[], Awaitable[None]], send: Callable[[], Awaitable[T]]
    ) -> T:
        """One attempt of the exchange: `before` and `send`, not to be broken off."""
        self._check_wanted(self._until)
        self._sending = True
        self.deadline.put_off(anyio.current_time() + self._bound_s)
        try:
            await before()
            self._check_wanted(math.inf)
            return await send()
        except Trouble as trouble:
            if self._abandoned:  # what would be tried again is not
                self._result = trouble.bare()
                self._scope.cancel()
            raise
        finally:
            self._sending = False

    def _check_wanted(self, until: float) -> None:
        """Nothing is begun for nobody; that says nothing of the insurer."""
        if self._abandoned or anyio.current_time() >= until:
            raise Trouble(TroubleKind.OVER_LIMIT, _NOBODY)

    async def over(self) -> Result | None:
        """Wait for the end; None: a bug ended it."""
        await self._over.wait()
        return None if self._bug is not None else self._result

    async def _run(self, exchange: Callable[[], Awaitable[Result]]) -> None:
        try:
            with self._scope:
                self._result = await exchange()
        except Exception as bug:  # noqa: BLE001  # raised where it is waited for
            self._bug = bug
        finally:
            self._over.set()
