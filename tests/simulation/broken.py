"""Houses with one thing broken on purpose: what the invariants are there to notice."""

from dataclasses import replace
from functools import partial
from typing import Any

import anyio
from anyio.lowlevel import checkpoint
from pydantic_core import from_json, to_json

from osago_core.wire.events import DoneReason
from osago_daemon.quoting.desk import QuoteDesk
from osago_daemon.quoting.outcome import Told
from osago_daemon.quoting.run import Run
from osago_daemon.resilience.breaker.change import Reason
from osago_daemon.resilience.breaker.permit import Permit
from osago_daemon.resilience.breaker.policy import BreakerPolicy
from osago_daemon.resilience.breaker.states import Breaker
from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import Answered, Rank
from osago_daemon.resilience.limits.port import UNKNOWN, Wait
from osago_daemon.resilience.pipeline import compose
from osago_daemon.resilience.trouble import Trouble
from tests.simulation.adapter import PretendInsurer, WatchedPipeline
from tests.simulation.world import World

LATER_S = 5.0
HALFWAY_S = 15.0


def without(name: str) -> type[WatchedPipeline]:
    """A pipeline that lacks a policy."""

    class Without(WatchedPipeline):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.policies = tuple(policy for policy in self.policies if policy.name != name)
            self._through = compose(self.policies)

    return Without


class BreakerOutsideRetry(WatchedPipeline):
    """As most stacks have it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        outside = next(policy for policy in self.policies if isinstance(policy, BreakerPolicy))
        others = [policy for policy in self.policies if policy is not outside]
        self.policies = (outside, *others)
        self._through = compose(self.policies)


class EndlessBudget(WatchedPipeline):
    """Retries cost nothing."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.retry.budget.spend = lambda: True


class RepeatsEverything(WatchedPipeline):
    """Takes every request for repeatable."""

    async def run(self, exchange: Any) -> Any:
        return await super().run(replace(exchange, repeatable=True))


class Stubborn(WatchedPipeline):
    """More retries of each kind than its numbers say."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        rules = self.retry.rules
        self.retry.numbers = self.retry.numbers.model_copy(update={"attempts": 20})
        more = {"retries": 20, "first_wait_s": 0.0}
        self.retry.rules = {kind: rule.model_copy(update=more) for kind, rule in rules.items()}


class Deaf(WatchedPipeline):
    """Hears no `Retry-After`."""

    async def run(self, exchange: Any) -> Any:
        send = exchange.send

        async def deaf() -> Any:
            try:
                return await send()
            except Trouble as trouble:
                raise Trouble(trouble.kind, trouble.message) from None

        return await super().run(replace(exchange, send=deaf))


class Lenient(WatchedPipeline):
    """Lets everybody through, however the breaker stands."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.breaker.enter = self._enter

    def _enter(self, *, continuing: bool) -> Permit:
        permit = Breaker.enter(self.breaker, continuing=continuing)
        return permit if isinstance(permit, Permit) else self.breaker._permits.issue()


class Belated(WatchedPipeline):
    """Believes that there is more time than there is."""

    async def run(self, exchange: Any) -> Any:
        later = Deadline(exchange.deadline.at + LATER_S)
        return await super().run(replace(exchange, deadline=later))


class Crowded(WatchedPipeline):
    """Half open, everybody finds out."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.breaker.numbers = self.breaker.numbers.model_copy(update={"probes": 100})


class LeavesAloneForAnHour(WatchedPipeline):
    """Whatever its numbers say."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.breaker._open_s = lambda: 3600.0


class LosesPatience(WatchedPipeline):
    """Leaves alone whoever fails once."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        for window in self.breaker._windows:
            window.verdict = lambda: Reason.FAILURES


class EveryNamedWaitIsFree(WatchedPipeline):
    """Coming back when they said costs nothing, however often."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        budget = self.retry.budget
        spend = budget.spend
        budget.spend = lambda: self._named or spend()
        self._named = False

    async def run(self, exchange: Any) -> Any:
        send = exchange.send

        async def listening() -> Any:
            try:
                return await send()
            except Trouble as trouble:
                self._named = trouble.retry_after_s is not None
                raise

        return await super().run(replace(exchange, send=listening))


class Ungrateful(WatchedPipeline):
    """Has no budget from the beginning, and answers give nothing back."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.retry.budget.left = 0.0
        self.retry.budget.succeeded = lambda: None


class Impatient(WatchedPipeline):
    """Refuses everybody who would have to wait for a limit."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        for queue in (self.limiter.places, self.limiter.tickets):
            queue._get_in_turn = self._refuse

    async def _refuse(self, _exchange: Any) -> Wait:
        return Wait(UNKNOWN, "limits")


class BatchFirst(WatchedPipeline):
    """The ranks the wrong way round."""

    async def run(self, exchange: Any) -> Any:
        return await super().run(replace(exchange, rank=Rank(1 - exchange.rank)))


