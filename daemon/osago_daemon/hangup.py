"""Tells the two meanings of SIGHUP apart: read your file again, and your terminal is gone."""

import os


class Terminal:
    """The terminal that the daemon was started in, if any."""

    def __init__(self) -> None:
        """Look whether there is one."""
        self._there = _has_one()

    def is_gone(self) -> bool:
        """Whether it was closed; then nobody is left to stop what runs in its foreground."""
        return self._there and not _has_one()


def _has_one() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
