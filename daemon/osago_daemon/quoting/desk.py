"""Starts runs, has every insurer asked, keeps the runs of the last while.

Owns the lifetime of runs: each lives in the desk's task group, not in the client that started it,
so a client that goes away costs nothing and loses nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial

import anyio
import structlog
from anyio.abc import TaskGroup

from osago_core.application import Application, fingerprint
from osago_core.moscow import moscow_day
from osago_core.offer import Failed, FailureKind
from osago_core.wire.events import DoneReason, NoticeCode
from osago_daemon.quoting import recovery
from osago_daemon.quoting.appraisal import Appraiser, findings_of, silent
from osago_daemon.quoting.call import ANYBODY, Ask, Asker, Errand, Means
from osago_daemon.quoting.clock import NewId, WallClock, random_quote_id
from osago_daemon.quoting.gate import Gate
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.lineup import Lineup
from osago_daemon.quoting.outcome import failed, failed_by_bug, told_now
from osago_daemon.quoting.recovery import CacheUse, Header, KeptRun, RunKeeper, RunWriter
from osago_daemon.quoting.run import Run
from osago_daemon.quoting.switchboard import Switchboard, keys_of
from osago_daemon.storage.port import Key, Store, StoreState
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

MAX_RUNS = 5000
"""Runs at once; twice the peak the system is built for (2,500 applications)."""

KEPT_RUNS = 6000
"""Runs in memory, ended ones included; the oldest ended ones go first."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a desk gets besides its insurers."""

    store: Store
    secret: bytes = field(repr=False)
    """Keys fingerprints and idempotency keys."""
    wall_clock: WallClock
    keeper: RunKeeper | None = None
    """Keeps runs over a crash."""
    new_id: NewId = random_quote_id
    appraiser: Appraiser = silent
    """Says what the tariff has to say of outcomes."""


@dataclass(slots=True)
class _Conduct:
    """A run that has not ended, or is about to be left alone."""

    run: Run
    lineup: Lineup
    scope: anyio.CancelScope
    keys: list[Key]
    errand: Errand
    writer: RunWriter | None
    resumed: bool
    stopped: DoneReason | None = None


