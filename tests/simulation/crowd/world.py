"""Runs a plan with several daemons on one store. Judges nothing: what happened is handed over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import trio
import trio.testing

from osago_core.wire.events import DoneReason
from osago_daemon.quoting.call import Asker
from osago_daemon.quoting.desk import QuoteDesk
from osago_daemon.quoting.run import Run
from osago_daemon.quoting.switchboard import keys_of
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.runlog import RunLog
from osago_daemon.storage.runlog.log import KEEP_S
from osago_daemon.storage.seal import Seal
from osago_daemon.storage.standby import StandbyStore
from tests.simulation.adapter import WatchedPipeline
from tests.simulation.applications import application
from tests.simulation.crowd.happened import Happened, Record, Told
from tests.simulation.crowd.life import LIFE, SECRET, CrowdInsurer, Life
from tests.simulation.crowd.line import Line
from tests.simulation.crowd.plan import CrowdPlan, Drain, Jump, Kill, Outage, Visit
from tests.simulation.server import Server
from tests.simulation.world import GRACE_S, no_log, own_schedule

DEAD_AFTER_S = 10.0
"""Who was not heard of for so long counts as dead."""
RUN_DIR = Path("/dev/shm")
"""A runtime directory lies in memory."""


@dataclass(slots=True)
class CrowdHouse:
    """How a world is built; a test that breaks something on purpose replaces a part."""

    desk: Callable[..., QuoteDesk] = QuoteDesk
    pipeline: Callable[..., Any] = WatchedPipeline
    adapter: Callable[..., Any] = CrowdInsurer
    primary: Callable[..., MemoryStore] = MemoryStore
    standby: Callable[..., StandbyStore] = StandbyStore
    limits: Callable[[Any], Any] = lambda shared: shared
    keeper: Callable[[Any], Any] = lambda keeper: keeper
    instruments: Sequence[Any] = ()
    began: Callable[["CrowdWorld"], None] = lambda _world: None


class CrowdWorld:
    """One plan on its way."""

    def __init__(
        self, plan: CrowdPlan, house: CrowdHouse, folder: Path, tasks: anyio.abc.TaskGroup
    ) -> None:
        self.plan = plan
        self.house = house
        self.tasks = tasks
        self.began = anyio.current_time()
        self.offsets: dict[int | None, float] = dict.fromkeys((None, *range(plan.daemons)), 0.0)
        self.hub = MemoryHub(wall=self.wall_of(None))
        self.happened = Happened(plan, self.began, self.hub)
        own = Random(plan.seed)
        self.servers = {
            insurer.id: Server(insurer, Random(own.random()), self.began)
            for insurer in plan.insurers
        }
        numbers = count(1)
        self.new_id = lambda: f"q{next(numbers)}"
        self.daemons: list[Life | None] = [None] * plan.daemons
        self.over = False
        """Who lives now has outlived it all."""
        self._folder = folder
        self._lines: dict[int, Line] = {}
        self._away: dict[int, int] = dict.fromkeys(range(plan.daemons), 0)
        self._numbers = [count(1) for _ in range(plan.daemons)]
        self._up = anyio.Event()

    def now(self, daemon: int | None) -> datetime:
        """The wall clock of a daemon; None: of the store."""
        elapsed_s = anyio.current_time() - self.began
        return self.plan.starts_at + timedelta(seconds=elapsed_s + self.offsets[daemon])

    def wall_of(self, daemon: int | None) -> Callable[[], float]:
        """The same in Unix seconds."""
        return lambda: self.now(daemon).timestamp()

    def run_log(self, daemon: int) -> RunLog:
        """Of a daemon, as the one before left it."""
        folder = self._folder / f"d{daemon}"
        return RunLog(folder, Seal(SECRET), wall_clock=lambda: self.now(daemon))

    async def start(self, daemon: int) -> None:
        """Begin a life."""
        life = Life(daemon, next(self._numbers[daemon]), self)
        line = Line(self.house.primary(self.hub, f"d{daemon}"), lambda: life.alive)
        self._lines[daemon] = line
        if self._away[daemon]:
            line.break_()
        self.happened.lives.append(life)
        self.daemons[daemon] = life
        self.tasks.start_soon(life.run, line)
        await life.up.wait()
        self._up.set()
        self._up = anyio.Event()

    def kill(self, daemon: int) -> bool:
        """kill -9, now. False: there is nobody."""
        life, self.daemons[daemon] = self.daemons[daemon], None
        if life is not None:
            life.kill()
        return life is not None

    async def start_later(self, daemon: int, after_s: float) -> None:
        """Begin a life after a while."""
        await anyio.sleep(after_s)
        await self.start(daemon)

    async def live(self) -> None:
        """From the first client to the last run's end, and a look at what is left."""
        for daemon in range(self.plan.daemons):
            await self.start(daemon)
        async with anyio.create_task_group() as clients:
            async with anyio.create_task_group() as events:
                for visit in self.plan.visits:
                    events.start_soon(self._visit, visit, clients)
                for event in (*self.plan.kills, *self.plan.drains, *self.plan.jumps):
                    events.start_soon(self._befall, event)
                for outage in self.plan.outages:
                    events.start_soon(self._break, outage)
            await self._ended()
            clients.cancel_scope.cancel()
        for life in self.happened.lives:
            if life.alive:
                life.look()
        self.over = True
        self.happened.over_at = anyio.current_time()

    async def _ended(self) -> None:
        """Wait until nobody is asked any more, or must not be."""
        longest_s = max(insurer.numbers.attempt_timeout_s for insurer in self.plan.insurers)
        while not self._quiet():
            ends = [record.deadline_at for record in self.happened.records]
            # One that was resumed by a clock that had been put back has its time anew.
            ends += [
                run.deadline.at
                for life in self.daemons
                if life is not None
                for run in life.desk.latest(10_000)
                if run.done is None
            ]
            last = max(ends, default=0.0)
            if anyio.current_time() > last + longest_s + GRACE_S:
                break
            await anyio.sleep(1.0)
        await anyio.sleep(GRACE_S)
        await trio.testing.wait_all_tasks_blocked()

    def _quiet(self) -> bool:
        desks = [life.desk for life in self.daemons if life is not None]
        return not any(desk.active or desk._switchboard._flights for desk in desks)

    async def _visit(self, visit: Visit, clients: anyio.abc.TaskGroup) -> None:
        await anyio.sleep_until(self.began + visit.at_s)
        life = self.daemons[visit.daemon]
        if life is None or not life.ready or life.desk.draining:
            self.happened.unstarted += 1
            return
        what = application(visit.application)
        run = life.start(
            what,
            insurers=visit.insurers,
            deadline_s=visit.deadline_s,
            cache=visit.cache,
            asker=Asker(visit.rank, visit.client),
        )
        keys = keys_of(visit.insurers, life.desk.fingerprint(what), life.desk.today())
        record = Record(
            run.id,
            visit,
            anyio.current_time(),
            {key.insurer: key for key in keys},
            run.deadline.at,
            run.deadline_at,
        )
        self.happened.records.append(record)
        self._hear(record, run, life)
        clients.start_soon(self._follow, record)
        if visit.leave_after_s is not None:
            clients.start_soon(self._hang_up, record)
        if visit.cancel_after_s is not None:
            clients.start_soon(self._cancel, record, visit.cancel_after_s)

    def _hear(self, record: Record, run: Run, life: Life) -> None:
        """Note what is told, and when, from where it was known before."""
        record.lives.append(life)
        record.sinces.append(anyio.current_time())
        record.deadline_at = max(record.deadline_at, run.deadline.at)
        known = [told.line for told in record.told]
        if run.lines[: len(known)] != known:
            record.changed = f"{len(known)} events were told, {run.seq} are known in {life.name}"

        def hear() -> None:
            if not life.alive:
                return
            now = anyio.current_time()
            record.told += [Told(line, now) for line in run.lines[len(record.told) :]]
            if record.stays:
                record.seen += run.lines[len(record.seen) :]
            if run.done is not None:
                run.unwatch(hear)

        record.hear = hear
        run.watch(hear, hear)
        hear()

    async def _follow(self, record: Record) -> None:
        """Through all lives of its daemon."""
        while True:
            life = self.daemons[record.visit.daemon]
            if life is None or life is record.lives[-1] or not life.ready:
                await self._up.wait()
                continue
            run = life.desk.get(record.id)
            if run is None:
                late_s = (self.now(life.daemon) - record.ends_at).total_seconds()
                record.forgotten = late_s > KEEP_S
                if not record.forgotten:
                    record.changed = f"{life.name} knows nothing of it"
                return
            self._hear(record, run, life)

    async def _hang_up(self, record: Record) -> None:
        """And perhaps come back for the rest."""
        visit = record.visit
        assert visit.leave_after_s is not None
        await anyio.sleep(visit.leave_after_s)
        record.stays = False
        if visit.back_after_s is not None:
            await anyio.sleep(visit.back_after_s)
            record.stays = True
            record.hear()

    async def _cancel(self, record: Record, after_s: float) -> None:
        await anyio.sleep(after_s)
        life = self.daemons[record.visit.daemon]
        if life is None or life is not record.lives[-1]:
            return
        run = life.desk.get(record.id)
        if run is not None and run.done is None:
            record.stopped_at = anyio.current_time()
            life.desk.stop(run, DoneReason.CANCELLED)

    async def _befall(self, event: Kill | Drain | Jump) -> None:
        await anyio.sleep_until(self.began + event.at_s)
        match event:
            case Kill(daemon=daemon, down_s=down_s):
                if self.kill(daemon) and down_s is not None:
                    await self.start_later(daemon, down_s)
            case Drain(daemon=daemon):
                await self._drain(daemon)
            case Jump(daemon=daemon, by_s=by_s):
                for one in self.offsets if daemon is None else (daemon,):
                    self.offsets[one] += by_s
                self.happened.jumps.append((anyio.current_time(), daemon, by_s))

    async def _drain(self, daemon: int) -> None:
        life = self.daemons[daemon]
        if life is None or not life.ready:
            return
        for record in self.happened.records:
            if record.lives[-1] is life and record.stopped_at is None:
                record.stopped_at = anyio.current_time()
        await life.stop()
        if self.daemons[daemon] is life:
            self.daemons[daemon] = None

    async def _break(self, outage: Outage) -> None:
        """Who can't be heard of for long is thought dead."""
        await anyio.sleep_until(self.began + outage.at_s)
        everybody = outage.daemon is None
        daemons = range(self.plan.daemons) if everybody else [outage.daemon]
        for daemon in daemons:
            self._away[daemon] += 1
            self._lines[daemon].break_()
        if not everybody and outage.for_s > DEAD_AFTER_S:
            await anyio.sleep(DEAD_AFTER_S)
            self.hub.kill(f"d{outage.daemon}")
        await anyio.sleep_until(self.began + outage.at_s + outage.for_s)
        for daemon in daemons:
            self._away[daemon] -= 1
            if not self._away[daemon]:
                self._lines[daemon].mend()


def run_crowd(plan: CrowdPlan, house: CrowdHouse | None = None) -> Happened:
    """Live a plan from beginning to end; the same plan always gives the same things happening."""
    house = house or CrowdHouse()
    clock = trio.testing.MockClock(autojump_threshold=0)

    async def main(folder: Path) -> Happened:
        async with anyio.create_task_group() as tasks:
            world = CrowdWorld(plan, house, folder, tasks)
            house.began(world)
            await world.live()
            tasks.cancel_scope.cancel()
        return world.happened

    with (
        TemporaryDirectory(dir=RUN_DIR if RUN_DIR.is_dir() else None) as folder,
        own_schedule(plan.seed),
        no_log(unless=_is_dead) as bugs,
    ):
        happened = trio.run(main, Path(folder), clock=clock, instruments=house.instruments)
    happened.bugs = bugs
    return happened


def _is_dead() -> bool:
    """Whatever a killed one does is nothing that happens."""
    life = LIFE.get()
    return life is not None and not life.alive
