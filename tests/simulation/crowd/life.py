"""One life of a daemon, from its start to its kill or its stop, and what a killed one can't do."""

from collections.abc import Sequence
from contextvars import ContextVar, copy_context
from datetime import datetime
from itertools import count
from random import Random
from typing import Any

import anyio

from osago_core.offer import Declined, Offer
from osago_daemon.quoting.desk import QuoteDesk, Surroundings
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.run import Run
from osago_daemon.resilience.polling.pacing import Pacer
from osago_daemon.storage.limits import SharedLimits, refresh
from osago_daemon.storage.memory import MemoryHub, MemoryStore
from osago_daemon.storage.port import Ending, Key, Lease, StoreState
from osago_daemon.storage.standby import STAND_IN_TOKENS, StandbyStore
from tests.simulation.adapter import PretendInsurer
from tests.simulation.crowd.happened import CallName, Finished, Given, Happened, Heard, Sent
from tests.simulation.crowd.line import Line
from tests.simulation.ledger import Ledger, Request
from tests.simulation.plan import InsurerPlan, Plan
from tests.simulation.server import Case, Reply, Server
from tests.simulation.world import Evidence

LIFE: ContextVar["Life | None"] = ContextVar("life", default=None)
"""Whose task it is."""

REFRESH_S = 1.0
STOP_S = 120.0
SECRET = b"k" * 32


class Life:
    """A daemon that runs, and does nothing to anybody once it is killed."""

    def __init__(self, daemon: int, number: int, world: Any) -> None:
        self.daemon = daemon
        self.name = f"d{daemon}.{number}"
        self.alive = True
        self.ready = False
        self.up = anyio.Event()
        """It is ready, or will never be."""
        self.died_at: float | None = None
        self.ledger = Ledger()
        self.limits: dict[str, SharedLimits] = {}
        self.desk: QuoteDesk
        self.stand_in: MemoryHub
        self.store: Any
        self.was_away = False
        """Whether it ever had to do without the store."""
        self.tasks_left = 0
        self._world = world
        self._scope = anyio.CancelScope()
        self._log = world.run_log(daemon)
        self._tasks: anyio.abc.TaskGroup

    async def run(self, line: Line) -> None:
        """Start, go on with what an earlier life left, live."""
        LIFE.set(self)
        house, wall = self._world.house, self._world.wall_of(self.daemon)
        own = Random(repr((self._world.plan.seed, self.name)))
        self.stand_in = MemoryHub(wall=wall)
        standby = house.standby(line, MemoryStore(self.stand_in), wall=wall, random_=own.random)
        standby.listeners.append(self._heard_of_store)
        try:
            with self._scope:
                async with standby, anyio.create_task_group() as tasks:
                    self._tasks = tasks
                    self.store = Observed(standby, self, self._world.happened)
                    await self._begin(tasks, standby)
                    self.ready = True
                    self.up.set()
                    await anyio.sleep_forever()
        finally:
            self.up.set()
            if self.died_at is None:
                self._log.close()
            if self.alive and not self._world.over:
                self._die()
                self._world.hub.kill(f"d{self.daemon}")  # as whatever is gone

    async def _begin(self, tasks: anyio.abc.TaskGroup, standby: StandbyStore) -> None:
        insurers = [self._insurer(plan) for plan in self._world.plan.insurers]
        around = Surroundings(
            self.store,
            SECRET,
            lambda: self._world.now(self.daemon),
            keeper=self._world.house.keeper(_Keeper(self._log, self)),
            new_id=self._world.new_id,
        )
        self.desk = self._world.house.desk(tasks, insurers, around)
        standby.listeners.append(self.desk.store_changed)
        await refresh(self.limits.values(), self.store)
        tasks.start_soon(self._refresh)
        for kept in self._log.recover():
            self.desk.resume(_KeptRun(kept, self))

    def start(self, *args: Any, **more: Any) -> Run:
        """As a client's command does it: what comes of it is this life's."""

        def started() -> Run:
            LIFE.set(self)
            return self.desk.start(*args, **more)

        return copy_context().run(started)

    def kill(self) -> None:
        """From now on nothing that still runs of it reaches anybody."""
        self._die()
        for segment in self._log._segments:  # the system does that; `close` would do more
            segment.close()
        self._world.hub.kill(f"d{self.daemon}")
        self._scope.cancel()

    async def stop(self) -> None:
        """End as it should be."""
        self.desk.drain()
        with anyio.move_on_after(STOP_S):
            await self.desk.landed()
        self._scope.cancel()

    def look(self) -> None:
        """Count the tasks that live besides its own one."""
        self.tasks_left = len(self._tasks._nursery.child_tasks) - 1

    def evidence(self, happened: Happened) -> Evidence:
        """This life as a world of its own, without runs."""
        plan = Plan(happened.plan.seed, happened.plan.insurers, ())
        return Evidence(
            plan, self.ledger, happened.began, self.desk, happened.hub, over_at=happened.over_at
        )

    def _heard_of_store(self, state: StoreState) -> None:
        self.was_away = self.was_away or state.away_since is not None

    def _die(self) -> None:
        self.alive = False
        self.died_at = anyio.current_time()

    async def _refresh(self) -> None:
        while True:
            await anyio.sleep(REFRESH_S)
            await refresh(self.limits.values(), self.store)

    def _insurer(self, plan: InsurerPlan) -> Insurer:
        house = self._world.house
        own = Random(repr((self._world.plan.seed, self.name, plan.id)))
        self.limits[plan.id] = SharedLimits(plan.id, plan.numbers.limits, self.store)
        shared = house.limits(self.limits[plan.id])
        pipeline = house.pipeline(plan, self.ledger, Random(own.random()), shared)
        self.ledger.listen(pipeline.breaker, plan.id)
        server = self._world.servers[plan.id]
        adapter = house.adapter(server, self, pipeline, self._world.happened)
        pacer = Pacer(plan.pacing, random_=Random(own.random()).random)
        return Insurer(plan.id, plan.id.upper(), adapter, pipeline, pacer)