class GivesUpPolling(WatchedPipeline):
    """Polls nobody whose time is half over."""

    async def run(self, exchange: Any) -> Any:
        if exchange.continuing and exchange.deadline.left_s() < HALFWAY_S:
            await anyio.sleep_until(exchange.deadline.at)
        return await super().run(exchange)


class LostPermits(WatchedPipeline):
    """Who got nothing back keeps its permit."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.breaker.enter = self._enter

    def _enter(self, *, continuing: bool) -> Any:
        permit = Breaker.enter(self.breaker, continuing=continuing)
        return _Kept(permit) if isinstance(permit, Permit) else permit


class _Kept:
    """A permit that does not end with its `with`."""

    def __init__(self, permit: Permit) -> None:
        self._permit = permit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._permit, name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


class LostPlaces(WatchedPipeline):
    """A cancelled exchange never gives its place back."""

    async def run(self, exchange: Any) -> Any:
        try:
            return await super().run(exchange)
        except anyio.get_cancelled_exc_class():
            self.limiter._store.inside += 1
            raise


class TooEager(WatchedPipeline):
    """Sends once more what was not ready."""

    async def run(self, exchange: Any) -> Any:
        result = await super().run(exchange)
        if exchange.continuing and isinstance(result, Answered):
            result = await super().run(exchange)
        return result


class _Telling(QuoteDesk):
    """Tells its runs of outcomes in its own way."""

    def start(self, *args: Any, **more: Any) -> Run:
        run = super().start(*args, **more)
        run.settle = partial(self._tell, run, run.settle)
        return run

    def _tell(self, run: Run, settle: Any, insurer: str, told: Told) -> None:
        raise NotImplementedError


class Dropping(_Telling):
    """Forgets one outcome in five."""

    def _tell(self, run: Run, settle: Any, insurer: str, told: Told) -> None:
        if run.seq % 5:
            settle(insurer, told)


class Inventing(_Telling):
    """Says the price that it would like."""

    def _tell(self, _run: Run, settle: Any, insurer: str, told: Told) -> None:
        if told.written.premium is not None:
            said = from_json(told.written.json)
            more = to_json({**said, "premium": said["premium"] + 1})
            told = told._replace(written=told.written._replace(json=more))
        settle(insurer, told)


class Dawdling(_Telling):
    """Tells everything a little later."""

    def _tell(self, run: Run, settle: Any, insurer: str, told: Told) -> None:
        async def later() -> None:
            await anyio.sleep(LATER_S)
            if run.done is None:
                settle(insurer, told)

        self._tasks.start_soon(later)


async def _fly_longer(flight: Any) -> None:
    while flight._scope is None and not flight.over:
        await checkpoint()
    if flight._scope is not None:
        flight._scope.deadline += LATER_S


class Endless(QuoteDesk):
    """Does not end at the deadline."""

    def start(self, *args: Any, **more: Any) -> Run:
        run = super().start(*args, **more)
        self._under_way[run.id].scope.deadline += LATER_S
        ask = self._switchboard.ask

        def ask_for_longer(run: Run, errand: Any, keys: Any, *rest: Any, **more: Any) -> None:
            ask(run, errand, keys, *rest, **more)
            for (key, *_), flight in self._switchboard._flights.items():
                if key in keys:
                    self._tasks.start_soon(_fly_longer, flight)

        self._switchboard.ask = ask_for_longer
        return run


class Optimistic(QuoteDesk):
    """Calls every end complete."""

    def _finish(self, run: Run, reason: DoneReason) -> None:
        del reason
        super()._finish(run, DoneReason.COMPLETE)


class DeafToStop(QuoteDesk):
    """Cancels nothing that is under way."""

    def stop(self, run: Run, reason: DoneReason) -> None:
        if conduct := self._under_way.get(run.id):
            conduct.stopped = conduct.stopped or reason


class Miscounting(QuoteDesk):
    """Two events with one number."""

    def start(self, *args: Any, **more: Any) -> Run:
        run = super().start(*args, **more)
        envelope = run._envelope
        run._envelope = lambda: {**envelope(), "seq": max(1, run.seq)}
        return run


class Leaky(QuoteDesk):
    """Leaves somebody behind."""

    def start(self, *args: Any, **more: Any) -> Run:
        self._tasks.start_soon(anyio.sleep_forever)
        return super().start(*args, **more)


class Buggy(PretendInsurer):
    """An adapter with a mistake."""

    async def quote(self, call: Any) -> Any:
        await super().quote(call)
        raise KeyError("on purpose")


def keep_leases(world: World) -> None:
    """The store takes nothing back."""
    world.hub._end = lambda _key: None


def show_what_was_never_told(world: World) -> None:
    """Every watcher begins with an event that no run has told."""
    world.evidence.records = _Tampering()


class _Tampering(list[Any]):
    def append(self, record: Any) -> None:
        record.seen.append(b"never told")
        super().append(record)