class QuoteDesk:
    """Every run of this daemon."""

    def __init__(self, tasks: TaskGroup, insurers: Iterable[Insurer], around: Surroundings) -> None:
        """`tasks` is what runs live in."""
        self._lineup = Lineup(insurers)
        self.store = around.store
        self.wall_clock = around.wall_clock
        self.draining = False
        self._tasks = tasks
        self._around = around
        means = Means(tasks, self.store, Gate(tasks), around.secret, self.wall_clock)
        self._switchboard = Switchboard(means)
        self._runs: dict[str, Run] = {}
        self._under_way: dict[str, _Conduct] = {}

    @property
    def insurers(self) -> dict[str, Insurer]:
        """Those that can be asked now."""
        return self._lineup.insurers

    def line_up(self, insurers: Iterable[Insurer], appraiser: Appraiser) -> Lineup:
        """Have new runs ask these, and appraise by this; those under way end as they began.

        Gives the lineup that held until now.
        """
        before, self._lineup = self._lineup, Lineup(insurers)
        self._around = replace(self._around, appraiser=appraiser)
        return before

    @property
    def active(self) -> int:
        """Runs that have not ended."""
        return len(self._under_way)

    @property
    def known(self) -> int:
        """Runs in memory."""
        return len(self._runs)

    @property
    def not_kept(self) -> str | None:
        """Why a crash would lose the runs under way, where it would."""
        return None if self._around.keeper is None else self._around.keeper.trouble

    def today(self) -> date:
        """The Moscow day."""
        return moscow_day(self.wall_clock())

    def fingerprint(self, application: Application) -> str:
        """What identifies an application without revealing it."""
        return fingerprint(application, self._around.secret)

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
        cache: CacheUse,
        asker: Asker = ANYBODY,
    ) -> Run:
        """Begin a run over these insurers; returns at once."""
        names = {id_: self.insurers[id_].name for id_ in insurers}
        run = Run(self._around.new_id(), names, deadline_s=deadline_s, wall_clock=self.wall_clock)
        header = Header(
            insurers=names,
            started_at=run.started_at,
            deadline_s=deadline_s,
            day=moscow_day(run.started_at),
            cache=cache,
            rank=asker.rank,
        )
        writer = None
        if self._around.keeper is not None:
            kept = recovery.encode(header, application)
            writer = self._around.keeper.begin(run.id, kept, run.deadline_at)
        self._begin(run, header, application, asker, writer)
        log.info("run_started", quote_id=run.id, insurers=len(run.insurers))
        return run

    def resume(self, kept: KeptRun) -> None:
        """Go on with a run that a killed daemon left; one that is over can be watched again."""
        try:
            header, application = recovery.decode(kept.header)
            run = self._as_it_was(kept, header)
        except Exception as bug:  # noqa: BLE001  # of another version, say: others go on
            log.warning("run_lost", quote_id=kept.id, reason=report_bug(bug, quote_id=kept.id))
            kept.writer.over()
            return
        if run.done is not None:
            kept.writer.over()
            self._remember(run)
            return
        log.info("run_resumed", quote_id=run.id, seq=run.seq, silent=len(run.silent))
        self._begin(run, header, application, Asker(header.rank), kept.writer)
        run.notice(NoticeCode.RESUMED, "the daemon was restarted and goes on")
        self._settle_unknown(run)

    def _as_it_was(self, kept: KeptRun, header: Header) -> Run:
        run = Run(
            kept.id,
            header.insurers,
            deadline_s=header.deadline_s,
            wall_clock=self.wall_clock,
            started_at=header.started_at,
        )
        run.replay(kept.lines)
        return run

    def stop(self, run: Run, reason: DoneReason) -> None:
        """End a run with what has arrived; nothing happens to one that has ended."""
        if conduct := self._under_way.get(run.id):
            conduct.stopped = conduct.stopped or reason
            conduct.scope.cancel()

    def drain(self) -> None:
        """Start nothing more and end every run with what has arrived."""
        self.draining = True
        for conduct in tuple(self._under_way.values()):
            self.stop(conduct.run, DoneReason.DRAINING)

    async def landed(self) -> None:
        """Wait until no insurer is being asked any more."""
        await self._switchboard.landed()

    def store_changed(self, state: StoreState) -> None:
        """Tell every run that the store went away or came back."""
        for conduct in tuple(self._under_way.values()):
            self._notice(conduct.run, state)

    def _begin(
        self,
        run: Run,
        header: Header,
        application: Application,
        asker: Asker,
        writer: RunWriter | None,
    ) -> None:
        lineup = self._lineup
        known = [lineup.insurers[id_] for id_ in run.silent if id_ in lineup.insurers]
        sources = dict.fromkeys(insurer.source for insurer in known)
        keys = keys_of(sources, self.fingerprint(application), header.day)
        if writer is not None:
            run.write = writer.events
        run.complete = partial(self._finish, reason=DoneReason.COMPLETE)
        self._remember(run)
        resumed = run.started_at < self.wall_clock() and run.seq > 0
        errand = Errand(application, self._around.appraiser(application, header.day))
        self._under_way[run.id] = _Conduct(
            run, lineup, run.deadline.scope(), keys, errand, writer, resumed
        )
        lineup.enter()
        self._tasks.start_soon(self._conduct, run, header.cache, asker)

    async def _conduct(self, run: Run, cache: CacheUse, asker: Asker) -> None:
        """Whatever goes wrong in a run stays in it: it ends with one `done` all the same."""
        conduct = self._under_way[run.id]
        try:
            with conduct.scope:
                if self.store.state().away_since is not None:
                    self._notice(run, self.store.state())
                if cache == "only":
                    await self._switchboard.tell_kept(run, conduct.keys, conduct.lineup)
                else:
                    wish = run.id if cache == "refresh" else None
                    ask = Ask(conduct.errand, asker, wish, resumed=conduct.resumed)
                    self._switchboard.ask(run, ask, conduct.keys, conduct.lineup)
                    await run.settled.wait()
        except Exception as bug:  # noqa: BLE001  # one run's trouble is no other's
            broken = failed_by_bug(report_bug(bug, quote_id=run.id))
            self._settle_silent(conduct, broken)
        finally:
            del self._under_way[run.id]
            self._switchboard.leave(run, conduct.keys, conduct.lineup)
            conduct.lineup.leave()
            self._end(run, conduct)

    def _end(self, run: Run, conduct: _Conduct) -> None:
        reason = DoneReason.COMPLETE
        if run.silent:
            reason = conduct.stopped or DoneReason.DEADLINE
        run.complete = partial(self._finish, reason=reason)
        if reason is DoneReason.DEADLINE:
            with run.together():
                late = failed(FailureKind.TIMEOUT, "nothing within the deadline")
                self._settle_silent(conduct, late)
        self._finish(run, reason)
        if conduct.writer is not None:
            conduct.writer.over()
        log.info("run_done", quote_id=run.id, reason=reason.value, **run.counts().model_dump())

    def _finish(self, run: Run, reason: DoneReason) -> None:
        if run.done is None:
            try:
                run.finish(reason)
            except Exception as bug:  # noqa: BLE001  # the daemon lives on
                report_bug(bug, quote_id=run.id)

    def _settle_silent(self, conduct: _Conduct, outcome: Failed) -> None:
        """A mistake of ours in it costs one outcome at the most."""
        run = conduct.run
        for id_ in run.silent:
            try:
                findings = findings_of(conduct.errand.appraisal, id_, outcome)
                run.settle(id_, told_now(outcome, findings=findings))
                if insurer := conduct.lineup.insurers.get(id_):
                    insurer.record.note(outcome, run.elapsed_ms(), self.wall_clock())
            except Exception as bug:  # noqa: BLE001
                report_bug(bug, quote_id=run.id, insurer=id_)

    def _settle_unknown(self, run: Run) -> None:
        """Insurers that the configuration no longer has."""
        for id_ in run.silent:
            if id_ not in self.insurers:
                gone = failed(FailureKind.UNAVAILABLE, "no longer among the insurers")
                run.settle(id_, told_now(gone))

    def _notice(self, run: Run, state: StoreState) -> None:
        if state.away_since is None:
            run.notice(NoticeCode.STORE_BACK, "what instances share is there again")
            return
        since = datetime.fromtimestamp(state.away_since, UTC)
        text = f"what instances share can't be reached since {since:%H:%M:%S} UTC: {state.reason}"
        run.notice(NoticeCode.STORE_AWAY, f"{text}; going on alone, with stricter limits")

    def _remember(self, run: Run) -> None:
        self._runs[run.id] = run
        if len(self._runs) > KEPT_RUNS:
            oldest = next((r for r in self._runs.values() if r.done is not None), None)
            if oldest is not None:
                del self._runs[oldest.id]
