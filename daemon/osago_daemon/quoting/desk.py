"""Starts runs, asks every insurer at once, keeps the runs of the last while.

Owns the lifetime of runs: each lives in the desk's task group, not in the client that started it,
so a client that goes away costs nothing and loses nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

import anyio
import structlog
from anyio.abc import TaskGroup

from osago_core.application import Application, Redactor, fingerprint
from osago_core.moscow import moscow_day
from osago_core.offer import Failed, FailureKind, Outcome
from osago_core.wire.events import DoneReason
from osago_daemon.insurers.exact import exact
from osago_daemon.quoting.call import ANYBODY, Asker, Errand, InsurerCall
from osago_daemon.quoting.clock import NewId, WallClock, random_quote_id
from osago_daemon.quoting.gate import Gate
from osago_daemon.quoting.identity import idempotency_key
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.outcome import UNSENT, checked, failed, failed_by, failed_by_bug
from osago_daemon.quoting.run import Run
from osago_daemon.resilience.trouble import Trouble
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

MAX_RUNS = 5000
"""Runs at once; twice the peak the system is built for (2,500 applications)."""

KEPT_RUNS = 6000
"""Runs in memory, ended ones included; the oldest ended ones go first."""


class QuoteDesk:
    """Every run of this daemon."""

    def __init__(
        self,
        tasks: TaskGroup,
        insurers: Iterable[Insurer],
        *,
        secret: bytes,
        wall_clock: WallClock,
        new_id: NewId = random_quote_id,
    ) -> None:
        """`secret` keys fingerprints and idempotency keys."""
        self.insurers = {insurer.id: insurer for insurer in insurers}
        self.wall_clock = wall_clock
        self.draining = False
        self._tasks = tasks
        self._gate = Gate(tasks)
        self._secret = secret
        self._new_id = new_id
        self._runs: dict[str, Run] = {}
        self._scopes: dict[str, anyio.CancelScope] = {}
        self._stopped: dict[str, DoneReason] = {}

    @property
    def active(self) -> int:
        """Runs that have not ended."""
        return len(self._scopes)

    @property
    def known(self) -> int:
        """Runs in memory."""
        return len(self._runs)

    def today(self) -> date:
        """The Moscow day."""
        return moscow_day(self.wall_clock())

    def fingerprint(self, application: Application) -> str:
        """What identifies an application without revealing it."""
        return fingerprint(application, self._secret)

    def get(self, quote_id: str) -> Run | None:
        """A run still known."""
        return self._runs.get(quote_id)

    def latest(self, limit: int) -> list[Run]:
        """Runs still known, newest first."""
        return list(reversed(self._runs.values()))[:limit]

    def start(
        self,
        application: Application,
        *,
        insurers: Sequence[str],
        deadline_s: float,
        cache: Literal["use", "refresh", "only"],
        asker: Asker = ANYBODY,
    ) -> Run:
        """Begin a run over these insurers; returns at once."""
        run = Run(
            self._new_id(),
            {id_: self.insurers[id_].name for id_ in insurers},
            deadline_s=deadline_s,
            wall_clock=self.wall_clock,
        )
        self._remember(run)
        self._scopes[run.id] = run.deadline.scope()
        self._tasks.start_soon(self._conduct, run, application, cache, asker)
        return run

    def stop(self, run: Run, reason: DoneReason) -> None:
        """End a run with what has arrived; nothing happens to one that has ended."""
        if scope := self._scopes.get(run.id):
            self._stopped.setdefault(run.id, reason)
            scope.cancel()

    def drain(self) -> None:
        """Start nothing more and end every run with what has arrived."""
        self.draining = True
        for quote_id in tuple(self._scopes):
            self.stop(self._runs[quote_id], DoneReason.DRAINING)

    async def _conduct(
        self,
        run: Run,
        application: Application,
        cache: Literal["use", "refresh", "only"],
        asker: Asker,
    ) -> None:
        """Whatever goes wrong in a run stays in it: it ends with one `done` all the same."""
        log.info("run_started", quote_id=run.id, insurers=len(run.insurers))
        try:
            with self._scopes[run.id]:
                if cache == "only":  # nothing is kept yet, so nothing of today is known
                    kept_none = failed(FailureKind.UNAVAILABLE, "no answer of today is kept")
                    self._settle_silent(run, kept_none)
                else:
                    await self._ask_all(run, application, asker)
        except Exception as bug:  # noqa: BLE001  # one run's trouble is no other's
            self._settle_silent(run, failed_by_bug(report_bug(bug, quote_id=run.id)))
        finally:
            del self._scopes[run.id]
            self._end(run)

    def _end(self, run: Run) -> None:
        stopped = self._stopped.pop(run.id, None)
        reason = DoneReason.COMPLETE
        if run.silent:
            reason = stopped or DoneReason.DEADLINE
        if reason is DoneReason.DEADLINE:
            self._settle_silent(run, failed(FailureKind.TIMEOUT, "nothing within the deadline"))
        try:
            run.finish(reason)
        except Exception as bug:  # noqa: BLE001  # the daemon lives on
            report_bug(bug, quote_id=run.id)
        log.info("run_done", quote_id=run.id, reason=reason.value, **run.counts().model_dump())

    async def _ask_all(self, run: Run, application: Application, asker: Asker) -> None:
        normal_form = exact(application.normal_form())
        errand = Errand(normal_form, Redactor.of(application), self._gate, asker)
        identity = self.fingerprint(application)
        today = self.today()
        async with anyio.create_task_group() as asking:
            for id_ in run.insurers:
                key = idempotency_key(self._secret, id_, identity, today)
                call = InsurerCall(run, self.insurers[id_], errand, idempotency_key=key)
                asking.start_soon(self._ask, run, self.insurers[id_], call)

    async def _ask(self, run: Run, insurer: Insurer, call: InsurerCall) -> None:
        """One insurer's part of a run. A bug in its adapter is nobody else's."""
        outcome: Outcome
        says: Outcome | None = None
        try:
            outcome = says = checked(await insurer.adapter.quote(call))
        except Trouble as trouble:
            outcome = failed_by(trouble, self.wall_clock())
            told = call.last_trouble if trouble.kind in UNSENT else trouble
            says = failed_by(told, self.wall_clock()) if told is not None else None
            log.warning(
                "insurer_failed",
                quote_id=run.id,
                insurer=insurer.id,
                kind=outcome.kind.value,
                attempts=call.attempts,
            )
        except Exception as bug:  # noqa: BLE001
            outcome = failed_by_bug(report_bug(bug, quote_id=run.id, insurer=insurer.id))
        self._settle(run, insurer, outcome, says)

    def _settle(
        self, run: Run, insurer: Insurer, outcome: Outcome, says: Outcome | None = None
    ) -> None:
        """Tell an outcome, and note what it says of the insurer, if anything.

        A mistake of ours in it costs this one outcome at the most.
        """
        try:
            run.settle(insurer.id, outcome)
            if says is not None:
                insurer.record.note(says, run.elapsed_ms(), self.wall_clock())
        except Exception as bug:  # noqa: BLE001
            report_bug(bug, quote_id=run.id, insurer=insurer.id)

    def _settle_silent(self, run: Run, outcome: Failed) -> None:
        for id_ in run.silent:
            self._settle(run, self.insurers[id_], outcome, outcome)

    def _remember(self, run: Run) -> None:
        self._runs[run.id] = run
        if len(self._runs) > KEPT_RUNS:
            oldest = next((r for r in self._runs.values() if r.done is not None), None)
            if oldest is not None:
                del self._runs[oldest.id]
