"""The requests that count in the insurers' limits, as rows. For one transaction.

Windows are read when first needed and written back at its end, so that many operations of one
batch cost one reading and one writing.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from osago_daemon.storage.disk.trouble import BrokenError, making_sense
from osago_daemon.storage.disk.window import Window
from osago_daemon.storage.port import PAUSE, Full, Place, Rule, Usage, Used

ELSEWHERE_S = 48 * 3600.0
"""Requests made while the store was away are remembered for so long, for rules that are new."""

_MOST = 1e15
"""No number that is stored is greater."""

_DROP_AT_ONCE = 500
_DROP_PLACES = """
DELETE FROM places WHERE rowid IN (SELECT rowid FROM places WHERE forget_at <= ? LIMIT ?)
"""
_DROP_ELSEWHERE = """
DELETE FROM elsewhere WHERE rowid IN (SELECT rowid FROM elsewhere WHERE ended_at <= ? LIMIT ?)
"""


class _Span(NamedTuple):
    """A window of an insurer, however many it lets through."""

    insurer: str
    limit: str
    period_s: float


class Windows:
    """Of `state.db`. Moments are on `clock`."""

    def __init__(
        self, state: sqlite3.Connection, clock: Callable[[], float], number: Callable[[], int]
    ) -> None:
        """`number`: one that no other place has."""
        self._state = state
        self._clock = clock
        self._number = number
        self._loaded: dict[_Span, Window] = {}

    def take(self, insurer: str, rules: Sequence[Rule], arrival_s: float) -> Place | Full:
        """See the port."""
        now = self._clock()
        windows = [self._window(_span(insurer, rule)) for rule in rules]
        free_at, limit = max(
            (window.free_at(rule.most, now), rule.limit)
            for window, rule in zip(windows, rules, strict=True)
        )
        paused_until = self._paused_until(insurer)
        if paused_until > max(free_at, now):
            free_at, limit = paused_until, PAUSE
        if free_at > now:
            return Full(free_at - now, limit)
        for window in windows:
            window.add(window.grain(now + arrival_s))
        return self._place(insurer, rules, now + arrival_s)

    def end(self, place: Place, at: float) -> None:
        """See the port; it was told `at`. Nothing where it was ended before."""
        for ends_at, window in self._give_up(place):
            grain = window.grain(ends_at)
            if window.counting(grain, at):
                window.add(grain, -1)
                window.add(window.grain(at))

    def drop(self, place: Place) -> None:
        """See the port. Nothing where it was ended before."""
        for ends_at, window in self._give_up(place):
            window.add(window.grain(ends_at), -1)

    def add(self, insurer: str, ends: Sequence[float]) -> None:
        """Requests that ended at these moments."""
        spans = self._state.execute(
            "SELECT insurer, rule, period_s FROM rules WHERE insurer = ?", (insurer,)
        )
        for _, limit, period_s in spans.fetchall():
            self._add(self._window(_known_span(insurer, limit, period_s)), ends)
        self._state.executemany(
            "INSERT INTO elsewhere VALUES (?, ?)", [(insurer, ended_at) for ended_at in ends]
        )

    def pause(self, insurer: str, until: float) -> None:
        """See the port."""
        self._state.execute(
            "INSERT INTO pauses VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET until = max(until, excluded.until)",
            (insurer, until),
        )

    def resume(self, insurer: str) -> None:
        """See the port."""
        self._state.execute("DELETE FROM pauses WHERE insurer = ?", (insurer,))

    def usage(self, insurer: str, rules: Sequence[Rule]) -> Usage:
        """See the port."""
        now = self._clock()
        used = []
        for rule in rules:
            window = self._window(_span(insurer, rule))
            free_in_s = max(0.0, window.free_at(rule.most, now) - now)
            used.append(Used(rule.limit, window.held(now), free_in_s))
        return Usage(tuple(used), max(0.0, self._paused_until(insurer) - now))

    def drop_ended(self) -> None:
        """A part of it."""
        now = self._clock()
        self._state.execute(_DROP_PLACES, (now, _DROP_AT_ONCE))
        self._state.execute(_DROP_ELSEWHERE, (now - ELSEWHERE_S, _DROP_AT_ONCE))

    def write(self) -> None:
        """What has changed."""
        for span, window in self._loaded.items():
            rows = [(*span, grain, window.counts.get(grain, 0)) for grain in window.changed]
            self._state.executemany("REPLACE INTO used VALUES (?, ?, ?, ?, ?)", rows)
            if any(not row[-1] for row in rows):
                self._state.execute(
                    "DELETE FROM used"
                    " WHERE insurer = ? AND rule = ? AND period_s = ? AND count <= 0",
                    span,
                )
        self._loaded.clear()

    def _window(self, span: _Span) -> Window:
        if span not in self._loaded:
            rows = self._state.execute(
                "SELECT grain, count FROM used WHERE insurer = ? AND rule = ? AND period_s = ?",
                span,
            )
            self._loaded[span] = Window(span.period_s, _counts(rows.fetchall()))
            self._register(span)
        return self._loaded[span]

    def _register(self, span: _Span) -> None:
        known = self._state.execute(
            "SELECT 1 FROM rules WHERE insurer = ? AND rule = ? AND period_s = ?", span
        ).fetchone()
        if known is None:
            self._state.execute("INSERT INTO rules VALUES (?, ?, ?)", span)
            ends = self._state.execute(
                "SELECT ended_at FROM elsewhere WHERE insurer = ?", (span.insurer,)
            )
            self._add(self._loaded[span], [_known(ended_at) for (ended_at,) in ends.fetchall()])

    def _add(self, window: Window, ends: Iterable[float]) -> None:
        now = self._clock()
        for ended_at in ends:
            grain = window.grain(ended_at)
            if window.counting(grain, now):
                window.add(grain)

    def _place(self, insurer: str, rules: Sequence[Rule], ends_at: float) -> Place:
        number = self._number()
        spans = json.dumps([[rule.limit, rule.period_s] for rule in rules])
        forget_at = ends_at + 2 * max(rule.period_s for rule in rules)
        self._state.execute(
            "INSERT INTO places VALUES (?, ?, ?, ?, ?)",
            (number, insurer, ends_at, spans, forget_at),
        )
        return Place(insurer, number)

    def _give_up(self, place: Place) -> list[tuple[float, Window]]:
        """Its windows, and where it stands in them."""
        row = self._state.execute(
            "DELETE FROM places WHERE number = ? AND insurer = ? RETURNING ends_at, rules",
            (place.number, place.insurer),
        ).fetchone()
        if row is None:
            return []
        with making_sense():
            spans = [
                _known_span(place.insurer, limit, period_s)
                for limit, period_s in json.loads(row[1])
            ]
        return [(_known(row[0]), self._window(span)) for span in spans]

    def _paused_until(self, insurer: str) -> float:
        row = self._state.execute(
            "SELECT until FROM pauses WHERE insurer = ?", (insurer,)
        ).fetchone()
        return 0.0 if row is None else float(row[0])


def _span(insurer: str, rule: Rule) -> _Span:
    return _Span(insurer, rule.limit, float(rule.period_s))


def _known_span(insurer: str, limit: object, period_s: object) -> _Span:
    if not isinstance(limit, str) or not _known(period_s) > 0:
        raise BrokenError
    return _Span(insurer, limit, _known(period_s))


def _counts(rows: Iterable[tuple[object, object]]) -> dict[int, int]:
    """As `_known`, whole numbers: by grain."""
    counts = {int(_known(grain)): int(_known(count)) for grain, count in rows}
    if any(count < 0 for count in counts.values()):
        raise BrokenError
    return counts


def _known(number: object) -> float:
    """One out of the database: else none of ours, as far as one can reckon with it."""
    if not isinstance(number, int | float) or not abs(number) < _MOST:
        raise BrokenError
    return number
