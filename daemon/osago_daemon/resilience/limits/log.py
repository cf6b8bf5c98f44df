"""The windows' log: which requests still count, and when there is room again.

Promised: at most N requests arrive at the other side in any window of length P, whatever the
network does to them, and all N are usable. A bucket (GCRA) can't promise both: with burst b and
rate r it lets b + r*P through in one window, so one of the two has to be given away.

How: a request has a place in the window from its grant s until P after its end e, the last moment
at which it can have arrived: its answer, or `arrival_s` after its sending where it was unanswered
until then. A place is granted only while fewer than N are held. Proof: suppose N + 1 requests
arrive within less than P, the first at x. Look at the one of them that was granted last: s <= its
arrival < x + P. Each of the N others arrived at or after x, so its e >= x, so its place was held
until x + P or later, and it was granted before: at s all N places were held, and there was no
grant. In other words, with ends in order: s[i+N] >= e[i] + P.

An answer that comes later than `arrival_s` says that the request may have arrived as late, by a
connection that was slow to open. Its end moves to the answer if its place is still held in every
window, so that the proof holds; if it isn't, others were let through for it, and it stays over.

All windows share one log: a count of the requests without an end and the ends in order (a float
each). A window is a position in it. Everything is O(1) amortised.
"""

import math
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable

from osago_daemon.resilience.limits.port import Level, Wait

MIN_ENDS = 1024
"""Shorter logs are not worth tidying."""


SETTLED = -math.inf


class Window:
    """At most `most` in any `period_s`; `head` is the first end in the log that may still count."""

    __slots__ = ("head", "most", "name", "period_s")

    def __init__(self, name: str, most: int, period_s: float) -> None:
        self.name = name
        self.most = most
        self.period_s = period_s
        self.head = 0


class Flight:
    """A request without an end yet. Implements `Ticket`."""

    __slots__ = ("_log", "arrived_by", "over")

    def __init__(self, log: "WindowLog") -> None:
        self._log = log
        self.arrived_by = math.inf
        """Its end if no answer comes before; infinite while it is not sent, `SETTLED` after one."""
        self.over = False

    def sent(self, now: float) -> None:
        """See `Ticket`."""
        if self.arrived_by == math.inf:
            self.arrived_by = now + self._log.arrival_s
            self._log.fly(self)

    def unsent(self) -> None:
        """See `Ticket`."""
        self._log.drop(self)
        self.arrived_by = SETTLED

    def answered(self, now: float) -> None:
        """See `Ticket`."""
        if self.arrived_by == math.inf:
            self._log.drop(self)
        else:
            self._log.end(self, now)
        self.arrived_by = SETTLED

    def unreached(self, now: float) -> None:
        """See `Ticket`."""
        if self.arrived_by <= now:
            self.abandoned()
        else:
            self.unsent()

    def abandoned(self) -> None:
        """See `Ticket`."""
        if self.arrived_by == math.inf:
            self._log.drop(self)


