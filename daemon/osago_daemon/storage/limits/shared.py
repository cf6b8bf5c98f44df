"""One insurer's limits on top of the store that instances share, and without it where it is away.

While the store is there, it decides, and this instance's own log beside it: that can only be less
than what counts, so it refuses at once what the store would. Without the store each instance keeps
to its share (`share.py`); when it is back it hears first what was sent meanwhile, and for
`REJOIN_S` both have to agree, because others may not have told theirs yet.

`at_once` is this instance's own: it protects this machine's connections.
"""

from collections.abc import Callable

import anyio
from anyio.lowlevel import checkpoint_if_cancelled

from osago_daemon.resilience.limits.log import Flight
from osago_daemon.resilience.limits.memory import WINDOWS_S, MemoryStore
from osago_daemon.resilience.limits.port import Lease, Level, Ticket, Wait
from osago_daemon.resilience.numbers import LimitNumbers
from osago_daemon.storage.limits.asking import Counts, Question, place_of
from osago_daemon.storage.limits.news import LEAST_S, News
from osago_daemon.storage.limits.share import Share
from osago_daemon.storage.limits.ticket import SharedTicket
from osago_daemon.storage.limits.untold import Untold
from osago_daemon.storage.port import PAUSE, Full, Place, Rule, StoreError, Usage

REJOIN_S = 15.0
"""Others are back within this: they try again at least every 10 s, and then have much to tell."""
TRIP_S = 1.0
"""A request counts for so much longer where no answer ends it: it goes out after its place was
given, by the time that answer of the store was under way. A place that took longer to come is given
back."""


