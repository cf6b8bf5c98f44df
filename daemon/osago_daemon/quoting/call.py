"""One application on its way to one insurer: the policies', the journal's and the watchers' end.

What an adapter sees (`insurers.port.Call`) and what the policies tell (`Observer`).
"""

import math
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar

from anyio.abc import TaskGroup

from osago_core.application import Application, Redactor
from osago_core.offer import Declined, Offer
from osago_core.wire.events import InsurerState
from osago_daemon.insurers.exact import exact
from osago_daemon.insurers.port import NotYet, Several
from osago_daemon.quoting import journal
from osago_daemon.quoting.appraisal import Appraisal
from osago_daemon.quoting.clock import WallClock
from osago_daemon.quoting.gate import Gate
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.outliving import Outliving
from osago_daemon.quoting.poll_loop import PollLoop
from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.exchange import (
    Answered,
    Exchange,
    Health,
    Rank,
    Result,
    Retrying,
)
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.storage.port import Lease, Store

T = TypeVar("T")

_DOUBTFUL = (
    "a request of today may or may not have arrived, and they can't tell a repetition: "
    "it is not sent again by itself, only if asked anew on purpose (--refresh)"
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose application it is, as far as taking turns goes."""

    rank: Rank = Rank.INTERACTIVE
    client: Hashable = None


ANYBODY = Asker()


class Errand:
    """What the calls for one application have in common. Costs nothing until somebody is asked."""

    def __init__(self, application: Application, appraisal: Appraisal) -> None:
        """`application` is as `check` made it; `appraisal` is of it."""
        self._application = application
        self.appraisal = appraisal

    @cached_property
    def form(self) -> Mapping[str, Any]:
        """The application in normal form, fractions exact."""
        form: Mapping[str, Any] = exact(self._application.normal_form())
        return form

    @cached_property
    def redactor(self) -> Redactor:
        """Masks whatever it says of a person."""
        return Redactor.of(self._application)


class Ask(NamedTuple):
    """What a run wants of its insurers."""

    errand: Errand
    asker: Asker = ANYBODY
    wish: str | None = None
    """To ask anew, by the run's id; None: any answer of today will do."""
    resumed: bool = False
    """From before a restart: it may have been asked already."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every call of this process needs."""

    tasks: TaskGroup
    """Live as long as the desk."""
    store: Store
    gate: Gate
    """Where exchanges of all runs wait when more are due than can be dealt with at once."""
    secret: bytes = field(repr=False)
    wall_clock: WallClock

    def now_s(self) -> float:
        """Unix seconds."""
        return self.wall_clock().timestamp()


class Overtaken(Exception):  # noqa: N818  # no error: somebody else goes on with it
    """The lease is somebody else's by now, as we were thought dead."""


class Rider(Protocol):
    """For whom an insurer is asked."""

    deadline: Deadline

    @property
    def asker(self) -> Asker:
        """Whose turn it takes at present."""

    @property
    def wishes(self) -> Sequence[str]:
        """For which it is asked anew, if for any."""

    def heard(self, member: str, outcome: Offer | Declined, attempts: int) -> None:
        """Tell what one of the source's members has decided, before the others have."""

    def report(
        self,
        state: InsurerState,
        *,
        attempt: int,
        retry_in_ms: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Tell how far it is."""


class Permission(NamedTuple):
    """To ask: under which lease, and how to go about it."""

    lease: Lease
    plan: journal.Plan
    entry: bytes | None
    """What the journal says at first."""
    key: str
    """The idempotency key."""


class InsurerCall:
    """Implements `osago_daemon.insurers.port.Call` and the policies' `Observer`."""

    def __init__(
        self, insurer: Insurer, errand: Errand, rider: Rider, permission: Permission, means: Means
    ) -> None:
        """One call belongs to one lease."""
        self.idempotency_key = permission.key
        self.attempts = 1
        """The first one and every retry, of all steps together."""
        self.last_trouble: Trouble | None = None
        """The latest one that did not end the call."""
        self.begun = False
        """Whether any request went out."""
        self.entry = self.settled_entry = permission.entry
        """What the journal says now; and what it says if the latest request never arrived."""
        self.created_kept: journal.Kept | None = permission.plan.kept
        self._insurer = insurer
        self._errand = errand
        self._rider = rider
        self._permission = permission
        self._means = means
        self._resumed = permission.plan.kept
        """What an earlier call left, while nothing was begun in this one."""
        self._phase = InsurerState.ASKING
        self.polled = False
        """Whether the latest answer was to a question about what was begun before."""
        self._reported: tuple[InsurerState, int] | None = None
        self._sent = False
        self._doubtful = permission.plan.doubtful
        self._outliving: Outliving | None = None

    @property
    def application(self) -> Mapping[str, Any]:
        """See `Call`."""
        return self._errand.form

    @property
    def kept(self) -> Mapping[str, Any] | None:
        """See `Call`."""
        kept = self._permission.plan.kept
        return None if kept is None else kept.fields

    def forget(self) -> None:
        """They know nothing any more of what was created: the next call creates anew."""
        self.entry = journal.encode(journal.Over(round=self.round, wishes=self.wishes))

    async def created(self, kept: Mapping[str, Any]) -> None:
        """See `Call`. Raises Overtaken."""
        now_s = self._means.now_s()
        self.created_kept = journal.Kept(kept, now_s)
        self._resumed = None
        self._sent = False  # that was the step that is done now
        self._doubtful = self._permission.plan.lasting
        entry = journal.Created(round=self.round, wishes=self.wishes, kept=dict(kept), at=now_s)
        await self._write(entry)
        self.settled_entry = self.entry

    def heard(self, several: Several) -> None:
        """See `Call`."""
        members = self._insurer.members
        for id_, outcome in several.outcomes.items():
            if id_ in members and isinstance(outcome, Offer | Declined):
                self._rider.heard(id_, outcome, self.attempts)

    async def attempt(
        self,
        send: Callable[[], Awaitable[T]],
        *,
        repeatable: bool,
        log_in: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        """Run one exchange under the insurer's policies."""
        self.polled = False
        return await self._attempt(send, repeatable=repeatable, log_in=log_in)

    async def _attempt(
        self,
        send: Callable[[], Awaitable[T]],
        *,
        repeatable: bool,
        log_in: Callable[[], Awaitable[None]] | None,
    ) -> T:
        if not repeatable and self._doubtful:
            raise Trouble(TroubleKind.DOUBTFUL, _DOUBTFUL)
        continuing = self._phase is InsurerState.WAITING
        asker = self._rider.asker
        await self._means.gate.pass_(asker.rank, asker.client, continuing=continuing)
        exchange = Exchange(
            send,
            deadline=self._rider.deadline,
            observer=self,
            repeatable=repeatable,
            rank=asker.rank,
            client=asker.client,
            continuing=continuing,
            health=_health,
            log_in=log_in,
        )
        pipeline = self._insurer.pipeline
        result = await (pipeline.run(exchange) if repeatable else self._once(exchange))
        if isinstance(result, Trouble):
            raise result
        value: T = result.value
        return value

    async def log_in(self, send: Callable[[], Awaitable[T]]) -> T:
        """Run one request of a login; everybody at this insurer waits for it, so it goes first."""
        exchange = Exchange(
            send,
            deadline=self._rider.deadline,
            observer=self,
            client=self._rider.asker.client,
            continuing=self._phase is InsurerState.WAITING,
        )
        result = await self._insurer.pipeline.run_beside(exchange)
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
        resumed = self._resumed
        loop = PollLoop(
            ask,
            guarded=lambda send: self._attempt(send, repeatable=True, log_in=log_in),
            pace=self._insurer.pacer.begin(),
            deadline=self._rider.deadline,
            on_wait=lambda: self._report(InsurerState.WAITING),
        )
        age_s = None if resumed is None else max(0.0, self._means.now_s() - resumed.at)
        self.polled = True
        return await loop.run(not_before_s, age_s=age_s)

    def mask(self, text: str) -> str:
        """The text with every personal value of this application masked."""
        return self._errand.redactor.mask(text)

    def queued(self, free_in_s: float) -> None:
        """Our own limits make it wait."""
        known = 0 < free_in_s < math.inf  # nobody knows when a place will be free
        self._report(InsurerState.QUEUED, retry_in_ms=round(free_in_s * 1000) if known else None)

    def attempting(self) -> None:
        """A request goes out."""
        self.begun = True
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

    @property
    def round(self) -> str:
        """What tells this time from others of the day."""
        return self._permission.plan.round

    @property
    def wishes(self) -> tuple[str, ...]:
        """For which it is asked anew, if for any."""
        return tuple(self._rider.wishes)

    async def late_result(self) -> Offer | Declined | Several | Trouble | None:
        """What comes of a request that must not be broken off; None: there is none, or no end."""
        result = None if self._outliving is None else await self._outliving.over()
        if isinstance(result, Answered):
            value = result.value
            return value if isinstance(value, Offer | Declined | Several) else None
        return result

    async def _once(self, exchange: Exchange[Any]) -> Result:
        """The exchange, written down before it is sent, and not broken off from then on."""
        pipeline = self._insurer.pipeline
        self._outliving = outliving = Outliving(
            exchange.deadline, bound_s=pipeline.numbers.attempt_timeout_s
        )
        send = exchange.send
        once = replace(
            exchange,
            send=lambda: outliving.sent(self._write_sent, send),
            deadline=outliving.deadline,
        )
        return await outliving.through(lambda: pipeline.run(once), self._means.tasks)

    async def _write_sent(self) -> None:
        if not self._sent:  # it is sent again only where nobody was reached the first time
            self._sent = True
            kept = self.created_kept
            entry = journal.Sent(round=self.round, wishes=self.wishes)
            if kept is not None:
                entry = entry.model_copy(update={"kept": dict(kept.fields), "at": kept.at})
            await self._write(entry)

    async def _write(self, entry: journal.Entry) -> None:
        self.entry = written = journal.encode(entry)
        if not await self._means.store.note(self._permission.lease, written):
            raise Overtaken

    def _report(
        self, state: InsurerState, *, retry_in_ms: int | None = None, reason: str | None = None
    ) -> None:
        if self._reported == (state, self.attempts):
            return
        self._reported = (state, self.attempts)
        self._rider.report(state, attempt=self.attempts, retry_in_ms=retry_in_ms, reason=reason)


def _health(value: object) -> Health:
    if isinstance(value, NotYet):
        return Health.NOTHING
    if isinstance(value, Several):  # whoever is not in it offers nothing either
        refused = all(isinstance(one, Declined) for one in value.outcomes.values())
        return Health.REFUSED if refused else Health.GOOD
    return Health.REFUSED if isinstance(value, Declined) else Health.GOOD
