"""Asking an insurer under a lease: one call, or more where that changes nothing for the insurer.

Owns what a lease's end leaves behind: the answer, the journal's entry, the word for those who wait.
"""

from datetime import datetime
from typing import NamedTuple

import anyio
import structlog

from osago_core.offer import Outcome
from osago_core.wire.told import Written, write
from osago_daemon.insurers.port import Call, Several
from osago_daemon.quoting import journal, keeping
from osago_daemon.quoting.appraisal import findings_of
from osago_daemon.quoting.call import Errand, InsurerCall, Means, Overtaken, Permission, Rider
from osago_daemon.quoting.identity import idempotency_key
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.outcome import (
    UNSENT,
    Said,
    Tidings,
    checked,
    each_of,
    failed_by,
    failed_by_bug,
    is_answer,
    tidings,
)
from osago_daemon.resilience.retry import NOT_ACTED_UPON
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from osago_daemon.storage.port import Ending, Lease
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

BY_OUR_DEADLINE = frozenset({TroubleKind.TIMEOUT, TroubleKind.OVER_LIMIT, TroubleKind.THROTTLED})
"""Troubles that somebody with more time might not have had."""

PRIVATE = BY_OUR_DEADLINE | {TroubleKind.DOUBTFUL}
"""Troubles that are no answer to others who want the same: who asks anew on purpose may ask."""

OF_NO_USE = frozenset({TroubleKind.GONE, TroubleKind.FAILED})
"""Troubles after which there is no use in going on with what was created."""

NOTHING_THERE = NOT_ACTED_UPON | UNSENT | OF_NO_USE | {TroubleKind.REJECTED}
"""Troubles of a create after which the insurer certainly has no application."""


KEEP_S = 0.3
"""A store that takes longer is unwell; an offer is told without it."""


class Matter(NamedTuple):
    """What is asked."""

    insurer: Insurer
    errand: Errand
    lease: Lease
    entry: bytes | None
    """What the journal said when the lease was taken."""
    doubtful: bool = False
    """Somebody else may be asking, and can't be reached."""


class Result(NamedTuple):
    """What came of a call."""

    outcome: Outcome | Several
    """Of a source one outcome stands for each of its members."""
    attempts: int
    trouble: Trouble | None = None
    says: Outcome | Several | None = None
    """What it says of the insurer, if anything."""


