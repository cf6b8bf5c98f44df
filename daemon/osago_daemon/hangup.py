"""Tells the two meanings of SIGHUP apart: read your file again, and your terminal is gone."""

import os
import signal
from types import FrameType


class Terminal:
    """The terminal that the daemon was started in, if any."""

    def __init__(self) -> None:
        """Look whether there is one, and whether it matters: `nohup` has SIGHUP ignored."""
        self._ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        self._there = not self._ignored and _has_one()

    def stand_by(self) -> None:
        """Until somebody listens, SIGHUP ends us only where the terminal is gone."""
        if not self._ignored:
            signal.signal(signal.SIGHUP, self._hung_up)

    def _hung_up(self, number: int, _frame: FrameType | None) -> None:
        if self.is_gone():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def is_gone(self) -> bool:
        """Whether it was closed; then nobody is left to stop what runs in its foreground."""
        return self._there and not _has_one()


def _has_one() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
