"""Reads a folder of segments: which runs there are, and where the best copy of each is."""

from dataclasses import dataclass, field

from osago_daemon.storage.runlog.folder import Folder
from osago_daemon.storage.runlog.frames import read_frames
from osago_daemon.storage.runlog.records import Copy, RunRecord, read_copies
from osago_daemon.storage.seal import Seal


@dataclass(slots=True)
class Found:
    """What a folder holds."""

    runs: list[tuple[RunRecord, int]] = field(default_factory=list)
    """Runs and the numbers of the segments they are from, the oldest run first."""
    segments: list[int] = field(default_factory=list)
    """All of them in an order in which they may be removed."""
    damaged: int = 0
    """Segments that could not be read to their end."""
    stale: int = 0
    """Runs that went on after the log had no more room for them."""

    @property
    def newest(self) -> int:
        """The highest number in use; 0: none."""
        return max(self.segments, default=0)


@dataclass(slots=True)
class _Read:
    number: int
    trusted: bool = True
    damaged: bool = False
    copies: list[Copy] = field(default_factory=list)


def find_runs(folder: Folder, seal: Seal) -> Found:
    """Raises OSError where the folder as such can't be used."""
    read = [_read(folder, seal, number) for number in folder.numbers()]
    found = Found()
    # A copy in a segment without trust outdates those elsewhere, so it must not go before them.
    found.segments = [segment.number for segment in sorted(read, key=lambda s: not s.trusted)]
    found.damaged = sum(segment.damaged for segment in read)
    for run, segment in _best_copies(read).values():
        if segment.trusted or run.over:
            found.runs.append((run, segment.number))
        else:
            found.stale += 1
    return found


def _best_copies(read: list[_Read]) -> dict[str, tuple[RunRecord, _Read]]:
    best: dict[str, tuple[RunRecord, _Read]] = {}
    for segment in read:
        for copy in segment.copies:
            candidate = (copy.run, segment)
            if copy.whole and _worth(candidate) > _worth(best.get(copy.run.id)):
                best[copy.run.id] = candidate
    return best


def _worth(candidate: tuple[RunRecord, _Read] | None) -> tuple[int, bool, bool]:
    """The longer copy is the later one. Of equals, what lost trust knows that it is outdated."""
    if candidate is None:
        return -1, False, False
    run, segment = candidate
    return len(run.lines), run.over, not segment.trusted


def _read(folder: Folder, seal: Seal, number: int) -> _Read:
    try:
        data, trusted = folder.read(number)
    except OSError:
        return _Read(number, damaged=True)
    frames = read_frames(seal, number, data)
    try:
        copies = read_copies(frames.payloads)
    except ValueError:
        return _Read(number, trusted, damaged=True)
    return _Read(number, trusted, not frames.whole, copies)
