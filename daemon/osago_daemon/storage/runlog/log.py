"""The log of one daemon's runs, for going on after a kill. Knows nothing of what events say.

It lies in the runtime directory, normally memory, and has one writer. A record is one small write
without waiting for a disk, made before any watcher hears of the event: whatever a watcher has heard
is there after a kill. Trouble is logged and shown, and never reaches a quote.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import structlog

from osago_daemon.storage.runlog.folder import Folder
from osago_daemon.storage.runlog.records import RunRecord, events_payload, over_payload
from osago_daemon.storage.runlog.recovery import Found, find_runs
from osago_daemon.storage.runlog.segment import Segment
from osago_daemon.storage.seal import Seal

log = structlog.get_logger(__name__)

SEGMENT_S = 60.0
"""As long as most runs may take, so that a segment can go soon after its last run."""
SEGMENT_BYTES = 16 * 1024 * 1024
"""A few seconds at full load: what is kept too long with one slow run stays small."""
KEEP_S = 60.0
"""How long after its deadline a run may still be asked for after a restart."""
LOG_AGAIN_S = 60.0
"""So that a folder that is full now and then doesn't fill the system's log as well."""


class RunWriter:
    """Keeps one run. Whatever happens to the log, its methods return."""

    def __init__(self, keeper: "RunLog", run: RunRecord, segment: Segment | None) -> None:
        """`segment` holds the run as it is; None: nothing does."""
        self._keeper = keeper
        self._run = run
        self._segment = segment

    def events(self, lines: Sequence[bytes]) -> None:
        """Keep events; call it before anybody hears of any of them. Nothing after `over`."""
        if not self._run.over:
            self._run.lines += lines
            self._keep(events_payload(self._run.id, lines))

    def over(self) -> None:
        """No more events will come; safe to call again."""
        if self._run.over:
            return
        self._run.over = True
        self._keep(over_payload(self._run.id))
        if self._segment is not None:
            self._segment.unfinished.discard(self._run.id)
        self._run.lines = []  # only needed to write the run once more

    def _keep(self, payload: bytes) -> None:
        if self._segment is not None and self._segment.open:
            try:
                self._segment.append([payload])
            except OSError as error:
                self._keeper.report(error)
            else:
                return
        self._move()

    def _move(self) -> None:
        """Write the run anew where there is room: a gap in it would shift its numbers."""
        before, after = self._segment, self._keeper.house(self._run)
        if after is not None:
            self._segment = after
            if before is not None:
                before.unfinished.discard(self._run.id)
        elif before is not None:
            self._keeper.distrust(before)


class RecoveredRun(NamedTuple):
    """A run as it was when the daemon before this one ended."""

    id: str
    header: bytes
    lines: tuple[bytes, ...]
    over: bool
    writer: RunWriter


class RunLog:
    """Keeps runs until `keep_s` after their deadlines. `recover` comes first, once."""

    def __init__(
        self,
        folder: Path,
        seal: Seal,
        *,
        wall_clock: Callable[[], datetime],
        keep_s: float = KEEP_S,
    ) -> None:
        """`folder` is this daemon's alone, and made 0700. `wall_clock` gives aware times."""
        self.trouble: str | None = None
        """Why runs are not kept just now."""
        self._folder = Folder(folder)
        self._seal = seal
        self._wall_clock = wall_clock
        self._keep_s = keep_s
        self._segments: list[Segment] = []
        self._current: Segment | None = None
        self._last_number = 0
        self._resting = False
        self._logged: tuple[str, float] | None = None

    def recover(self) -> list[RecoveredRun]:
        """The runs whose deadline passed at most `keep_s` ago, the oldest first. Blocking.

        Afterwards they are all in one new segment. Never raises OSError.
        """
        try:
            found = find_runs(self._folder, self._seal)
        except OSError as error:
            self.report(error)
            return []
        if found.damaged or found.stale:
            log.warning("runs_not_read", damaged_segments=found.damaged, stale_runs=found.stale)
        self._last_number = found.newest
        ended = self._now() - self._keep_s
        found.runs = [(run, number) for run, number in found.runs if run.deadline >= ended]
        homes = self._compacted(found)
        if homes is None:
            homes = self._left_as_they_are(found)
        return [
            RecoveredRun(
                run.id, run.header, tuple(run.lines), run.over, RunWriter(self, run, homes[number])
            )
            for run, number in found.runs
        ]

    def begin(self, run_id: str, header: bytes, deadline_at: datetime) -> RunWriter:
        """Keep a new run. `header` is what it takes to go on with it."""
        self._resting = False
        now = self._now()
        if self._current is not None and _is_due(self._current, now):
            self._current = None
        run = RunRecord(run_id, header, deadline_at.timestamp())
        return RunWriter(self, run, self.house(run))

    def close(self) -> None:
        """For the daemon's end: what is over is removed, what is not stays for the next one."""
        for segment in self._segments:
            segment.close()
            if not segment.unfinished:
                segment.remove()
        self._current = None
        self._resting = True

    def house(self, run: RunRecord) -> Segment | None:
        """Write all of a run into the current segment, or a new one; None: that can't be done.

        After that no new segment is tried before the next run begins.
        """
        if self._current is not None and self._current.open and self._held(self._current, run):
            return self._current
        segment = None if self._resting else self._new_segment()
        if segment is None or not self._held(segment, run):
            self._resting = True
            self._current = None
            if segment is not None:
                self._segments.remove(segment)
                segment.remove()
            return None
        self.trouble = None
        self._current = segment
        return segment

    def distrust(self, segment: Segment) -> None:
        """What it says of unfinished runs is outdated from now on."""
        try:
            segment.distrust()
        except OSError as error:
            self.report(error)

    def report(self, error: OSError) -> None:
        """Show the trouble, and log it where that wasn't done just now."""
        self.trouble = reason = error.strerror or str(error)
        now = self._now()
        if self._logged is None or self._logged[0] != reason or now - self._logged[1] > LOG_AGAIN_S:
            self._logged = (reason, now)
            log.warning("runs_not_kept", reason=reason)

    def _held(self, segment: Segment, run: RunRecord) -> bool:
        try:
            segment.hold(run)
        except OSError as error:
            self.report(error)
            return False
        return True

    def _new_segment(self) -> Segment | None:
        self.sweep()
        self._last_number += 1
        try:
            segment = Segment.create(
                self._folder, self._seal, self._last_number, begun_at=self._now()
            )
        except OSError as error:
            self.report(error)
            return None
        self._segments.append(segment)
        return segment

    def sweep(self) -> None:
        """Close what is written to its end, remove what nobody will ask for any more.

        Also to be called now and then, so that an idle daemon keeps nobody's application.
        """
        ended = self._now() - self._keep_s
        finished = [segment for segment in self._segments if not segment.unfinished]
        for segment in finished:
            segment.close()
            if segment.needed_until < ended:
                segment.remove()
                self._segments.remove(segment)

    def _compacted(self, found: Found) -> dict[int, Segment] | None:
        """Where the runs of each old segment are now: all in a new one, the old ones removed.

        None, and all is as it was: there is no room for that.
        """
        homes: dict[int, Segment] = {}
        if found.runs:
            segment = self._new_segment()
            if segment is None:
                return None
            if not all(self._held(segment, run) for run, _ in found.runs):
                self._segments.remove(segment)
                segment.remove()
                return None
            self._current = segment
            homes = {number: segment for _, number in found.runs}
        for number in found.segments:
            self._folder.remove(number)
        return homes

    def _left_as_they_are(self, found: Found) -> dict[int, Segment]:
        """The old segments; a run moves out of them with its next event, if there is room then."""
        now = self._now()
        homes = {
            number: Segment(self._folder, self._seal, number, begun_at=now)
            for number in found.segments
        }
        for run, number in found.runs:
            homes[number].register(run)
        self._segments = list(homes.values())
        return homes

    def _now(self) -> float:
        return self._wall_clock().timestamp()


def _is_due(segment: Segment, now: float) -> bool:
    in_time = 0 <= now - segment.begun_at < SEGMENT_S  # also after the clock was set back
    return not in_time or segment.size_bytes >= SEGMENT_BYTES
