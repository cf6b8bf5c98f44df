"""The clock that all processes of a machine share and nobody sets, and which run of the machine."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_clock() -> float:
    """Seconds since the machine started, its sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot_id() -> str:
    """Another one after each start of the machine."""
    return _BOOT_ID.read_text().strip()


class Clocks(NamedTuple):
    """Where the store has its moments from."""

    now: Callable[[], float] = boot_clock
    """Seconds that never go back, the same for all processes of the machine."""
    wall: Callable[[], float] = time.time
    """Unix seconds."""
    boot_id: Callable[[], str] = boot_id
