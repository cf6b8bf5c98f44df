"""The adapter that speaks to a pretend insurer, and the wire between: time passes only here.

Stands where `insurers.rest` stands in the daemon. What goes over the wire goes into the ledger.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from math import inf
from random import Random
from typing import Any

import anyio

from osago_core.offer import Declined, Offer
from osago_daemon.insurers.port import NotYet
from osago_daemon.resilience.breaker.change import State
from osago_daemon.resilience.exchange import Exchange, Result
from osago_daemon.resilience.pipeline import Pipeline
from osago_daemon.resilience.trouble import Trouble
from tests.simulation.ledger import ANSWERED, CANCELLED, PENDING, Answer, Ledger, Request
from tests.simulation.plan import Fault, InsurerPlan
from tests.simulation.server import ANSWERED_ALL_THE_SAME, UNSEEN, Case, Reply, Server, Started

CASE = "case"
"""Under which name the case is kept in the journal."""

DRIP_S = 0.5
DRIPS = 60
"""A dripping answer takes half a minute, in pieces that each come soon enough."""

_PLACE: ContextVar[tuple[int, int]] = ContextVar("place", default=(0, 1))
"""The number of the exchange, and of the attempt in it, that is being sent."""


class WatchedPipeline(Pipeline):
    """The real pipeline; notes which requests are one exchange's attempts."""

    def __init__(
        self, plan: InsurerPlan, ledger: Ledger, random: Random, limits_store: Any = None
    ) -> None:
        super().__init__(plan.id, plan.numbers, random_=random.random, limits_store=limits_store)
        self.ledger = ledger

    async def run(self, exchange: Exchange[Any]) -> Result:
        """As it is, with the number of each attempt known to the wire."""
        self.ledger.exchanges += 1
        number, attempts, send = self.ledger.exchanges, 0, exchange.send

        async def numbered() -> Any:
            nonlocal attempts
            attempts += 1
            token = _PLACE.set((number, attempts))
            try:
                return await send()
            except anyio.get_cancelled_exc_class():
                self.ledger.let_go(number, attempts)
                raise
            finally:
                _PLACE.reset(token)

        return await super().run(replace(exchange, send=numbered))


