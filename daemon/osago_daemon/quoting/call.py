"""One application on its way to one insurer: the policies' and the watchers' end of an adapter."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import anyio

from osago_core.application import Redactor
from osago_core.wire.events import InsurerState
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.run import Run
from osago_daemon.resilience.guard import Retrying

T = TypeVar("T")


class InsurerCall:
    """Implements `osago_daemon.insurers.port.Call`; reports every change of state once."""

    def __init__(
        self,
        run: Run,
        insurer: Insurer,
        *,
        application: Mapping[str, Any],
        idempotency_key: str,
        redactor: Redactor,
    ) -> None:
        """`application` is the normal form."""
        self.application = application
        self.idempotency_key = idempotency_key
        self.attempts = 1
        """The first one and every retry, of all steps together."""
        self._run = run
        self._insurer = insurer
        self._redactor = redactor
        self._phase = InsurerState.ASKING
        self._reported: tuple[InsurerState, int] | None = None

    async def attempt(self, send: Callable[[], Awaitable[T]], *, repeatable: bool) -> T:
        """Run one exchange under the insurer's policies."""

        async def reported() -> T:
            self._report(self._phase)
            return await send()

        return await self._insurer.guard.call(
            reported,
            repeatable=repeatable,
            deadline=self._run.deadline,
            on_retry=self._retrying,
        )

    async def wait(self, seconds: float) -> None:
        """Wait before the next poll."""
        self._phase = InsurerState.WAITING
        self._report(self._phase)
        await anyio.sleep(seconds)

    def mask(self, text: str) -> str:
        """The text with every personal value of this application masked."""
        return self._redactor.mask(text)

    def _retrying(self, next_: Retrying) -> None:
        self.attempts += 1
        self._report(
            InsurerState.RETRYING,
            retry_in_ms=round(next_.wait_s * 1000),
            reason=next_.trouble.kind.value,
        )

    def _report(
        self, state: InsurerState, *, retry_in_ms: int | None = None, reason: str | None = None
    ) -> None:
        if self._reported == (state, self.attempts):
            return
        self._reported = (state, self.attempts)
        self._run.report(
            self._insurer.id,
            state,
            attempt=self.attempts,
            retry_in_ms=retry_in_ms,
            reason=reason,
        )