class WindowLog:
    """What counts in the windows of one insurer. Moments must never go back."""

    def __init__(
        self, windows: Iterable[Window], arrival_s: float, freed: Callable[[], None]
    ) -> None:
        """`freed` hears of each place that is given back; without windows nothing is logged."""
        self.become(windows, arrival_s)
        self._freed = freed
        self._ends = array("d")
        self._open = 0
        self._flights: deque[Flight] = deque()  # sent, by `arrived_by`; some are over
        self._tidy_at = MIN_ENDS

    def become(self, windows: Iterable[Window], arrival_s: float) -> None:
        """From now on these windows hold, over what is logged already: they must be new ones."""
        self.windows = tuple(sorted(windows, key=lambda window: window.period_s))
        binding = _binding(self.windows)
        self._binding = tuple(reversed(binding))
        self._slack = tuple(window for window in self.windows if window not in binding)
        self.arrival_s = arrival_s

    def has_room(self, now: float) -> bool:
        """Whether every window has a place."""
        used = self._open + len(self._ends)
        for window in self.windows:
            if used - window.head >= window.most and self.held(window, now) >= window.most:
                return False
        return True

    def held(self, window: Window, now: float) -> int:
        """The places that count in this window."""
        self._settle(now)
        ends, period_s, head = self._ends, window.period_s, window.head
        while head < len(ends) and ends[head] + period_s <= now:
            head += 1
        window.head = head
        return self._open + len(ends) - head

    def take(self) -> Flight:
        """Hold a place in every window."""
        self._open += 1
        return Flight(self)

    def fly(self, flight: Flight) -> None:
        """It was sent."""
        if self._flights:  # `arrival_s` may have been longer until just now; they stay in order
            flight.arrived_by = max(flight.arrived_by, self._flights[-1].arrived_by)
        self._flights.append(flight)
        if len(self._flights) > 2 * self._open + MIN_ENDS:  # the oldest is long unanswered
            self._flights = deque(flight for flight in self._flights if not flight.over)

    def end(self, flight: Flight, now: float) -> None:
        """It can't arrive any more."""
        self._settle(now)
        if not flight.over:
            self._end(flight, now)
        elif self.windows and flight.arrived_by + self.windows[0].period_s > now:
            # Later than it was thought to arrive, and nobody was let through for it yet.
            del self._ends[bisect_left(self._ends, flight.arrived_by)]
            self._ends.append(now)

    def drop(self, flight: Flight) -> None:
        """As if it had never been."""
        if not flight.over:
            flight.over = True
            self._open -= 1
            self._freed()

    def forecast(self, ahead: int, now: float, start: float) -> Wait:
        """The earliest grant for the one that `ahead` others precede, none before `start`.

        With X the ends in order, then "now" for those without one, then the grants to come:
        X[k] is the greatest of `start` and X[k-N] + P of each window. Going back through the
        longest windows first, whole windows at a time, meets that greatest, because a window that
        binds is stricter in the long run than all shorter ones; so no grant in between has to be
        worked out. (Where a window allows within one of its shorter one's N of what that one
        allows in the same time, the result may be up to one short period too early.)
        """
        self._settle(now)
        ends, logged = self._ends, len(self._ends)
        free_at, limit = start, ""
        rest, later = ahead, 0.0
        for window in self._slack:  # only ever full by what was loaded: of use for the first few
            index = logged + self._open + ahead - window.most
            if 0 <= index < logged and ends[index] + window.period_s > free_at:
                free_at, limit = ends[index] + window.period_s, window.name
        for window in self._binding:
            rounds, rest = divmod(rest, window.most)
            if rounds:
                later += rounds * window.period_s
                if start + later > free_at:
                    free_at, limit = start + later, window.name
            index = logged + self._open + rest - window.most
            if index >= 0:  # has to be out of the window first
                end = ends[index] if index < logged else now
                if end + window.period_s + later > free_at:
                    free_at, limit = end + window.period_s + later, window.name
        return Wait(free_at, limit)

    def level(self, window: Window, now: float) -> Level:
        """How much of it is used."""
        left = window.most - self.held(window, now)
        if left > 0:
            return Level(window.name, window.most, left, now)
        index = len(self._ends) + self._open - window.most
        end = self._ends[index] if index < len(self._ends) else now
        return Level(window.name, window.most, 0, end + window.period_s)

    def known_ends(self, now: float) -> list[float]:
        """The ends that still count, in order; whatever is under way as if never answered."""
        self._settle(now)
        oldest = min((self._advanced(window, now) for window in self.windows), default=0)
        sent = [flight.arrived_by for flight in self._flights if not flight.over]
        unsent = [now + self.arrival_s] * (self._open - len(sent))
        return [*self._ends[oldest:], *sent, *unsent]

    def add_ends(self, ends: Iterable[float], now: float) -> None:
        """Let these count too; such as are yet to come, as requests under way."""
        self._settle(now)
        latest = now + self.arrival_s
        ends = sorted(min(end, latest) for end in ends)
        self._ends = array("d", sorted([*self._ends, *(end for end in ends if end <= now)]))
        for window in self.windows:
            window.head = 0
        for end in ends:
            if end > now:
                flight = self.take()
                flight.arrived_by = end
                self._flights.append(flight)
        in_order = sorted(self._flights, key=lambda flight: flight.arrived_by)
        self._flights = deque(in_order)
        self._tidy(now)

    def _settle(self, now: float) -> None:
        """Give those an end that went unanswered for too long."""
        flights = self._flights
        while flights:
            first = flights[0]
            if not first.over:
                if first.arrived_by > now:
                    return
                self._end(first, first.arrived_by)
            flights.popleft()

    def _end(self, flight: Flight, at: float) -> None:
        flight.over = True
        self._open -= 1
        self._ends.append(at)
        if len(self._ends) >= self._tidy_at:
            self._tidy(at)

    def _tidy(self, now: float) -> None:
        """Forget what counts nowhere; rare enough to cost nothing per request."""
        logged = len(self._ends)
        oldest = min((self._advanced(window, now) for window in self.windows), default=logged)
        del self._ends[:oldest]
        for window in self.windows:
            window.head -= oldest
        self._tidy_at = max(MIN_ENDS, 2 * len(self._ends))

    def _advanced(self, window: Window, now: float) -> int:
        while window.head < len(self._ends) and self._ends[window.head] + window.period_s <= now:
            window.head += 1
        return window.head


def _binding(windows: tuple[Window, ...]) -> list[Window]:
    """Without those that a shorter window already keeps from ever being full."""
    kept: list[Window] = []
    for window in windows:
        if not kept or window.most * kept[-1].period_s < kept[-1].most * window.period_s:
            kept.append(window)
    return kept