class Asking:
    """One lease's worth of asking."""

    def __init__(self, matter: Matter, rider: Rider, means: Means) -> None:
        """Nothing is sent yet."""
        self._matter = matter
        self._rider = rider
        self._means = means
        self._entry = matter.entry
        self._turn = anyio.CancelScope()
        self._call: InsurerCall | None = None
        self._began = anyio.current_time()

    async def told(self) -> Tidings | None:
        """What came of it, kept for others already. None: somebody else goes on with it.

        Cancelled, it still waits for a request that must not be broken off, and keeps its answer.
        """
        while True:
            call = self._call = self._next_call()
            try:
                result = await self._result(call)
            except Overtaken:
                return None
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await self._conclude(call)
                raise
            if result is not None:
                return await self._end(call, result)
            self._entry = call.entry

    def begin_again(self) -> None:
        """Take another turn, as the rank is better now, unless something was sent already."""
        if self._call is not None and not self._call.begun:
            self._turn.cancel()

    def _next_call(self) -> InsurerCall:
        matter, means = self._matter, self._means
        plan = journal.plan(self._entry, wishes=self._rider.wishes, now_s=means.now_s())
        if matter.doubtful:
            plan = plan._replace(doubtful=True, lasting=True)
        key = idempotency_key(means.secret, matter.lease.key, plan.round)
        permission = Permission(matter.lease, plan, self._entry, key)
        return InsurerCall(matter.insurer, matter.errand, self._rider, permission, means)

    async def _result(self, call: InsurerCall) -> Result | None:
        """None: to be tried again, as somebody who waits goes first or has more time."""
        until = self._rider.deadline.at
        with anyio.CancelScope() as self._turn:
            try:
                outcome = await self._outcome(call)
            except Trouble as trouble:
                if trouble.kind in BY_OUR_DEADLINE and self._rider.deadline.at > until:
                    return None
                if trouble.kind is TroubleKind.GONE and call.kept is not None:
                    call.forget()  # they had it, and have it no more: a new one is no second one
                    return None
                return self._failed(call, trouble)
            except Overtaken:
                raise
            except Exception as bug:  # noqa: BLE001  # an adapter's, or ours: nobody else's
                failure = failed_by_bug(report_bug(bug, insurer=self._matter.insurer.id))
                return Result(failure, call.attempts)
            return Result(outcome, call.attempts, says=outcome)
        return None

    async def _outcome(self, call: Call) -> Outcome | Several:
        insurer = self._matter.insurer
        return checked(await insurer.adapter.quote(call), insurer.members)

    def _failed(self, call: InsurerCall, trouble: Trouble) -> Result:
        now = self._means.wall_clock()
        failure = failed_by(trouble, now)
        says = call.last_trouble if trouble.kind in UNSENT else trouble
        log.warning(
            "insurer_failed",
            insurer=self._matter.insurer.id,
            kind=failure.kind.value,
            attempts=call.attempts,
        )
        said = failed_by(says, now) if says is not None else None
        return Result(failure, call.attempts, trouble, said)

    async def _end(self, call: InsurerCall, result: Result) -> Tidings:
        """Keep what there is to keep, before anybody is told; but nobody waits long for that."""
        result, said = self._written(result)
        now, lease = self._means.wall_clock(), self._matter.lease
        try:
            lasting = Lasting(self._matter.insurer.version, lease.key.day, now)
            ending = ending_of(call, result, said, lasting)
            # What is asked of the store happens, whoever waits for it. Shielded: at the deadline
            # the outcome is told all the same.
            with anyio.move_on_after(KEEP_S, shield=True):
                await self._means.store.finish(lease, ending)
        except Exception as bug:  # noqa: BLE001  # costs nobody the outcome
            report_bug(bug, insurer=lease.key.insurer)
            self._means.store.release(lease)
        if result.says is not None:
            self._remember(result.says, now)
        return tidings(said, result.attempts)

    def _written(self, result: Result) -> tuple[Result, Said]:
        """What can't be written can't be told, and is a mistake of ours."""
        insurer = self._matter.insurer
        if not insurer.members:
            (alone,) = each_of(result.outcome, [insurer.id]).values()
            outcome, written = self._written_of(insurer.id, alone)
            return result if outcome is alone else Result(outcome, result.attempts), written
        parts = {
            id_: self._written_of(id_, outcome)
            for id_, outcome in each_of(result.outcome, insurer.members).items()
        }
        several = Several({id_: outcome for id_, (outcome, _) in parts.items()})
        return result._replace(outcome=several), {id_: said for id_, (_, said) in parts.items()}

    def _written_of(self, insurer: str, outcome: Outcome) -> tuple[Outcome, Written]:
        findings = findings_of(self._matter.errand.appraisal, insurer, outcome)
        try:
            return outcome, write(outcome, findings)
        except Exception as bug:  # noqa: BLE001  # its lease must be given back all the same
            broken = failed_by_bug(report_bug(bug, insurer=insurer))
            return broken, write(broken)

    def _remember(self, says: Outcome | Several, now: datetime) -> None:
        """A mistake of ours in it costs nobody the outcome."""
        insurer = self._matter.insurer
        elapsed_ms = round((anyio.current_time() - self._began) * 1000)
        try:
            records = insurer.members or {insurer.id: insurer.record}
            for id_, outcome in each_of(says, records).items():
                records[id_].note(outcome, elapsed_ms, now)
        except Exception as bug:  # noqa: BLE001
            report_bug(bug, insurer=insurer.id)

    async def _conclude(self, call: InsurerCall) -> None:
        """Nobody waits any more: keep what may still come, and give the lease back."""
        late = await call.late_result()
        if late is None:
            self._means.store.release(self._matter.lease)
        elif isinstance(late, Trouble):
            failure = failed_by(late, self._means.wall_clock())
            await self._end(call, Result(failure, call.attempts, late))
        else:
            try:
                outcome = checked(late, self._matter.insurer.members)
            except TypeError as bug:
                report_bug(bug, insurer=self._matter.insurer.id)
                self._means.store.release(self._matter.lease)
                return
            await self._end(call, Result(outcome, call.attempts, says=outcome))


class Lasting(NamedTuple):
    """What decides how long an answer lasts, and for whom."""

    version: str
    """Of the insurer's configuration."""
    day: str
    """The Moscow day for which it was asked."""
    now: datetime


def ending_of(call: InsurerCall, result: Result, said: Said, lasting: Lasting) -> Ending:
    """What a call leaves behind. Answers are kept, failures never; of several what there is.

    The journal's entry stays while the answer holds, also when it is told to nobody any more: what
    comes of it is to be asked under the same application.
    """
    outcome, trouble = result.outcome, result.trouble
    value = keeping.encode(said, version=lasting.version, attempts=result.attempts)
    if not is_answer(outcome):
        private = trouble is not None and trouble.kind in PRIVATE
        return Ending(entry=_entry_after(call, trouble), word=None if private else value)
    until = keeping.ends_at(outcome, lasting.day)
    if call.polled:  # else asking again is doing it again
        until = keeping.told_until(outcome, lasting.day, lasting.now)
    kept = call.created_kept
    entry = journal.Over(
        round=call.round,
        wishes=call.wishes,
        kept=None if kept is None else dict(kept.fields),
        created_at=0.0 if kept is None else kept.at,
        until=keeping.ends_at(outcome, lasting.day).timestamp(),
    )
    if until <= lasting.now:
        return Ending(entry=journal.encode(entry), word=value)
    return Ending(answer=value, answer_ends_at=until.timestamp(), entry=journal.encode(entry))


def _entry_after(call: InsurerCall, trouble: Trouble | None) -> bytes | None:
    if trouble is None:
        return call.entry
    if trouble.kind in OF_NO_USE and call.created_kept is not None:
        call.forget()
        return call.entry
    return call.settled_entry if trouble.kind in NOTHING_THERE else call.entry
