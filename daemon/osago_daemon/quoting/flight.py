"""One insurer being asked about one application, for every run of this process that wants to know.

A flight is one key's single call: whoever wants the same comes aboard and is told the same. Where
that source has members, each run is told of those whom it asked for. A flight lives as long as
somebody is aboard, and its deadline is the latest of theirs. Across processes the store decides who
asks; a flight whose call somebody else makes waits for what comes of that one.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from math import inf

import anyio

from osago_core.offer import Declined, Offer
from osago_core.wire.events import InsurerState, Source
from osago_core.wire.told import Written
from osago_daemon.quoting import journal, keeping
from osago_daemon.quoting.appraisal import findings_of
from osago_daemon.quoting.asking import Asking, Matter
from osago_daemon.quoting.call import ANYBODY, Ask, Means
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.outcome import (
    Tidings,
    Told,
    failed_by_bug,
    part_of,
    tidings,
    told_now,
)
from osago_daemon.quoting.run import Run
from osago_daemon.resilience.deadline import Deadline
from osago_daemon.storage.port import Answer, Claim, Held, Key, Lease, Taken, Word
from osago_daemon.telemetry.bugs import report_bug


def moment_of(kept: Answer) -> datetime | None:
    """When it was given; None for what no calendar has."""
    try:
        return datetime.fromtimestamp(kept.kept_at, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def told_of(insurer: Insurer, run: Run) -> Sequence[str]:
    """Of whom this run is told when that insurer was asked."""
    if not insurer.members:
        return (insurer.id,)
    return [id_ for id_ in insurer.members if run.awaits(id_)]


def news_of(kept: Answer | Word, insurer: Insurer, source: Source) -> Tidings | None:
    """What was kept of that insurer, to be told; None where it is of no use.

    Out of the cache without the members that failed: answers are kept, failures never.
    """
    decoded = keeping.decode(kept.value, version=insurer.version)
    if decoded is None:
        return None
    said, attempts = decoded
    of_today = isinstance(kept, Answer) and source is Source.CACHE
    at = moment_of(kept) if isinstance(kept, Answer) and of_today else None
    if isinstance(said, Written):
        return None if insurer.members else Told(said, source, attempts, at)
    if of_today:
        said = {id_: one for id_, one in said.items() if one.type != "failed"}
    return tidings(said, attempts, source, at)


class Flight:
    """Implements `Rider`. Runs from `run` on."""

    def __init__(self, key: Key, insurer: Insurer, ask: Ask, means: Means) -> None:
        """Nobody is aboard, nobody has been asked. All aboard wish to ask anew, or none does."""
        self.key = key
        self.deadline = Deadline(-inf)  # until somebody boards
        self.asker = ANYBODY
        self.over = False
        """Everybody was told, or has left."""
        self._insurer = insurer
        self._ask = ask
        self._means = means
        self.wishes: list[str] = []
        """To ask anew, of everybody who ever was aboard; none: any answer of today will do."""
        self._aboard: dict[Run, Source] = {}
        self._scope: anyio.CancelScope | None = None  # until it is clear that somebody is asked
        self._asking: Asking | None = None
        self._joined = False

    def board(self, run: Run, ask: Ask) -> None:
        """Ask for this run too."""
        asker = ask.asker
        if ask.wish is not None:
            self.wishes.append(ask.wish)
        first = not self._aboard
        self._aboard[run] = Source.LIVE if first else Source.JOINED
        self.deadline.put_off(run.deadline.at)
        if first:
            self.asker = asker
            return
        if self._scope is not None:
            self._report_to(run, InsurerState.JOINED, attempt=1)
        if asker.rank < self.asker.rank:
            self.asker = asker
            if self._asking is not None:
                self._asking.begin_again()

    @property
    def boarding(self) -> bool:
        """Whether somebody can still come aboard."""
        return not (self.over or (self._scope is not None and self._scope.cancel_called))

    def leave(self, run: Run) -> None:
        """This run does not want to know any more."""
        if self._aboard.pop(run, None) is not None and not self._aboard:
            self.over = True
            if self._scope is not None:
                self._scope.cancel()

    @property
    def aboard(self) -> Iterable[Run]:
        """Everybody who is to be told."""
        return self._aboard

    def report(
        self,
        state: InsurerState,
        *,
        attempt: int,
        retry_in_ms: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Tell everybody aboard how far it is."""
        for run in self._aboard:
            self._report_to(run, state, attempt=attempt, retry_in_ms=retry_in_ms, reason=reason)

    def heard(self, member: str, outcome: Offer | Declined, attempts: int) -> None:
        """See `Rider`: everybody aboard who still waits for this one."""
        waiting = [run for run in self._aboard if member in told_of(self._insurer, run)]
        if waiting:  # nobody: it was told with an earlier poll
            findings = findings_of(self._ask.errand.appraisal, member, outcome)
            told = told_now(outcome, attempts, findings)
            for run in waiting:
                self._settle(run, member, told, self._aboard[run])

    def _report_to(
        self,
        run: Run,
        state: InsurerState,
        *,
        attempt: int,
        retry_in_ms: int | None = None,
        reason: str | None = None,
    ) -> None:
        for id_ in told_of(self._insurer, run):
            run.report(id_, state, attempt=attempt, retry_in_ms=retry_in_ms, reason=reason)

    def answered_by(self, claim: Claim) -> bool:
        """Whether the claim is an answer of use; then everybody aboard has been told."""
        return isinstance(claim, Answer) and self._tell_kept(claim, Source.CACHE)

    async def run(self, claim: Claim) -> None:
        """Go on from what was claimed until everybody aboard is told, or has left."""
        self._scope = self.deadline.scope()
        if self.over:  # everybody left before it began: what was claimed is given back
            self._scope.cancel()
        for run, source in self._aboard.items():
            if source is Source.JOINED:  # meanwhile
                self._report_to(run, InsurerState.JOINED, attempt=1)
        try:
            with self._scope:
                await self._fly(claim)
        except Exception as bug:  # noqa: BLE001  # one insurer's part of some runs
            self.tell(told_now(failed_by_bug(report_bug(bug, insurer=self._insurer.id))))
        finally:
            self.over = True

    async def _fly(self, claim: Claim) -> None:
        fresh = bool(self.wishes)
        # A run from before a restart may have asked already, and without the store nobody knows.
        doubtful = self._ask.resumed and self._is_alone()
        while True:
            match claim:
                case Answer():
                    if self._tell_kept(claim, Source.JOINED if self._joined else Source.CACHE):
                        return
                    fresh = True  # it was read by another configuration
                case Held(token):
                    if await self._told_by_others(token):
                        return
                    # They may go on, and while the store is away nobody here can know.
                    doubtful = doubtful or self._is_alone()
                case Taken():
                    if await self._told_by_insurer(claim, doubtful=doubtful):
                        return
            with anyio.CancelScope(shield=True):  # what is claimed must be given back
                (claim,) = await self._means.store.claim([self.key], fresh=fresh)

    def _is_alone(self) -> bool:
        return self._means.store.state().away_since is not None

    async def _told_by_others(self, token: int) -> bool:
        """Wait for somebody else's call. False where nothing came of it for us."""
        if not self._joined:
            self._joined = True
            self.report(InsurerState.JOINED, attempt=1)
        heard = await self._means.store.wait(self.key, token)
        return heard is not None and self._tell_kept(heard, Source.JOINED)

    async def _told_by_insurer(self, taken: Taken, *, doubtful: bool) -> bool:
        """Ask under our lease. False where somebody else has it by now."""
        lease = Lease(self.key, taken.token, keeping.kept_until(self.key.day).timestamp())
        if await self._answered_before(lease, taken.entry):
            return True
        matter = Matter(self._insurer, self._ask.errand, lease, taken.entry, doubtful=doubtful)
        self._asking = Asking(matter, self, self._means)
        told = await self._asking.told()
        if told is not None:
            self.tell(told)
        return told is not None

    async def _answered_before(self, lease: Lease, stored: bytes | None) -> bool:
        """Whether our wish to ask anew was met before a restart; then everybody is told."""
        try:
            entry = journal.decode(stored)
        except ValueError:
            return False
        if not isinstance(entry, journal.Over) or not journal.is_for(entry, self.wishes):
            return False
        (kept,) = await self._means.store.peek([self.key])
        if kept is None or not self._tell_kept(kept, Source.CACHE):
            return False
        self._means.store.release(lease)
        return True

    def _tell_kept(self, kept: Answer | Word, source: Source) -> bool:
        """False where it is of no use to us: somebody aboard would not find all in it."""
        news = news_of(kept, self._insurer, source)
        if news is None:
            return False
        if not all(map(partial(self._is_for, news), self._aboard)):
            self._tell_those_in(news)
            return False
        self.tell(news)
        return True

    def _tell_those_in(self, news: Tidings) -> None:
        """Tell what is known of some members: asking for the others may come to nothing."""
        for run, source in self._aboard.items():
            with run.together():
                for id_ in told_of(self._insurer, run):
                    if part_of(news, id_) is not None:
                        self._settle(run, id_, news, source)

    def _is_for(self, news: Tidings, run: Run) -> bool:
        return isinstance(news, Told) or all(id_ in news for id_ in told_of(self._insurer, run))

    def tell(self, news: Tidings) -> None:
        """Tell everybody aboard."""
        aboard, self._aboard, self.over = self._aboard, {}, True
        for run, source in aboard.items():
            if not self._insurer.members:
                self._settle(run, self._insurer.id, news, source)
                continue
            with run.together():  # it was one answer
                for id_ in told_of(self._insurer, run):
                    self._settle(run, id_, news, source)

    def _settle(self, run: Run, id_: str, news: Tidings, source: Source) -> None:
        try:
            told = part_of(news, id_)
            if told is None:
                raise KeyError(id_)  # noqa: TRY301  # a mistake of ours like others
            theirs = told if told.source is not Source.LIVE else told._replace(source=source)
            run.settle(id_, theirs)
        except Exception as bug:  # noqa: BLE001  # costs one run one outcome
            number = report_bug(bug, quote_id=run.id, insurer=id_)
            try:
                run.settle(id_, told_now(failed_by_bug(number)))
            except Exception as second:  # noqa: BLE001  # its deadline ends it
                report_bug(second, quote_id=run.id, insurer=id_)