class PretendInsurer:
    """Implements `osago_daemon.insurers.port.Adapter` over an insurer in memory."""

    def __init__(self, server: Server, ledger: Ledger, pipeline: Pipeline) -> None:
        self.at_each_step: Callable[[], None] = lambda: None
        """Called wherever the wire waits; may raise."""
        self._server = server
        self._ledger = ledger
        self._pipeline = pipeline
        self._turns = 0
        self._probes: list[Request] = []

    async def quote(self, call: Any) -> Offer | Declined:
        """What the real adapter does: create, then poll where there are two steps."""
        plan = self._server.plan

        async def log_in() -> None:
            await self._send(call, "login")

        async def create() -> Reply:
            reply = await self._send(call, "create", repeatable=plan.idempotent)
            if isinstance(reply, Started):
                await call.created({CASE: reply.case.name})
            return reply

        again = log_in if plan.has_login else None
        if call.kept is not None and plan.two_steps:
            case, first_poll_s = self._server.case_of(call.kept[CASE]), None
        else:
            reply = await call.attempt(create, repeatable=plan.idempotent, log_in=again)
            if not isinstance(reply, Started):
                return reply
            case, first_poll_s = reply.case, reply.first_poll_s

        async def ask() -> Reply:
            return await self._send(call, "poll", case=case)

        return await call.poll(ask, not_before_s=first_poll_s, log_in=again)

    async def _send(
        self, call: Any, step: str, *, repeatable: bool = True, case: Case | None = None
    ) -> Reply:
        """One request over the wire and back; raises `Trouble`. Notes whatever becomes of it."""
        request = self._note(call, step, repeatable=repeatable)
        try:
            reply = await self._there_and_back(request, case)
        except Trouble as trouble:
            request.result, request.text = trouble.kind.value, trouble.message
            request.retry_after_s = trouble.retry_after_s
            raise
        except BaseException:
            request.result = CANCELLED
            raise
        finally:
            self._note_end(request)
        self._note_reply(request, reply)
        return reply

    def _note(self, call: Any, step: str, *, repeatable: bool) -> Request:
        exchange, nth = (0, 1) if step == "login" else _PLACE.get()
        request = Request(
            number=len(self._ledger.requests),
            insurer=self._server.plan.id,
            run=self._whose(call),
            exchange=exchange,
            nth=nth,
            step=step,
            key=call.idempotency_key,
            repeatable=repeatable,
            breaker=str(self._pipeline.breaker.state),
            probes=0,
            sent_at=anyio.current_time(),
            deadline_at=call._rider.deadline.at,
        )
        self._ledger.requests.append(request)
        if request.breaker == State.HALF_OPEN and step != "login":
            self._note_probe(request)
        return request

    def _whose(self, call: Any) -> str:
        """The run that has it asked, also when that is over."""
        return self._ledger.runs[call._permission.lease.key.fingerprint]

    def _note_probe(self, request: Request) -> None:
        """Count those of the same half-open time: of which nothing else has been since."""
        turns = len(self._ledger.transitions[request.insurer])
        if self._turns != turns:
            self._turns, self._probes = turns, []
        self._probes = [
            probe for probe in self._probes if probe.ended_at is None and probe.let_go_at is None
        ]
        self._probes.append(request)
        request.probes = len(self._probes)

    def _note_reply(self, request: Request, reply: Reply) -> None:
        request.result = ANSWERED
        match reply:
            case Started(case=case, first_poll_s=wait_s):
                request.result, request.retry_after_s = PENDING, wait_s
                known_at = max(case.decided_at, anyio.current_time())
                self._ledger.decided[request.run, request.insurer] = known_at
            case NotYet(retry_after_s=wait_s):
                request.result, request.retry_after_s = PENDING, wait_s
            case _:
                answer = Answer(reply, anyio.current_time())
                self._ledger.answers.setdefault((request.run, request.insurer), []).append(answer)

    def _note_end(self, request: Request) -> None:
        request.ended_at = anyio.current_time()
        if request.arrived_at is not None:
            left_at = request.ended_at if request.left_at is None else request.left_at
            request.left_at = max(request.arrived_at, left_at)

    async def _there_and_back(self, request: Request, case: Case | None) -> Reply:
        server = self._server
        mix, slow = server.mood(request.sent_at)
        fault = server.fault(mix)
        there_s = server.travel_s()
        if fault in UNSEEN:
            await self._pass(there_s)
            raise server.trouble(fault, anyio.current_time())
        # Whatever becomes of us meanwhile, it is on its way.
        fault = server.arrives(request, request.sent_at + there_s) or fault
        if request.step == "create":
            case = server.acts(request, fault, slow, request.arrived_at)
        await self._pass(there_s)
        await self._mischief(fault)
        took_s = server.takes_s(slow)
        if case is not None and not server.plan.two_steps and fault in ANSWERED_ALL_THE_SAME:
            took_s = max(took_s, case.decided_at - anyio.current_time())
        await self._pass(took_s)
        request.left_at = anyio.current_time()
        reply = server.reply(request.step, case, anyio.current_time())
        await self._pass(server.travel_s())
        if fault in ANSWERED_ALL_THE_SAME:
            return reply
        raise server.trouble(fault, anyio.current_time())

    async def _mischief(self, fault: Fault | None) -> None:
        if fault is Fault.HANG:
            await self._pass(inf)
        if fault is Fault.DRIP:
            for _ in range(DRIPS):
                await self._pass(DRIP_S)

    async def _pass(self, seconds: float) -> None:
        self.at_each_step()
        await anyio.sleep(seconds)
        self.at_each_step()
