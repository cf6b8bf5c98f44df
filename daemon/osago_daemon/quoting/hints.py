"""Tells the other instances what our breakers came to be, and heeds what theirs did.

Of every topic of an insurer all instances know one last word: the latest hint, by an order that
is the same for all. Whoever has it is not impressed by an older one, and puts what was said by
hand again where the store has lost it.
"""

import math
from collections.abc import Collection
from typing import NamedTuple

import anyio
import structlog

from osago_daemon.quoting.clock import WallClock
from osago_daemon.quoting.hint import SKEW_S, TICK_S, Hint, Topic
from osago_daemon.quoting.insurer import Insurer, sources_of
from osago_daemon.resilience.breaker import Breaker, Change, Reason, State
from osago_daemon.storage.port import Notes, StoreError
from osago_daemon.telemetry.bugs import report_bug

log = structlog.get_logger(__name__)

HINTS_EVERY_S = 1.0
"""Between two looks. A breaker is open for five seconds at least."""


class _Place(NamedTuple):
    insurer: Insurer
    topic: Topic


class Hints:
    """Of one instance. Listens to the breakers from the beginning."""

    def __init__(
        self, store: Notes, insurers: Collection[Insurer], *, wall_clock: WallClock, instance: str
    ) -> None:
        """Nothing is read or written yet. `instance` is the same after a restart."""
        self._store = store
        self._wall_clock = wall_clock
        self._instance = instance
        self._places: dict[str, _Place] = {}
        self._words: dict[str, Hint] = {}
        """The last word of each note, ours or another's."""
        self._seen: dict[str, bytes | None] = {}
        """What stood there when we looked last; nothing where we have put something since."""
        self._untold: set[str] = set()
        """Where the store is to have our last word."""
        self._news = anyio.Event()
        self._heard_at = -math.inf
        self._failing = False
        self._heard: set[Breaker] = set()
        self.follow(insurers)

    def follow(self, insurers: Collection[Insurer]) -> None:
        """Tell and hear of these from now on, and of nobody else. Members have no breaker."""
        insurers = sources_of(insurers)
        before, self._places = (
            self._places,
            {
                topic.note(insurer.id): _Place(insurer, topic)
                for insurer in insurers
                for topic in Topic
            },
        )
        for name in before.keys() - self._places.keys():
            self._seen.pop(name, None)
            if name not in self._untold:
                self._words.pop(name, None)
        if self._places.keys() - before.keys():
            self._heard_at = -math.inf  # at the last look nobody looked for these
        breakers = {insurer.pipeline.breaker for insurer in insurers}
        for breaker in self._heard - breakers:
            breaker.listeners.remove(self._changed)
            breaker.announcer.by_hand.remove(self._say)
        for breaker in breakers - self._heard:
            breaker.listeners.append(self._changed)
            breaker.announcer.by_hand.append(self._say)
        self._heard = breakers

    async def run(self) -> None:
        """Tell and hear for ever."""
        while True:
            with anyio.move_on_after(HINTS_EVERY_S):
                await self._news.wait()
            self._news = anyio.Event()
            await self.exchange()

    async def exchange(self) -> None:
        """Tell what is to be told, then heed what is new. Never raises but cancellation."""
        try:
            await self._tell()
            await self._hear()
        except StoreError as error:
            if not self._failing:  # once, not every second
                log.warning("hints_not_exchanged", reason=str(error))
            self._failing = True
        except Exception as bug:  # noqa: BLE001  # quotes go on
            report_bug(bug)
        else:
            self._failing = False

    def _changed(self, change: Change) -> None:
        """What was heeded is no news of ours, and what was said by hand comes by itself."""
        told_so = change.reason in {Reason.BY_HAND, Reason.ELSEWHERE}
        if change.new in {State.OPEN, State.CLOSED} and not told_so:
            self._say(change)

    def _say(self, change: Change) -> None:
        known = [word.at for topic in Topic if (word := self._words.get(topic.note(change.name)))]
        at = max(self._now(), max(known, default=-math.inf) + TICK_S)
        hint = Hint.of(change, by=self._instance, at=at)
        name = hint.topic.note(change.name)
        self._words[name] = hint
        self._untold.add(name)
        self._news.set()

    async def _tell(self) -> None:
        """Each is told at least once with what it is at that time."""
        for name in tuple(self._untold):
            hint = self._words[name]
            await self._store.put(name, hint.raw(), hint.keep_s(self._now()))
            # Another may put what stood there before over it at the same time: look again.
            self._seen.pop(name, None)
            if self._words[name] is hint:
                self._untold.discard(name)

    async def _hear(self) -> None:
        began = anyio.current_time()
        places = self._places
        found = await self._store.get(tuple(places))
        if places is not self._places:
            return  # they are others by now: look again, for all of them
        # What was not there at the last look is no older than that.
        at_most_s, self._heard_at = anyio.current_time() - self._heard_at, began
        new = []
        for name, raw in zip(self._places, found, strict=True):
            if name not in self._seen or raw != self._seen[name]:
                self._seen[name] = raw
                if hint := self._news_of(name, raw):
                    self._words[name] = hint
                    new.append((hint, self._places[name].insurer))
        for hint, insurer in sorted(new, key=lambda one: one[0].order):
            self._heed(hint, insurer, at_most_s)

    def _news_of(self, name: str, raw: bytes | None) -> Hint | None:
        """The hint, if it is later than what we know. What the store has lost is put again."""
        word = self._words.get(name)
        if raw is not None:
            try:
                hint = Hint.read(raw)
                if hint.topic is not self._places[name].topic:
                    raise ValueError("it belongs elsewhere")  # noqa: TRY301  # junk like the rest
            except ValueError as error:
                log.warning("hint_ignored", note=name, reason=str(error))
                return None
            if word is None or hint.order > word.order:
                return hint
            if hint.order == word.order:
                return None
        if word is not None and word.topic is Topic.BY_HAND and word.lasts(self._now()):
            self._untold.add(name)  # with the next look
        return None

    def _heed(self, hint: Hint, insurer: Insurer, at_most_s: float) -> None:
        breaker, now = insurer.pipeline.breaker, self._now()
        if self._is_past(hint, insurer.id, breaker):
            return
        free_in_s = None
        if hint.until is not None:
            free_in_s = hint.until - hint.at - hint.age_s(now, at_most_s)
        breaker.heed(hint.state, hint.reason, free_in_s)

    def _is_past(self, hint: Hint, insurer: str, breaker: Breaker) -> bool:
        """Whether something later is known. Of before our restart our own snapshot knows more."""
        found, by_hand = (self._words.get(topic.note(insurer)) for topic in Topic)
        if hint.topic is Topic.FOUND:
            overruled = by_hand is not None and by_hand.order > hint.order
            return overruled or hint.by == self._instance
        if hint.state is State.ISOLATED or breaker.state is State.ISOLATED:
            return False
        overtaken = found is not None and found.order > hint.order
        return overtaken or self._now() - hint.at > SKEW_S

    def _now(self) -> float:
        return self._wall_clock().timestamp()