class SharedLimits:
    """Implements `resilience.limits.port.Store`."""

    def __init__(
        self,
        insurer: str,
        numbers: LimitNumbers,
        store: Counts,
        *,
        clock: Callable[[], float] = anyio.current_time,
        trip_s: float = TRIP_S,
    ) -> None:
        """`clock` is the limiter's."""
        self.insurer = insurer
        self.rules = _rules(numbers)
        self._store = store
        self._clock = clock
        self._trip_s = trip_s
        self._arrival_s = numbers.arrival_s
        self._local = MemoryStore(numbers)
        self._log = self._local.log
        self._news = News(self.rules, clock())
        self._instances = 1
        self._asking = 0  # places that are held for questions under way
        self._changes = 0  # of ours, that an answer under way may not know of
        self._era = 0  # goes up when the store goes away and when it comes back
        self._away = False
        self._share: Share | None = None
        self._share_until = 0.0
        self._untold = Untold(self.rules, numbers.arrival_s)
        self._resumed = False  # while it is away
        self._on_ticket: list[Callable[[], None]] = []

    def allow(self, numbers: LimitNumbers) -> None:
        """See `Store`. What an answer under way says of the rules before is not heeded."""
        now = self._clock()
        self._changes += 1
        self.rules = _rules(numbers)
        self._arrival_s = numbers.arrival_s
        self._local.allow(numbers)
        self._news.follow(self.rules)
        self._untold.follow(self.rules, numbers.arrival_s)
        if not self.rules:
            self._share = None
        elif self._away or self._share is not None:
            self._share = self._own_share(now)

    async def take(self, now: float) -> Ticket | Wait:
        """See `Store`. Cancelled, it waits for the store's answer, and gives the place back."""
        if not self.rules:
            return await self._local.take(now)
        while self.has_room(now):
            if self._away:
                flights = (*self._reserved(now), self._untold.take())
                return SharedTicket(self, flights, None, self._era)
            ticket = await self._ask(now)
            if ticket is not None:
                return ticket
            now = self._clock()
        return self.forecast(0, now)

    async def _ask(self, asked_at: float) -> Ticket | None:
        """A place of the store's; None: look again at how things stand."""
        flights, era, changes = self._reserved(asked_at), self._era, self._changes
        place: Place | None = None
        kept = False
        try:
            arrival_s = self._arrival_s + self._trip_s
            got = await place_of(self._store, self.insurer, self.rules, arrival_s)
            if isinstance(got, Place):
                place = got
            await checkpoint_if_cancelled()
            now = self._clock()
            kept = place is not None and era == self._era and now - asked_at <= self._trip_s
            if kept:
                return SharedTicket(self, flights, place, era)
        finally:
            self._asking -= 1
            if not kept:
                self.given_back(place, era)
                for flight in flights:
                    flight.unsent()
        if era == self._era:
            if isinstance(got, StoreError):
                self.lost()
            elif isinstance(got, Full) and changes == self._changes:
                self._refused(got, asked_at, now)
        return None

    def _reserved(self, now: float) -> tuple[Flight, ...]:
        """Places in the own logs; counted as asked for unless the store is away."""
        self._asking += not self._away
        share = self._share_at(now)
        return (self._log.take(),) if share is None else (self._log.take(), share.take())

    def _refused(self, full: Full, asked_at: float, now: float) -> None:
        free_at = max(asked_at + full.free_in_s, now + LEAST_S)
        if full.limit == PAUSE:
            self._local.pause(free_at)
        else:
            self._news.refused(full.limit, free_at, self._own(now)[full.limit])

    async def enter(self, now: float) -> Lease | Wait:
        """See `Store`."""
        return await self._local.enter(now)

    def has_room(self, now: float) -> bool:
        """See `Store`."""
        if now < self._news.full_until or not self._local.has_room(now):
            return False
        share = self._share_at(now)
        return share is None or share.has_room(now)

    def forecast(self, ahead: int, now: float) -> Wait:
        """See `Store`."""
        wait = self._local.forecast(ahead, now)
        news = self._news
        if news.full_until > now:
            heard = self._log.forecast(ahead, now, news.full_until)
            wait = _later(wait, heard if heard.limit else heard._replace(limit=news.full))
        share = self._share_at(now)
        if share is not None:
            ends_at = max(self._share_until, now + REJOIN_S if self._away else now)
            alone = share.forecast(ahead, now)
            wait = _later(wait, alone._replace(free_at=min(alone.free_at, ends_at)))
        return wait

    def pause(self, until: float) -> None:
        """See `Store`. The others hear of it with their next question."""
        self._changes += 1
        self._local.pause(until)
        for_s = until - self._clock()
        if for_s > 0 and not self._away:
            self._store.pause(self.insurer, for_s)

    def resume(self) -> None:
        """See `Store`."""
        self._changes += 1
        self._local.resume()
        if self._away:
            self._resumed = True
        else:
            self._store.resume(self.insurer)

    def paused_until(self) -> float:
        """See `Store`."""
        return self._local.paused_until()

    def levels(self, now: float) -> tuple[Level, ...]:
        """See `Store`. Of all instances; no more left than this one may use."""
        *windows, at_once = self._local.levels(now)
        levels = [self._news.level(level, now) for level in windows]
        share = self._share_at(now)
        if share is not None:
            levels = [share.level(level, now) for level in levels]
        return (*levels, at_once)

    def listen(self, *, ticket: Callable[[], None], lease: Callable[[], None]) -> None:
        """See `Store`."""
        self._on_ticket.append(ticket)
        self._local.listen(ticket=ticket, lease=lease)

    def snapshot(self, now: float, wall_s: float) -> dict[str, object]:  # noqa: ARG002  # the port's
        """See `Store`: the store outlives us."""
        return {}

    def load(self, data: object, now: float, wall_s: float) -> None:
        """See `Store`. What an instance alone wrote says nothing of what all have used."""

    def given_back(self, place: Place | None, era: int) -> None:
        """See `Home`."""
        if era == self._era and place is not None:
            self._changes += 1
            self._news.forget_refusals()
            self._store.drop_place(place)

    def ended(self, place: Place | None, era: int, *, at: float, assumed_at: float) -> None:
        """See `Home`. A store that was away may have forgotten whose number it is."""
        if era != self._era:
            if at > assumed_at:
                self._untold.late(at)
        elif place is not None:
            self._store.end_place(place)

    async def tell(self) -> None:
        """Let what the store doesn't know of count; after that it is there. Raises StoreError."""
        if self._away:  # there may be nothing to tell, and it must be there all the same
            await self._store.usage({self.insurer: self.rules})
        while self._untold.ends(self._clock()):
            await self._untold.tell(self._store, self.insurer, self._clock)
        if self._away:
            self._back(self._clock())

    def question(self) -> Question:
        """To be kept until the answer is heard."""
        now = self._clock()
        return Question(now, self._own(now), self._changes)

    def heard(self, usage: Usage, question: Question) -> None:
        """How full it is, by all instances."""
        now = self._clock()
        if question.own.keys() != {rule.limit for rule in self.rules}:
            return  # of rules that hold no more
        self._instances = max(1, self._store.state().instances)
        own = {limit: min(question.own[limit], held) for limit, held in self._own(now).items()}
        self._news.heard(usage.used, own, question.at)
        if question.changes != self._changes or self._away:
            return
        before = self.forecast(0, now)
        self._news.free(usage.used, question.at, now)
        self._local.resume()
        if usage.paused_for_s > 0:
            self._local.pause(question.at + usage.paused_for_s)
        if self.forecast(0, now).free_at < before.free_at:
            self._wake()

    def lost(self) -> None:
        """The store is away: from here on this instance keeps to its share."""
        if self._away:
            return
        if self.rules:
            self._share = self._own_share(self._clock())
        self._away = True
        self._era += 1
        self._news.forget_refusals()
        self._wake()

    def _own_share(self, now: float) -> Share:
        ends = self._log.known_ends(now)
        if self._asking:  # the last ones: not sent, and to be decided anew
            del ends[-self._asking :]
        return Share(
            self.rules,
            instances=max(self._instances, self._store.state().instances),
            ends=ends,
            news=self._news,
            arrival_s=self._arrival_s,
            now=now,
            before=self._share_at(now),
        )

    def _back(self, now: float) -> None:
        self._away = False
        self._era += 1
        self._share_until = now + REJOIN_S
        if self._resumed:
            self._resumed = False
            self._store.resume(self.insurer)
        if self.paused_until() > now:  # also an old one: the store may have forgotten it
            self._store.pause(self.insurer, self.paused_until() - now)

    def _share_at(self, now: float) -> Share | None:
        if self._share is not None and not self._away and now >= self._share_until:
            self._share = None
        return self._share

    def _own(self, now: float) -> dict[str, int]:
        """The places of this instance that the store has given, by limit."""
        log = self._log
        return {window.name: log.held(window, now) - self._asking for window in log.windows}

    def _wake(self) -> None:
        for hear in self._on_ticket:
            hear()


def _rules(numbers: LimitNumbers) -> tuple[Rule, ...]:
    return tuple(
        Rule(name, most, period_s)
        for name, period_s in WINDOWS_S.items()
        if (most := getattr(numbers, name)) is not None
    )


def _later(one: Wait, other: Wait) -> Wait:
    return other if other.free_at > one.free_at else one
