"""One file of the log: takes frames at its end as long as that goes, and knows whose it holds."""

import errno
import os
from collections.abc import Sequence

from osago_daemon.storage.runlog.folder import Folder
from osago_daemon.storage.runlog.frames import make_frame
from osago_daemon.storage.runlog.records import RunRecord
from osago_daemon.storage.seal import Seal


class Segment:
    """Open for writing until the first write that fails, or `close`."""

    def __init__(self, folder: Folder, seal: Seal, number: int, *, begun_at: float) -> None:
        """`begun_at` in Unix seconds. Closed; `create` opens a new one."""
        self.number = number
        self.begun_at = begun_at
        self.size_bytes = 0
        self.unfinished: set[str] = set()
        """Runs that may still be written here."""
        self.needed_until = 0.0
        """Unix seconds: the latest deadline of its runs."""
        self._folder = folder
        self._seal = seal
        self._places = 0
        self._descriptor: int | None = None
        self._trusted = True

    @classmethod
    def create(cls, folder: Folder, seal: Seal, number: int, *, begun_at: float) -> "Segment":
        """A new file. Raises OSError."""
        segment = cls(folder, seal, number, begun_at=begun_at)
        segment._descriptor = folder.create(number)
        return segment

    @property
    def open(self) -> bool:
        """Whether it takes more."""
        return self._descriptor is not None

    def register(self, run: RunRecord) -> None:
        """Count a run among those that need this file."""
        self.needed_until = max(self.needed_until, run.deadline)
        if not run.over:
            self.unfinished.add(run.id)

    def hold(self, run: RunRecord) -> None:
        """Write all that is known of a run. Raises OSError; the segment is closed then."""
        self.append(run.payloads())
        self.register(run)

    def append(self, payloads: Sequence[bytes]) -> None:
        """Write them in one piece. Raises OSError; the segment is closed then.

        After a frame that was written in part nothing could be read, so nothing is written.
        """
        if self._descriptor is None:
            raise OSError("closed")
        seal, number, first = self._seal, self.number, self._places
        data = b"".join(
            [make_frame(seal, number, first + n, payload) for n, payload in enumerate(payloads)]
        )
        try:
            _write(self._descriptor, data)
        except OSError:
            self.close()
            raise
        self._places += len(payloads)
        self.size_bytes += len(data)

    def distrust(self) -> None:
        """Let nobody take its unfinished runs for what they are now. Raises OSError."""
        if self._trusted:
            self._folder.distrust(self.number)
            self._trusted = False

    def close(self) -> None:
        """Write no more; safe to call again."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def remove(self) -> None:
        """Close it and take the file away."""
        self.close()
        self._folder.remove(self.number)


def _write(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    if written < len(data):
        written += os.write(descriptor, data[written:])  # says why the first one fell short
    if written < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
