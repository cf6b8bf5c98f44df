"""Runs a plan: the real desk and pipelines on virtual time, pretend insurers, clients, a stop.

Judges nothing: what happened is handed over as evidence.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any

import anyio
import structlog
import trio
import trio.testing
from structlog.contextvars import merge_contextvars
from structlog.exceptions import DropEvent

from osago_core.wire.events import DoneReason
from osago_daemon.quoting.appraisal import silent
from osago_daemon.quoting.call import Asker
from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.lineup import Lineup
from osago_daemon.quoting.run import Run
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.polling.pacing import Pacer
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from tests.simulation.adapter import PretendInsurer, WatchedPipeline
from tests.simulation.applications import application
from tests.simulation.ledger import Ledger
from tests.simulation.plan import Plan, QuotePlan
from tests.simulation.server import Server

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
QUOTE: ContextVar[QuotePlan] = ContextVar("quote")
"""Whose task it is: set for a client, and so for the tasks of its run."""

GRACE_S = 1.0
"""A run may end so much after its deadline."""

RELOADED_SHARE = 1 / 3
RELOAD_BY_S = 60.0


@dataclass(slots=True, eq=False)
class RunRecord:
    """A run and what the world did to it."""

    run: Run
    quote: QuotePlan
    began_at: float
    told_at: list[float] = field(default_factory=list)
    """When each of its events was told."""
    stopped_at: float | None = None
    seen: list[bytes] = field(default_factory=list)
    """What its client saw until it left."""


@dataclass(slots=True)
class Evidence:
    """Everything that can be known of a world that is over."""

    plan: Plan
    ledger: Ledger
    began: float
    desk: QuoteDesk
    hub: MemoryHub
    records: list[RunRecord] = field(default_factory=list)
    unstarted: int = 0
    """Quotes that came when the daemon had begun to stop."""
    over_at: float = 0.0
    """When the last run should have ended and nothing stirred any more."""
    tasks_left: int = 0
    """Tasks of runs that still live when every run should be over."""
    bugs: list[str] = field(default_factory=list)
    lineup_left: Lineup | None = None
    """What held before a reload."""

    def trace(self) -> str:
        """A hash of all that happened, in order."""
        told = [(r.run.id, tuple(zip(r.told_at, r.run.lines, strict=True))) for r in self.records]
        return sha256(repr((told, self.ledger)).encode()).hexdigest()


@dataclass(slots=True)
class House:
    """How a world is built; a test that breaks something on purpose replaces a part."""

    desk: Callable[..., QuoteDesk] = QuoteDesk
    pipeline: Callable[..., Pipeline] = WatchedPipeline
    adapter: Callable[..., PretendInsurer] = PretendInsurer
    instruments: Sequence[Any] = ()
    began: Callable[["World"], None] = lambda _world: None
    """Called when everything is built and nothing has begun."""


class World:
    """One plan on its way."""

    def __init__(self, plan: Plan, house: House, tasks: anyio.abc.TaskGroup) -> None:
        self.plan = plan
        self.tasks = tasks
        self.began = anyio.current_time()
        self.ledger = Ledger()
        self.adapters: dict[str, PretendInsurer] = {}
        ids = count(1)
        self.hub = MemoryHub(wall=lambda: self._now().timestamp())
        self.store = MemoryStore(self.hub)
        self.desk = house.desk(
            tasks,
            [self._insurer(insurer, house) for insurer in plan.insurers],
            Surroundings(self.store, b"k" * 32, self._now, new_id=lambda: f"q{next(ids)}"),
        )
        self.evidence = Evidence(plan, self.ledger, self.began, self.desk, self.hub)

    def _now(self) -> datetime:
        return START + timedelta(seconds=anyio.current_time() - self.began)

    def _insurer(self, plan: Any, house: House) -> Insurer:
        own = Random(repr((self.plan.seed, plan.id)))
        server = Server(plan, Random(own.random()), self.began)
        pipeline = house.pipeline(plan, self.ledger, Random(own.random()))
        self.ledger.listen(pipeline.breaker, plan.id)
        self.adapters[plan.id] = house.adapter(server, self.ledger, pipeline)
        pacer = Pacer(plan.pacing, random_=Random(own.random()).random)
        return Insurer(plan.id, plan.id.upper(), self.adapters[plan.id], pipeline, pacer)

    async def live(self) -> None:
        """From the first client to the last run's end, and a look at what is left."""
        async with anyio.create_task_group() as clients:
            for quote in self.plan.quotes:
                clients.start_soon(self._client, quote)
            for isolation in self.plan.isolations:
                clients.start_soon(self._isolate, isolation)
            clients.start_soon(self._reload)
            if self.plan.drain_at_s is not None:
                clients.start_soon(self._drain, self.plan.drain_at_s)
        last = max((r.run.deadline.at for r in self.evidence.records), default=0.0)
        # What must not be broken off goes on after its run.
        longest_s = max(insurer.numbers.attempt_timeout_s for insurer in self.plan.insurers)
        await anyio.sleep_until(last + longest_s + GRACE_S)
        await trio.testing.wait_all_tasks_blocked()
        self.evidence.over_at = anyio.current_time()
        self.evidence.tasks_left = len(self.tasks._nursery.child_tasks)

    async def _client(self, quote: QuotePlan) -> None:
        QUOTE.set(quote)
        await anyio.sleep_until(self.began + quote.at_s)
        if self.desk.draining:
            self.evidence.unstarted += 1
            return
        run = self.desk.start(
            application(quote.application),
            insurers=quote.insurers,
            deadline_s=quote.deadline_s,
            cache="use",
            asker=Asker(quote.rank, quote.client),
        )
        fingerprint = self.desk.fingerprint(application(quote.application))
        self.ledger.runs[fingerprint] = run.id
        record = RunRecord(run, quote, anyio.current_time())
        self.evidence.records.append(record)
        self._record_times(record)
        async with anyio.create_task_group() as both:
            both.start_soon(self._watch, record)
            if quote.cancel_after_s is not None:
                both.start_soon(self._cancel, record, quote.cancel_after_s)

    def _record_times(self, record: RunRecord) -> None:
        def note() -> None:
            now, news = anyio.current_time(), record.run.seq - len(record.told_at)
            record.told_at += [now] * news
            if record.run.done is not None:
                record.run.unwatch(note)

        record.run.watch(note, note)

    async def _watch(self, record: RunRecord) -> None:
        """As a session does it: read on whenever there is news, and leave at the end."""
        run, leaves_s = record.run, record.quote.leave_after_s
        stays_s = record.quote.deadline_s + GRACE_S if leaves_s is None else leaves_s
        news = anyio.Event()
        run.watch(record, lambda: news.set())  # noqa: PLW0108  # there is a new one each time
        try:
            with anyio.move_on_after(stays_s):
                while run.done is None or len(record.seen) < run.seq:
                    record.seen += run.lines[len(record.seen) :]
                    if run.done is None:
                        await news.wait()
                        news = anyio.Event()
        finally:
            run.unwatch(record)

    def stop(self, record: RunRecord, reason: DoneReason) -> None:
        """End a run, as its client's cancelling does."""
        self._note_stop(record)
        self.desk.stop(record.run, reason)

    def drain(self) -> None:
        """Stop the daemon."""
        for record in self.evidence.records:
            self._note_stop(record)
        self.desk.drain()

    def _note_stop(self, record: RunRecord) -> None:
        if record.run.done is None and record.stopped_at is None:
            record.stopped_at = trio.current_time()

    async def _cancel(self, record: RunRecord, after_s: float) -> None:
        await anyio.sleep(after_s)
        self.stop(record, DoneReason.CANCELLED)

    async def _drain(self, at_s: float) -> None:
        await anyio.sleep_until(self.began + at_s)
        self.drain()

    async def _reload(self) -> None:
        """In one world of three a new file comes, with other numbers to the same effect."""
        own = Random(repr((self.plan.seed, "reload")))
        if own.random() > RELOADED_SHARE:
            return
        await anyio.sleep_until(self.began + own.uniform(0.0, RELOAD_BY_S))
        before, known = self.desk._lineup, {}
        for insurer in (*before._sources.values(), *before.insurers.values()):
            via = None if insurer.via is None else known[insurer.via.id]
            if via is None:
                pipeline = insurer.pipeline.renewed(insurer.pipeline.numbers)
                pipeline.take_over()
                insurer.pacer.follow(insurer.pacer.numbers)
            else:
                pipeline = via.pipeline
            known[insurer.id] = replace(insurer, pipeline=pipeline, via=via)
        self.evidence.lineup_left = self.desk.line_up(known.values(), silent)

    async def _isolate(self, isolation: Any) -> None:
        await anyio.sleep_until(self.began + isolation.at_s)
        breaker = self.desk.insurers[isolation.insurer].pipeline.breaker
        breaker.isolate(None)
        await anyio.sleep(isolation.for_s)
        breaker.restore()


