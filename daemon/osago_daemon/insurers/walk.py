"""One call on its way through an insurer's steps.

Knows their order, what is kept between them and what is written down; an exchange is the adapter's
business, when and how often it is tried the call's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from osago_core.offer import Declined, Offer
from osago_daemon.insurers.answers import Accepted, Pending, Reading
from osago_daemon.insurers.auth import Visit
from osago_daemon.insurers.expressions import ExpressionError
from osago_daemon.insurers.flow import Step
from osago_daemon.insurers.offers import Mask
from osago_daemon.insurers.port import Call, NotYet, Several
from osago_daemon.insurers.progress import Progress
from osago_daemon.insurers.requests import Prepared
from osago_daemon.insurers.stops import Stop
from osago_daemon.resilience.trouble import Trouble, TroubleKind

Decided: TypeAlias = Offer | Declined | Several


@dataclass(frozen=True, slots=True)
class Trip:
    """What reading an answer of one call needs."""

    mask: Mask
    said: Mapping[str, Any]
    """What its expressions see besides the answer."""


Make: TypeAlias = Callable[[Visit], Prepared]
"""Gives the request for one attempt."""


class Ways(Protocol):
    """What a walk needs of the insurer."""

    @property
    def stops(self) -> Sequence[Stop]:
        """Every step in its order, ready to be asked."""

    @property
    def flow(self) -> Sequence[Step]:
        """The same as they stand in the file."""

    def scope(self, call: Call) -> dict[str, Any]:
        """What the expressions of every request of a call see."""

    def attempt(self) -> Mapping[str, str]:
        """What `attempt` of expressions is: another one each time."""

    def visit(self, call: Call) -> Visit:
        """Who we are, for one request."""

    async def exchange(self, stop: Stop, sent: Prepared, visit: Visit, trip: Trip) -> Reading:
        """One request and its answer; raises `Trouble`."""


class Walk:
    """One call on its way through the steps."""

    def __init__(self, ways: Ways, call: Call) -> None:
        self._ways = ways
        self._call = call
        self._progress = Progress.of(call.kept, ways.flow)
        self._scope = {**ways.scope(call), "kept": self._progress.kept}
        self._trip = Trip(call.mask, {"kept": self._progress.kept, "call": self._scope["call"]})
        self._not_before_s: float | None = None

    async def decided(self) -> Decided:
        """Go on from where the application is."""
        stops, progress = self._ways.stops, self._progress
        while progress.step < len(stops):
            decided = await self._stop(stops[progress.step])
            if decided is not None:
                return decided
            progress.step, progress.item = progress.step + 1, 0
        raise Trouble(TroubleKind.MISCONFIGURED, "the last step was left out: nobody decided")

    async def _stop(self, stop: Stop) -> Decided | None:
        """One step; None: on to the next."""
        progress = self._progress
        scope = self._scope
        if not stop.true("when", stop.step.when, scope):
            progress.skip(stop.step)
            return None
        items = stop.items(scope)
        if not items:
            progress.skip(stop.step)
        while progress.item < len(items):
            last = progress.item == len(items) - 1
            decided = await self._ask(stop, items[progress.item], last=last)
            if decided is not None:
                return decided
            progress.item += 1
        return None

    async def _ask(self, stop: Stop, item: Any, *, last: bool) -> Decided | None:
        scope = self._scope
        if stop.step.each is not None:
            scope = {**scope, "item": item, "index": self._progress.item}
        at = self._progress.step
        before = self._ways.stops[at - 1] if at else None
        make = _maker(stop, scope, before, self._ways.attempt)
        if stop.step.pace is None:
            return await self._once(stop, make, last=last)
        return await self._polled(stop, make, last=last)

    async def _once(self, stop: Stop, make: Make, *, last: bool) -> Decided | None:
        visit = self._ways.visit(self._call)

        async def send() -> Reading:
            reading = await self._exchange(stop, make(visit), visit)
            if isinstance(reading, Accepted | Pending):
                await self._go_on(stop, reading, last=last)
            return reading

        repeatable = stop.step.spec.is_repeatable
        log_in = visit.log_in if visit.can_log_in else None
        reading = await self._call.attempt(send, repeatable=repeatable, log_in=log_in)
        if isinstance(reading, Accepted | Pending):
            self._not_before_s = reading.retry_after_s
            return None
        return reading

    async def _polled(self, stop: Stop, make: Make, *, last: bool) -> Decided | None:
        visit = self._ways.visit(self._call)

        async def ask() -> Decided | Accepted | NotYet:
            reading = await self._exchange(stop, make(visit), visit)
            if isinstance(reading, Pending):
                if reading.so_far is not None:
                    self._call.heard(reading.so_far)
                return NotYet(reading.retry_after_s)
            if isinstance(reading, Accepted):
                await self._go_on(stop, reading, last=last)
            return reading

        log_in = visit.log_in if visit.can_log_in else None
        reading: Decided | Accepted = await self._call.poll(
            ask, not_before_s=self._not_before_s, log_in=log_in
        )
        return None if isinstance(reading, Accepted) else reading

    async def _exchange(self, stop: Stop, request: Prepared, visit: Visit) -> Reading:
        return await self._ways.exchange(stop, request, visit, self._trip)

    async def _go_on(self, stop: Stop, reading: Accepted | Pending, *, last: bool) -> None:
        """Take what later steps need, and write down how far it is."""
        progress, flow = self._progress, self._ways.flow
        following = flow[progress.step + 1] if progress.step + 1 < len(flow) else None
        if last and following is None:
            text = "they decide later, but the configuration has no poll"
            raise Trouble(TroubleKind.MISCONFIGURED, text)
        progress.keep(stop.step, reading.scope)
        asked_again = following is not None and following.pace is not None
        # What was only looked up can be looked up again.
        looked_up = stop.step.spec.method == "GET" and stop.step.spec.is_repeatable
        if asked_again or not looked_up:
            await self._call.created(progress.written(flow, items_left=not last))


def _maker(
    stop: Stop, scope: Mapping[str, Any], before: Stop | None, now: Callable[[], Mapping[str, str]]
) -> Make:
    """The same request for all attempts, unless something stands in it that changes."""
    if not stop.builder.changes:
        request = stop.builder.build(stop.url(scope, before), scope)
        return lambda _: request

    def make(visit: Visit) -> Prepared:
        try:
            told = {**scope, "auth": visit.values(), "attempt": now()}
            return stop.builder.build(stop.url(told, before), told)
        except ExpressionError as error:
            raise Trouble(TroubleKind.MISCONFIGURED, str(error)) from None

    return make