class Observed:
    """The store as the desk has it; what comes of calls is noted."""

    def __init__(self, store: Any, life: Life, happened: Happened) -> None:
        self._store = store
        self._life = life
        self._happened = happened

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def finish(self, lease: Lease, ending: Ending) -> bool:
        """See `Calls`."""
        finished: bool = await self._store.finish(lease, ending)
        if finished and self._life.alive:
            value = ending.answer if ending.answer is not None else ending.word
            self._happened.finished[self._name(lease.key, lease.token)] = Finished(
                value, anyio.current_time()
            )
        return finished

    async def wait(self, key: Key, token: int) -> Any:
        """See `Calls`."""
        since = anyio.current_time()
        heard = await self._store.wait(key, token)
        if self._life.alive:
            value = None if heard is None else heard.value
            name = self._name(key, token)
            now = anyio.current_time()
            self._happened.heard.append(Heard(name, since, now, value, self._life))
        return heard

    def _name(self, key: Key, token: int) -> CallName:
        own = token >= STAND_IN_TOKENS
        return CallName(key, token, self._life.name if own else None)


class CrowdInsurer(PretendInsurer):
    """Knows whose call it is, and sends nothing for who is dead."""

    def __init__(self, server: Server, life: Life, pipeline: Any, happened: Happened) -> None:
        super().__init__(server, life.ledger, pipeline)
        self._life = life
        self._happened = happened
        self._calls: dict[Any, str] = {}
        self._latest: dict[int, Any] = {}
        self._numbers = count(1)

    async def _send(self, call: Any, step: str, **more: Any) -> Reply:
        if not self._life.alive:
            await anyio.sleep_forever()
        return await super()._send(call, step, **more)

    def _note(self, call: Any, step: str, *, repeatable: bool) -> Request:
        request = super()._note(call, step, repeatable=repeatable)
        key, token, _ = call._permission.lease
        away = token >= STAND_IN_TOKENS or self._life.store.state().away_since is not None
        sent = Sent(request, key, _application(call), call.round, self._life, away)
        self._happened.sent.append(sent)
        self._latest[request.number] = call
        return request

    def _note_reply(self, request: Request, reply: Reply) -> None:
        super()._note_reply(request, reply)
        if isinstance(reply, Offer | Declined) and self._life.alive:
            call = self._latest[request.number]
            self._happened.given.append(
                Given(
                    reply,
                    call._permission.lease.key,
                    _application(call),
                    anyio.current_time(),
                    self._life,
                )
            )

    def _note_end(self, request: Request) -> None:
        super()._note_end(request)
        # Whoever came aboard meanwhile may have put it off.
        request.deadline_at = self._latest[request.number]._rider.deadline.at

    def _whose(self, call: Any) -> str:
        if call not in self._calls:
            key, token, _ = call._permission.lease
            self._calls[call] = (
                f"{self._life.name}/{key.fingerprint[:4]}#{token}.{next(self._numbers)}"
            )
        return self._calls[call]

    async def _there_and_back(self, request: Request, case: Case | None) -> Reply:
        reply = await super()._there_and_back(request, case)
        if not self._life.alive:
            await anyio.sleep_forever()
        return reply


class _Keeper:
    """The run log, which a dead one writes nothing to."""

    def __init__(self, log: Any, life: Life) -> None:
        self._log = log
        self._life = life

    def begin(self, run_id: str, header: bytes, deadline_at: datetime) -> Any:
        return _Writer(self._log.begin(run_id, header, deadline_at), self._life)


class _Writer:
    def __init__(self, writer: Any, life: Life) -> None:
        self._writer = writer
        self._life = life

    def events(self, lines: Sequence[bytes]) -> None:
        if self._life.alive:
            self._writer.events(lines)

    def over(self) -> None:
        if self._life.alive:
            self._writer.over()


class _KeptRun:
    def __init__(self, kept: Any, life: Life) -> None:
        self.id: str = kept.id
        self.header: bytes = kept.header
        self.lines: Sequence[bytes] = kept.lines
        self.writer = _Writer(kept.writer, life)


def _application(call: Any) -> str:
    number: str = call.application["vehicle"]["document"]["number"]
    return number
