"""Which requests count in the windows of one insurer: the exact log, for rules that may change.

The proof that no window is ever too full stands in `resilience.limits.log`; here places are known
by number, because who ends one need not be the instance that took it.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from typing import NamedTuple

from osago_daemon.storage.port import PAUSE, Full, Rule, Usage, Used


class _Flight(NamedTuple):
    arrived_by: float
    """Its end if nobody says another."""
    shortest_s: float
    """Its shortest window: an end that is told later than that changes nothing any more."""


class Log:
    """The places of one insurer. Moments are seconds that never go back."""

    def __init__(self) -> None:
        """Nothing counts."""
        self._ends: list[float] = []
        self._open: dict[int, _Flight] = {}
        self._silent: dict[int, _Flight] = {}  # their ends were assumed, and count everywhere yet
        self._due: list[tuple[float, int]] = []  # of both, when the next thing becomes of them
        self._longest_s = 0.0
        self._paused_until = 0.0

    def take(self, number: int, rules: Sequence[Rule], arrival_s: float, now: float) -> Full | None:
        """Hold a place under this number. None: done."""
        self._settle(now)
        self._longest_s = max(self._longest_s, *(rule.period_s for rule in rules))
        self._forget(now)
        full = self._full(rules, now)
        if full is None:
            shortest_s = min(rule.period_s for rule in rules)
            self._fly(number, _Flight(now + arrival_s, shortest_s))
        return full

    def end(self, number: int, now: float) -> None:
        """It can't arrive any more."""
        self._settle(now)
        if self._open.pop(number, None):
            self._ends.append(now)
        elif silent := self._silent.pop(number, None):
            # Later than it was thought to arrive, and nobody was let through for it yet.
            del self._ends[bisect_left(self._ends, silent.arrived_by)]
            self._ends.append(now)

    def drop(self, number: int, now: float) -> None:
        """It never was."""
        self._settle(now)
        if not self._open.pop(number, None) and (silent := self._silent.pop(number, None)):
            del self._ends[bisect_left(self._ends, silent.arrived_by)]

    def pause(self, until: float) -> None:
        """Nobody before that."""
        self._paused_until = max(self._paused_until, until)

    def resume(self) -> None:
        """No pause."""
        self._paused_until = 0.0

    def usage(self, rules: Sequence[Rule], now: float) -> Usage:
        """How full it is."""
        self._settle(now)
        used = [
            Used(rule.limit, self._held(rule, now), max(0.0, self._free_at(rule, now) - now))
            for rule in rules
        ]
        return Usage(tuple(used), max(0.0, self._paused_until - now))

    def add(self, number: int, ended_at: float, now: float) -> None:
        """Let a request count that was made elsewhere; its end may be yet to come."""
        self._settle(now)
        if ended_at > now:
            self._fly(number, _Flight(ended_at, 0.0))
        else:
            insort(self._ends, ended_at)

    def _fly(self, number: int, flight: _Flight) -> None:
        self._open[number] = flight
        heapq.heappush(self._due, (flight.arrived_by, number))

    def _full(self, rules: Sequence[Rule], now: float) -> Full | None:
        free_at, limit = max((self._free_at(rule, now), rule.limit) for rule in rules)
        if self._paused_until > max(free_at, now):
            free_at, limit = self._paused_until, PAUSE
        return Full(free_at - now, limit) if free_at > now else None

    def _held(self, rule: Rule, now: float) -> int:
        return len(self._open) + len(self._ends) - bisect_right(self._ends, now - rule.period_s)

    def _free_at(self, rule: Rule, now: float) -> float:
        """In the past where there is room now."""
        if self._held(rule, now) < rule.most:
            return 0.0
        must_go = len(self._ends) + len(self._open) - rule.most
        end = self._ends[must_go] if must_go < len(self._ends) else now
        return end + rule.period_s

    def _settle(self, now: float) -> None:
        """Give those an end that were silent for too long."""
        while self._due and self._due[0][0] <= now:
            at, number = heapq.heappop(self._due)
            if flight := self._open.pop(number, None):
                insort(self._ends, at)
                self._silent[number] = flight
                heapq.heappush(self._due, (at + flight.shortest_s, number))
            else:
                self._silent.pop(number, None)

    def _forget(self, now: float) -> None:
        """What counts nowhere; rare enough to cost nothing per request."""
        gone = bisect_right(self._ends, now - self._longest_s)
        if gone > len(self._ends) // 2:
            del self._ends[:gone]
