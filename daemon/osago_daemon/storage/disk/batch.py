"""The operations of the port as they are carried out: many of them in one transaction.

The order that makes it safe: whoever writes holds `state.db`'s lock first and the answers' second,
and an answer is written before its lease is given back. So whoever finds a lease free, under the
lock, also finds the answer that came of it.
"""

import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, Literal, TypeAlias

from osago_daemon.storage.disk.answers import KeptAnswer
from osago_daemon.storage.disk.calls import Call, Calls
from osago_daemon.storage.disk.instances import Living
from osago_daemon.storage.disk.notes import Notes
from osago_daemon.storage.disk.schema import begin, keep_clock
from osago_daemon.storage.disk.session import Session
from osago_daemon.storage.disk.windows import Windows
from osago_daemon.storage.port import (
    Answer,
    Claim,
    Ending,
    Full,
    Held,
    Key,
    Lease,
    Place,
    Rule,
    StoreError,
    Usage,
    Word,
)


class Still(Enum):
    """What is heard of a call that is not over."""

    GOING = "going"


GOING: Final = Still.GOING

Heard: TypeAlias = Answer | Word | Literal[Still.GOING] | None


class Batch:
    """One batch: of use until `commit` or `rollback`, in one thread."""

    def __init__(self, session: Session) -> None:
        """Nothing is locked before an operation writes."""
        self._session = session
        self._clocks = session.clocks
        self._state = session.state
        self._answers = session.answers
        self._calls = Calls(self._state, session.me)
        self._notes = Notes(self._state)
        self._windows = Windows(self._state, session.clocks.now, session.number)
        self._living = self._look_around()
        self.began = False
        """Whether anything depends on `commit`."""
        self.ended = False
        """Whether a call was ended that somebody may wait for."""

    def claim(self, keys: Sequence[Key], *, fresh: bool) -> list[Claim]:
        """See the port."""
        wall = self._clocks.wall()
        claims: dict[Key, Claim] = {}
        if not fresh:
            claims.update(self._kept(keys, wall))
        missing = [key for key in keys if key not in claims]
        if missing:
            self._begin()
            if not fresh:
                claims.update(self._kept(missing, wall))
            latest = self._calls.latest(missing)
            for key in missing:
                if key not in claims:
                    claims[key] = self._lease(key, latest.get(key.text), wall)
        return [claims[key] for key in keys]

    def peek(self, keys: Sequence[Key]) -> list[Answer | None]:
        """See the port."""
        kept = self._kept(keys, self._clocks.wall())
        return [kept.get(key) for key in keys]

    def note(self, lease: Lease, entry: bytes) -> bool:
        """See the port."""
        _expect(lease.ends_at)
        self._begin()
        return self._calls.note(lease, entry)

    def finish(self, lease: Lease, ending: Ending) -> bool:
        """See the port."""
        _expect(lease.ends_at, ending.answer_ends_at)
        self._begin()
        if not self._calls.finish(lease, ending, self._clocks.now()):
            return False
        if ending.answer is not None:
            kept = KeptAnswer(Answer(ending.answer, self._clocks.wall()), lease.token)
            self._answers.put(lease.key, kept, ending.answer_ends_at)
        self.ended = True
        return True

    def release(self, lease: Lease) -> None:
        """See the port."""
        self._begin()
        self.ended = self._calls.release(lease) or self.ended

    def look(self, calls: Sequence[tuple[Key, int]], *, holders: bool) -> list[Heard]:
        """What came of these calls. `holders`: also whether those who have them live."""
        latest = self._calls.latest([key for key, _ in calls])
        return [
            GOING
            if self._goes_on(latest.get(key.text), token, holders=holders)
            else self._heard(key, token)
            for key, token in calls
        ]

    def look_again(self, calls: Sequence[tuple[Key, int]]) -> list[Heard]:
        """The same, where somebody else has written since; for who looks at all calls each time."""
        (version,) = self._state.execute("PRAGMA data_version").fetchone()
        if version == self._session.seen_version:
            return [GOING] * len(calls)
        heard = self.look(calls, holders=False)
        self._session.seen_version = version
        return heard

    def take_place(self, insurer: str, rules: Sequence[Rule], arrival_s: float) -> Place | Full:
        """See the port."""
        _expect(arrival_s, *(rule.period_s for rule in rules))
        self._begin()
        return self._windows.take(insurer, rules, arrival_s)

    def end_place(self, place: Place, at: float) -> None:
        """See the port; it was told `at`."""
        self._begin()
        self._windows.end(place, at)

    def drop_place(self, place: Place) -> None:
        """See the port."""
        self._begin()
        self._windows.drop(place)

    def add_places(self, insurer: str, ends: Sequence[float]) -> None:
        """Requests that ended at these moments."""
        _expect(*ends)
        self._begin()
        self._windows.add(insurer, ends)

    def pause(self, insurer: str, until: float) -> None:
        """See the port."""
        _expect(until)
        self._begin()
        self._windows.pause(insurer, until)

    def resume(self, insurer: str) -> None:
        """See the port."""
        self._begin()
        self._windows.resume(insurer)

    def usage(self, rules: Mapping[str, Sequence[Rule]]) -> dict[str, Usage]:
        """See the port."""
        self._begin()  # a rule that is new is noted
        return {insurer: self._windows.usage(insurer, rules[insurer]) for insurer in rules}

    def put(self, name: str, value: bytes, keep_s: float) -> None:
        """See the port."""
        _expect(keep_s)
        self._begin()
        self._notes.put(name, value, self._clocks.now() + keep_s)

    def get(self, names: Sequence[str]) -> list[bytes | None]:
        """See the port."""
        return self._notes.get(names, self._clocks.now())

    def remove(self, rows: Sequence[int], insurer: str | None) -> int:
        """These rows of the answers, if they are this insurer's; how many counted as kept."""
        self._begin()
        return self._answers.remove(rows, insurer, self._clocks.wall())

    def check(self) -> int:
        """Show that everything can be written; how many instances live."""
        self._session.check_files()
        self._begin()
        now, wall = self._clocks.now(), self._clocks.wall()
        keep_clock(self._state, now=now, wall=wall)
        self._calls.drop_ended(now=now, wall=wall)
        self._notes.drop_ended(now)
        self._windows.drop_ended()
        return self._living.count()

    def commit(self) -> None:
        """All of it: the answers first, see above."""
        if self.began:
            self._windows.write()
            self._answers.commit()
            self._state.execute("COMMIT")

    def rollback(self) -> None:
        """None of it."""
        self._answers.rollback()
        if self._state.in_transaction:
            self._state.execute("ROLLBACK")

    def _begin(self) -> None:
        if not self.began:
            begin(self._state)
            self.began = True
            self._living = self._look_around()  # what was seen before may have changed since
            if not self._living.are_we():
                raise StoreError("taken for dead, or replaced by another daemon of this name")

    def _look_around(self) -> Living:
        return Living(self._session.folder.instances, self._state, self._session.me)

    def _kept(self, keys: Sequence[Key], wall: float) -> dict[Key, Answer]:
        return {key: kept.answer for key, kept in self._answers.get(keys, wall).items()}

    def _lease(self, key: Key, latest: Call | None, wall: float) -> Claim:
        if latest and self._goes_on(latest, latest.token, holders=True):
            return Held(latest.token)
        return self._calls.take(key, now=self._clocks.now(), wall=wall)

    def _goes_on(self, latest: Call | None, token: int, *, holders: bool) -> bool:
        if latest is None or latest.token != token or latest.holder is None:
            return False
        return not holders or self._living.has(latest.holder)

    def _heard(self, key: Key, token: int) -> Answer | Word | None:
        kept = self._answers.get([key], self._clocks.wall()).get(key)
        if kept is not None and kept.token == token:
            return kept.answer
        word = self._calls.word(key, token, self._clocks.now())
        return None if word is None else Word(word)


def _expect(*seconds: float) -> None:
    """Raises ValueError: SQLite has no such number, and would say that the row is broken."""
    if any(math.isnan(one) for one in seconds):
        raise ValueError("not a number of seconds")
