"""One run: its numbered events, its outcomes, its watchers. Knows nothing of sockets or insurers.

The event log is the single source: a watcher is a position in it, so any number of readers of any
speed cost nothing, and coming back with `after_seq` is reading on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import anyio

from osago_core.wire.codec import decode_event, decode_outcome, encode_event
from osago_core.wire.events import (
    Best,
    Counts,
    DeclinedEvent,
    DoneEvent,
    DoneReason,
    FailedEvent,
    InsurerState,
    InsurerStateEvent,
    NoticeCode,
    NoticeEvent,
    OfferEvent,
)
from osago_core.wire.methods import InsurerName, QuoteGetResult, QuoteSummary, RunState
from osago_core.wire.told import Envelope, OutcomeType, encode_told
from osago_daemon.quoting.clock import WallClock
from osago_daemon.quoting.outcome import Told
from osago_daemon.resilience.deadline import Deadline


class _Settled(NamedTuple):
    """What is remembered of an outcome besides its event."""

    type: OutcomeType
    premium: Decimal | None
    seq: int
    warned: bool = False


class _Together(NamedTuple):
    """The moment of what is told in one piece."""

    at: datetime
    elapsed_ms: int


class Run:
    """A run from its start to its `done`, and afterwards as a record."""

    def __init__(
        self,
        quote_id: str,
        insurers: Mapping[str, str],
        *,
        deadline_s: float,
        wall_clock: WallClock,
        started_at: datetime | None = None,
    ) -> None:
        """`insurers` maps the ids that will be asked to their names, in order.

        `started_at` is given where the run goes on from before a restart.
        """
        now = wall_clock()
        self.id = quote_id
        self.insurers = dict(insurers)
        self.started_at = started_at or now
        age_s = min(deadline_s, max(0.0, (now - self.started_at).total_seconds()))
        self.deadline = Deadline.after(deadline_s - age_s)
        self.deadline_at = self.started_at + timedelta(seconds=deadline_s)
        self.lines: list[bytes] = []
        """Encoded events; `lines[seq - 1]` is the event number seq."""
        self._settled: dict[str, _Settled] = {}
        self.done: DoneEvent | None = None
        self.write: Callable[[Sequence[bytes]], None] = _nowhere
        """Keeps events before anybody hears of them; must not raise."""
        self.complete: Callable[[Run], None] = _nothing
        """Called with this run once every insurer has an outcome, before anybody hears of the last
        one. Must not hold the run: that would be a cycle, and those are seldom collected."""
        self.settled = anyio.Event()
        """Set once every insurer has an outcome."""
        self._started = anyio.current_time() - age_s
        self._wall_clock = wall_clock
        self._attempts: dict[str, int] = {}
        self._watchers: dict[object, Callable[[], None]] = {}
        self._together: _Together | None = None

    @property
    def seq(self) -> int:
        """Number of the latest event."""
        return len(self.lines)

    @property
    def state(self) -> RunState:
        """Whether more events may come."""
        return "running" if self.done is None else "done"

    @property
    def silent(self) -> list[str]:
        """Insurers without an outcome so far."""
        return [insurer for insurer in self.insurers if insurer not in self._settled]

    def awaits(self, insurer: str) -> bool:
        """Whether this one was asked for and has no outcome so far."""
        return insurer in self.insurers and insurer not in self._settled

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is told within is kept and heard of in one piece, as of one moment.

        Nothing may be awaited within.
        """
        if self._together is not None:
            yield
            return
        first = self.seq
        self._together = _Together(self._wall_clock(), self.elapsed_ms())
        try:
            yield
        finally:
            self._together = None
            if self.seq > first:
                self._tell(self.lines[first:])

    def elapsed_ms(self) -> int:
        """Since the start of the run."""
        if self._together is not None:
            return self._together.elapsed_ms
        return round((anyio.current_time() - self._started) * 1000)

    def watch(self, watcher: object, wake: Callable[[], None]) -> None:
        """Call `wake` after every event from now on."""
        self._watchers[watcher] = wake

    def unwatch(self, watcher: object) -> None:
        """Stop calling."""
        self._watchers.pop(watcher, None)

    def report(
        self,
        insurer: str,
        state: InsurerState,
        *,
        attempt: int,
        retry_in_ms: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Say how far an insurer is."""
        self._attempts[insurer] = attempt
        event = InsurerStateEvent(
            **self._envelope(),
            insurer=insurer,
            state=state,
            attempt=attempt,
            retry_in_ms=retry_in_ms,
            reason=reason,
        )
        self._append(encode_event(event))

    def notice(self, code: NoticeCode, message: str) -> None:
        """Say something about the daemon that matters to whoever watches."""
        if self.done is None:
            self._append(encode_event(NoticeEvent(**self._envelope(), code=code, message=message)))

    def settle(self, insurer: str, told: Told) -> None:
        """Record what an insurer's part of the run came to; once per insurer."""
        if insurer in self._settled or self.done is not None:
            raise RuntimeError(f"{insurer} has an outcome in run {self.id} already")
        written = told.written
        envelope = Envelope(
            **self._envelope(),
            insurer=insurer,
            insurer_name=self.insurers[insurer],
            elapsed_ms=self.elapsed_ms(),
            source=told.source,
            answered_at=told.answered_at,
            attempts=max(told.attempts, self._attempts.get(insurer, 1)),
        )
        line = encode_told(envelope, written)  # first: nothing is noted of what can't be told
        self._note(insurer, _Settled(written.type, written.premium, envelope.seq, written.warned))
        if not self.settled.is_set():
            self._append(line)
            return
        with self.together():
            self._append(line)
            self.complete(self)

    def finish(self, reason: DoneReason) -> None:
        """End the run."""
        done = DoneEvent(
            **self._envelope(),
            reason=reason,
            counts=self.counts(),
            best=self.best(),
            best_sound=self.best_sound(),
            elapsed_ms=self.elapsed_ms(),
        )
        line = encode_event(done)
        self.done = done
        self._append(line)

    def replay(self, lines: Iterable[bytes]) -> None:
        """Become what these events, kept before a restart, tell of; nobody watches yet."""
        for line in lines:
            event = decode_event(line)
            match event:
                case OfferEvent(premium=premium, checks=checks):
                    warned = any(check.severity == "warning" for check in checks)
                    self._note(event.insurer, _Settled(event.type, premium, event.seq, warned))
                case DeclinedEvent() | FailedEvent():
                    self._note(event.insurer, _Settled(event.type, None, event.seq))
                case InsurerStateEvent(insurer=insurer, attempt=attempt):
                    self._attempts[insurer] = attempt
                case DoneEvent():
                    self.done = event
            self.lines.append(line)

    def counts(self) -> Counts:
        """How many answered how, so far."""
        kinds = [settled.type for settled in self._settled.values()]
        return Counts(
            asked=len(self.insurers),
            offers=kinds.count("offer"),
            declined=kinds.count("declined"),
            failed=kinds.count("failed"),
        )

    def best(self) -> Best | None:
        """The cheapest offer so far; the earlier of two equal ones."""
        return _cheapest(self._settled)

    def best_sound(self) -> Best | None:
        """The cheapest one that no check warns of, where the cheapest of all is another."""
        best = self.best()
        if best is None or not best.warned:
            return None
        return _cheapest({id_: s for id_, s in self._settled.items() if not s.warned})

    def names(self) -> tuple[InsurerName, ...]:
        """The insurers of this run, in order."""
        return tuple(_name(id_, name) for id_, name in self.insurers.items())

    def summary(self) -> QuoteSummary:
        """The run in a line."""
        return QuoteSummary(**self._summary())

    def whole(self) -> QuoteGetResult:
        """The run with all outcomes."""
        return QuoteGetResult(
            **self._summary(),
            insurers=self.names(),
            outcomes=tuple(decode_outcome(self.lines[s.seq - 1]) for s in self._settled.values()),
            done=self.done,
        )

    def _summary(self) -> dict[str, Any]:
        return {
            "quote_id": self.id,
            "state": self.state,
            "started_at": self.started_at,
            "deadline_at": self.deadline_at,
            "seq": self.seq,
            "counts": self.counts(),
            "best": self.best(),
        }

    def _envelope(self) -> dict[str, Any]:
        at = self._wall_clock() if self._together is None else self._together.at
        return {"quote_id": self.id, "seq": self.seq + 1, "at": at}

    def _note(self, insurer: str, settled: _Settled) -> None:
        self._settled[insurer] = settled
        if len(self._settled) == len(self.insurers):
            self.settled.set()

    def _append(self, line: bytes) -> None:
        self.lines.append(line)
        if self._together is None:
            self._tell([line])

    def _tell(self, lines: Sequence[bytes]) -> None:
        self.write(lines)
        for wake in tuple(self._watchers.values()):
            wake()


def _cheapest(settled: Mapping[str, _Settled]) -> Best | None:
    offers = {id_: s.premium for id_, s in settled.items() if s.premium is not None}
    if not offers:
        return None
    insurer = min(offers, key=offers.__getitem__)
    return Best(insurer=insurer, premium=offers[insurer], warned=settled[insurer].warned or None)


@cache
def _name(id_: str, name: str) -> InsurerName:
    return InsurerName(id=id_, name=name)


def _nowhere(_lines: Sequence[bytes]) -> None:
    """Nothing is kept."""


def _nothing(_run: Run) -> None:
    """Nobody ends it."""
