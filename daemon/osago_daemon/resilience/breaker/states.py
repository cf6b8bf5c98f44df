"""When an insurer is left alone, for how long, and who may find out whether it is well again.

Owns the states and the rules between them. Must not know what an attempt is made of, nor when
its result is good: `policy.py` does. Everything here happens in the event loop's thread.
"""

import math
import random
from collections.abc import Callable
from typing import Any

import anyio

from osago_daemon.resilience.breaker.change import (
    ISOLATED_TEXT,
    TEXTS,
    Announcer,
    Change,
    Listener,
    Reason,
    State,
)
from osago_daemon.resilience.breaker.heed import Standing, heeded
from osago_daemon.resilience.breaker.library import LONGEST_S, LibrarySurface
from osago_daemon.resilience.breaker.permit import Permit, Permits
from osago_daemon.resilience.breaker.record import MAX_OPENINGS, Outcomes, Record
from osago_daemon.resilience.breaker.window import BAD, TIMELESS, WORKING, Mark, Window
from osago_daemon.resilience.numbers import BreakerNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind

PROBE_S = 1.0
"""When to look again while another attempt finds out: most are over within a second."""


class Breaker(LibrarySurface):
    """One insurer's breaker. All times are seconds on `clock`; it needs no timer of its own.

    That open time is over is noticed at the first look after it, and dated right.
    """

    def __init__(
        self,
        name: str,
        numbers: BreakerNumbers,
        *,
        slow_s: float,
        clock: Callable[[], float] = anyio.current_time,
        random_: Callable[[], float] = random.random,
    ) -> None:
        """Starts closed. An attempt that takes `slow_s` is slow; `random_` gives [0, 1)."""
        super().__init__(name=name)
        self.numbers = numbers
        self._clock = clock
        self._random = random_
        self.announcer = Announcer()
        self._permits = Permits(slow_s=slow_s, clock=clock, on_outcome=self._heard)
        self._begun, self._continued = self._windows = (Window(numbers), Window(numbers))
        """What begins something and what goes on with it, judged apart: many quick polls would
        hide that nothing new is taken, and the other way round."""
        self._state = State.CLOSED
        self._reason = Reason.NEW
        self._since: float | None = None
        self._until: float | None = None
        self._openings = 0  # since it was last closed
        self._probing = 0
        self._probes_good = 0

    def follow(self, numbers: BreakerNumbers, *, slow_s: float) -> None:
        """Go by these numbers from now on. What it is stays, for no longer than they allow."""
        self._look()
        self.numbers = numbers
        self._permits.slow_s = slow_s
        for window in self._windows:
            window.follow(numbers)
        if self._state is State.OPEN and self._until is not None:
            self._until = min(self._until, self._clock() + numbers.max_open_s)

    @property
    def listeners(self) -> list[Listener]:
        """Who is told of every change, at once and in order. To be changed in place."""
        return self.announcer.listeners

    def enter(self, *, continuing: bool = False) -> Permit | Trouble:
        """A permit for one attempt, or `BROKEN_OFF` and when somebody will be let through.

        `continuing`: it goes on with something begun, and is judged with its like.
        """
        if self._state is not State.CLOSED:
            refusal = self.blocked()
            if refusal is not None:
                return refusal
            if self._state is State.HALF_OPEN:
                self._probing += 1
        return self._permits.issue(continuing=continuing)

    def blocked(self) -> Trouble | None:
        """What `enter` would refuse with now; takes no place."""
        state = self._look()
        if state is State.CLOSED:
            return None
        if state is not State.HALF_OPEN:
            return self._refusal()
        if self._probing < self.numbers.probes:
            return None
        text = "another attempt finds out whether it is well again"
        return Trouble(TroubleKind.BROKEN_OFF, text, retry_after_s=PROBE_S)

    def isolate(self, for_s: float | None) -> None:
        """Let nobody through, whatever happens: for so many seconds, or None until `restore`.

        After its time somebody may try. Raises `ValueError` for a time that is none.
        """
        if for_s is not None and not 0 < for_s <= LONGEST_S:
            raise ValueError("isolate for more than no time and at most ten years")
        self._look()
        now = self._clock()
        self._turn(State.ISOLATED, Reason.BY_HAND, now, None if for_s is None else now + for_s)

    def restore(self) -> None:
        """Close it by hand and forget what it was judged by, and how long it was left alone."""
        self._look()
        self._turn(State.CLOSED, Reason.BY_HAND, self._clock())

    def heed(self, state: State, reason: Reason, free_in_s: float | None) -> bool:
        """Take up what another instance's breaker came to be, and why; whether that changed it.

        `free_in_s`: how long it still lasts there, None: without end. The rules are `heeded`'s.
        What was heeded has the reason `ELSEWHERE`, whatever the other one had.
        """
        old, now = self._look(), self._clock()
        here = Standing(old, self._reason, self._free_in_s())
        turn = heeded(here, Standing(state, reason, free_in_s), self.numbers.max_open_s)
        if turn is None:
            return False
        if turn.state is State.OPEN and old is not State.OPEN:  # so that all grow alike
            self._openings = min(MAX_OPENINGS, self._openings + 1)
        end = None if turn.for_s is None else _end(now, turn.for_s)
        self._turn(turn.state, Reason.ELSEWHERE, now, end)
        return True

    @property
    def state(self) -> State:
        """What it is now."""
        return self._look()

    @property
    def reason(self) -> Reason:
        """Why it is what it is."""
        self._look()
        return self._reason

    @property
    def since(self) -> float | None:
        """When it became what it is, on `clock`; None: it has never been anything else."""
        self._look()
        return self._since

    def free_in_s(self) -> float | None:
        """Seconds until somebody is let through; 0 now.

        None: nobody knows, as it is isolated without end or others are finding out just now.
        """
        self._look()
        return self._free_in_s()

    @property
    def judged(self) -> int:
        """How many outcomes it is judged by; while not closed: was."""
        return sum(len(window) for window in self._present())

    @property
    def failures(self) -> int:
        """How many of them failed."""
        return sum(window.failures for window in self._present())

    @property
    def slow(self) -> int:
        """How many of them were slow and did not fail."""
        return sum(window.slow for window in self._present())

    def snapshot(self, wall_s: float) -> dict[str, Any]:
        """What `load` takes, as JSON values. `wall_s` is now in wall-clock seconds."""
        state = self._look()
        shift = wall_s - self._clock()
        return Record(
            version=2,
            state=state,
            reason=self._reason,
            since=None if self._since is None else self._since + shift,
            until=None if self._until is None else self._until + shift,
            openings=self._openings,
            begun=Outcomes.of(self._begun, shift),
            continued=Outcomes.of(self._continued, shift),
        ).model_dump(mode="json")

    def load(self, data: Any, wall_s: float) -> None:
        """Go on from a `snapshot`. No listener is told: it was, when it happened.

        Raises `ValueError`, and nothing has changed, where `data` is none. Whatever the wall clock
        did meanwhile, nothing lies in the future and nothing takes longer than it was meant to.
        """
        record = Record.read(data)
        now = self._clock()
        shift = now - wall_s
        since = None if record.since is None else min(now, record.since + shift)
        record.begun.fill(self._begun, now, shift)
        record.continued.fill(self._continued, now, shift)
        self._openings = record.openings
        self._become(record.state, record.reason, since, record.end(now, shift, self.numbers))

    def _look(self) -> State:
        """What it is now; every way in goes through here, as time alone may have changed it."""
        until = self._until
        if until is not None and self._clock() >= until:
            self._turn(State.HALF_OPEN, Reason.TIME_UP, until)
        return self._state

    def _heard(self, permit: Permit, mark: Mark | None) -> None:
        """One attempt of the present generation is over; None: it says nothing."""
        half_open = self._state is State.HALF_OPEN
        if half_open:
            self._probing -= 1
        if mark is None:
            return
        if half_open:
            self._probed(mark)
            return
        if mark not in TIMELESS and permit.was_slow():
            mark = Mark.SLOW
        self._judge(self._continued if permit.continuing else self._begun, mark)

    def _judge(self, window: Window, mark: Mark) -> None:
        now = self._clock()
        window.add(now, mark)
        if mark in BAD:
            reason = window.verdict()
            if reason is not None:
                self._open(reason, now)

    def _probed(self, mark: Mark) -> None:
        """However long an answer took, it is one: who is merely slow is not left alone for it."""
        if mark is Mark.FAILED:
            self._open(Reason.PROBE_FAILED, self._clock())
        elif mark is Mark.CUT:
            self._open(Reason.PROBE_SLOW, self._clock())
        elif mark in WORKING:
            self._probes_good += 1
            if self._probes_good >= self.numbers.probes:
                self._turn(State.CLOSED, Reason.PROBES_GOOD, self._clock())

    def _open(self, reason: Reason, now: float) -> None:
        self._openings = min(MAX_OPENINGS, self._openings + 1)
        self._turn(State.OPEN, reason, now, now + self._open_s())

    def _open_s(self) -> float:
        """Twice as long each time, with jitter, which at the cap only shortens."""
        numbers = self.numbers
        middle = min(numbers.max_open_s, numbers.open_s * 2.0 ** (self._openings - 1))
        shortest = middle * (1 - numbers.jitter)
        longest = min(numbers.max_open_s, middle * (1 + numbers.jitter))
        return shortest + (longest - shortest) * self._random()

    def _turn(self, state: State, reason: Reason, now: float, until: float | None = None) -> None:
        """Be something else from `now` on, and say so."""
        old = self._state
        if state is State.CLOSED:
            for window in self._windows:
                window.replace(())
            self._openings = 0
        self._become(state, reason, self._since if state is old else now, until)
        moved = old is not State.CLOSED or state is not State.CLOSED
        change = Change(self.name, old, state, reason, self._free_in_s())
        self.announcer.tell(change, moved=moved)

    def _become(
        self, state: State, reason: Reason, since: float | None, until: float | None
    ) -> None:
        self._state, self._reason, self._since, self._until = state, reason, since, until
        self._probing = self._probes_good = 0
        self._permits.move_on()
        if state is not State.CLOSED:
            self._permits.revoke_waiting(self._refusal)

    def _free_in_s(self) -> float | None:
        if self._state is State.HALF_OPEN and self._probing >= self.numbers.probes:
            return None
        if self._state in {State.CLOSED, State.HALF_OPEN}:
            return 0.0
        return None if self._until is None else max(0.0, self._until - self._clock())

    def _refusal(self) -> Trouble:
        isolated = self._state is State.ISOLATED
        text = ISOLATED_TEXT if isolated else TEXTS.get(self._reason, "left alone")
        return Trouble(TroubleKind.BROKEN_OFF, text, retry_after_s=self._free_in_s())

    def _present(self) -> tuple[Window, Window]:
        """While closed, without what only time has taken out of them."""
        if self._look() is State.CLOSED:
            now = self._clock()
            for window in self._windows:
                window.trim(now)
        return self._windows


def _end(now: float, for_s: float) -> float:
    """The moment so much later, which rounding makes no later than that."""
    end = now + for_s
    return math.nextafter(end, now) if end - now > for_s else end