def run_world(plan: Plan, house: House | None = None) -> Evidence:
    """Live a plan from beginning to end; the same plan always gives the same evidence."""
    house = house or House()
    clock = trio.testing.MockClock(autojump_threshold=0)
    clock.jump(plan.epoch_s)

    async def main() -> Evidence:
        async with anyio.create_task_group() as tasks:
            world = World(plan, house, tasks)
            house.began(world)
            await world.store.open()
            await world.live()
            tasks.cancel_scope.cancel()
        return world.evidence

    with own_schedule(plan.seed), no_log() as bugs:
        evidence = trio.run(main, clock=clock, instruments=house.instruments)
    evidence.bugs = bugs
    return evidence


@contextmanager
def own_schedule(seed: int):
    """Trio shuffles those who are ready to run; here by the seed, so that it can be repeated."""
    trio_run = trio._core._run
    state, was = trio_run._r.getstate(), trio_run._ALLOW_DETERMINISTIC_SCHEDULING
    trio_run._ALLOW_DETERMINISTIC_SCHEDULING = True
    trio_run._r.seed(seed)
    try:
        yield
    finally:
        trio_run._ALLOW_DETERMINISTIC_SCHEDULING = was
        trio_run._r.setstate(state)


@contextmanager
def no_log(unless: Callable[[], bool] = lambda: False):
    """The daemon's log without its daily business; what it says of bugs is kept, unless that."""
    bugs: list[str] = []

    def keep(_logger: Any, _method: str, event: Any) -> Any:
        if not unless():
            bugs.append(" ".join(f"{name}={value}" for name, value in event.items()))
        raise DropEvent

    old = structlog.get_config()
    structlog.configure(
        processors=[merge_contextvars, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )
    try:
        yield bugs
    finally:
        structlog.configure(**old)
