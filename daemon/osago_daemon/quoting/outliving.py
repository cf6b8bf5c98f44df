"""A request that is carried to its end although nobody waits for it any more.

A create that can't be repeated is such a one: cut off in the middle, nobody would ever know
whether the insurer has the application.
"""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio
from anyio.abc import TaskGroup

from osago_daemon.resilience.trouble import Trouble, TroubleKind

T = TypeVar("T")


class Outliving(Generic[T]):
    """One such request."""

    def __init__(self, send: Callable[[], Awaitable[T]], *, bound_s: float) -> None:
        """`send` raises `Trouble`; it takes no longer than `bound_s`."""
        self._send = send
        self._bound_s = bound_s
        self._over = anyio.Event()
        self._result: list[T] = []
        self._error: Exception = Trouble(TroubleKind.RESET, "broken off as the daemon stopped")

    def start(self, tasks: TaskGroup) -> None:
        """`tasks` live longer than whoever asked."""
        tasks.start_soon(self._run)

    async def result(self) -> T:
        """What it gave or raised. Who waits may be cancelled, it is not."""
        await self._over.wait()
        if not self._result:
            raise self._error
        return self._result[0]

    async def _run(self) -> None:
        try:
            with anyio.move_on_after(self._bound_s):
                self._result.append(await self._send())
                return
            self._error = Trouble(TroubleKind.TIMEOUT, f"nothing within {self._bound_s:.3g} s")
        except Exception as error:  # noqa: BLE001  # raised where it is waited for
            self._error = error
        finally:
            self._over.set()
