"""One application on its way to one insurer, once: no retries, no limits, no journal."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import anyio

from osago_core.application import Application, Redactor
from osago_daemon.insurers.exact import exact
from osago_daemon.insurers.port import NotYet, Several
from osago_daemon.resilience.numbers import PacingNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind

T = TypeVar("T")


class OneWalk:
    """A `Call` in which everything is tried once; a refused login is renewed once."""

    def __init__(
        self,
        application: Application,
        *,
        key: str,
        pacing: PacingNumbers,
        attempt_timeout_s: float,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        """`application` is as `check` made it, `key` the idempotency key."""
        self._sleep = sleep
        self.idempotency_key = key
        self.kept: Mapping[str, Any] | None = None
        self._application: Mapping[str, Any] = exact(application.normal_form())
        self._redactor = Redactor.of(application)
        self._pacing = pacing
        self._timeout_s = attempt_timeout_s

    @property
    def application(self) -> Mapping[str, Any]:
        """See `Call`."""
        return self._application

    def heard(self, several: Several) -> None:
        """See `Call`: the walk shows every answer by itself."""

    async def created(self, kept: Mapping[str, Any]) -> None:
        """There is no journal: nobody comes back to it."""

    async def attempt(
        self,
        send: Callable[[], Awaitable[T]],
        *,
        repeatable: bool,  # noqa: ARG002  # nothing is repeated
        log_in: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        """Once; again only after a login that was refused."""
        try:
            return await self._bounded(send)
        except Trouble as trouble:
            if trouble.kind is not TroubleKind.AUTH or log_in is None:
                raise
        await log_in()
        return await self._bounded(send)

    async def log_in(self, send: Callable[[], Awaitable[T]]) -> T:
        """Once."""
        return await self._bounded(send)

    async def poll(
        self,
        ask: Callable[[], Awaitable[T | NotYet]],
        *,
        not_before_s: float | None = None,
        log_in: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        """Until it is decided, at the times of the file; a `Retry-After` of theirs wins."""
        wait_s = self._pacing.first_s if not_before_s is None else not_before_s
        while True:
            await self._sleep(max(wait_s, self._pacing.least_s))
            answer = await self.attempt(ask, repeatable=True, log_in=log_in)
            if not isinstance(answer, NotYet):
                return answer
            wait_s = self._pacing.every_s
            if answer.retry_after_s is not None:
                wait_s = answer.retry_after_s

    def mask(self, text: str) -> str:
        """See `Call`."""
        return self._redactor.mask(text)

    async def _bounded(self, send: Callable[[], Awaitable[T]]) -> T:
        with anyio.move_on_after(self._timeout_s):
            return await send()
        raise Trouble(TroubleKind.TIMEOUT, f"nothing within {self._timeout_s:.3g} s")
