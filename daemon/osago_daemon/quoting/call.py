"""One application on its way to one insurer: the policies' and the watchers' end of an adapter."""

import math
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from osago_core.application import Redactor
from osago_core.offer import Declined
from osago_core.wire.events import InsurerState
from osago_daemon.insurers.port import NotYet
from osago_daemon.quoting.gate import Gate
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.poll_loop import PollLoop
from osago_daemon.quoting.run import Run
from osago_daemon.resilience.exchange import Exchange, Health, Rank, Retrying
from osago_daemon.resilience.trouble import Trouble

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose application it is, as far as taking turns goes."""

    rank: Rank = Rank.INTERACTIVE
    client: Hashable = None


ANYBODY = Asker()


@dataclass(frozen=True, slots=True)
class Errand:
    """What the calls of one run have in common."""

    application: Mapping[str, Any] = field(repr=False)
    """In normal form, fractions exact."""
    redactor: Redactor = field(repr=False)
    gate: Gate = field(repr=False)
    """Where exchanges of all runs wait when more are due than can be dealt with at once."""
    asker: Asker = ANYBODY


class InsurerCall:
    """Implements `osago_daemon.insurers.port.Call` and the policies' `Observer`."""

    def __init__(self, run: Run, insurer: Insurer, errand: Errand, *, idempotency_key: str) -> None:
        """One call belongs to one run."""
        self.application = errand.application
        self.idempotency_key = idempotency_key
        self.attempts = 1
        """The first one and every retry, of all steps together."""
        self.last_trouble: Trouble | None = None
        """The latest one that did not end the call."""
        self._run = run
        self._insurer = insurer
        self._errand = errand
        self._phase = InsurerState.ASKING
        self._reported: tuple[InsurerState, int] | None = None

    async def attempt(
        self,
        send: Callable[[], Awaitable[T]],
        *,
        repeatable: bool,
        log_in: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        """Run one exchange under the insurer's policies."""
        continuing = self._phase is InsurerState.WAITING
        asker = self._errand.asker
        await self._errand.gate.pass_(asker.rank, asker.client, continuing=continuing)
        result = await self._insurer.pipeline.run(
            Exchange(
                send,
                deadline=self._run.deadline,
                observer=self,
                repeatable=repeatable,
                rank=asker.rank,
                client=asker.client,
                continuing=continuing,
                health=_health,
                log_in=log_in,
            )
        )
        if isinstance(result, Trouble):
            raise result
        value: T = result.value
        return value

    async def poll(
        self,
        ask: Callable[[], Awaitable[T | NotYet]],
        *,
        not_before_s: float | None = None,
        log_in: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        """Ask until the insurer has decided; the run's deadline ends it."""
        self._phase = InsurerState.WAITING
        loop = PollLoop(
            ask,
            guarded=lambda send: self.attempt(send, repeatable=True, log_in=log_in),
            pace=self._insurer.pacer.begin(),
            deadline=self._run.deadline,
            on_wait=lambda: self._report(InsurerState.WAITING),
        )
        return await loop.run(not_before_s)

    def mask(self, text: str) -> str:
        """The text with every personal value of this application masked."""
        return self._errand.redactor.mask(text)

    def queued(self, free_in_s: float) -> None:
        """Our own limits make it wait."""
        known = 0 < free_in_s < math.inf  # nobody knows when a place will be free
        self._report(InsurerState.QUEUED, retry_in_ms=round(free_in_s * 1000) if known else None)

    def attempting(self) -> None:
        """A request goes out."""
        self._report(self._phase)

    def retrying(self, retrying: Retrying) -> None:
        """A request failed and will be sent again."""
        self.attempts += 1
        self.last_trouble = retrying.trouble
        self._report(
            InsurerState.RETRYING,
            retry_in_ms=round(retrying.wait_s * 1000),
            reason=retrying.trouble.kind.value,
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


def _health(value: object) -> Health:
    if isinstance(value, NotYet):
        return Health.NOTHING
    return Health.REFUSED if isinstance(value, Declined) else Health.GOOD
