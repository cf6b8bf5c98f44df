"""What a backend brings so that the one suite in this folder runs against it.

Write `world_<name>.py` beside this file (`world_memory.py` is the example; `disk` and `redis` are
looked for as well) with one function:

    def world(path: Path) -> AbstractAsyncContextManager[StoreWorld]

`path` is an empty folder of this test. Entering gives an empty store of which no instance is open;
leaving closes and stops everything, also after a failed test. A server that is slow to start may
be kept by the module for the whole session if each world begins with an empty database. The suite
runs on asyncio; tasks that a store needs (its pump, what `check` does every second) are the
world's to run, and to end in `kill`.

The suite takes its times from the world in units of `unit_s`, because a server's clock can't be
moved: a world with clocks of its own moves them in `advance` and takes a large unit, another one
really sleeps and takes a small one (0.3 s say; a test lasts about six of them).
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from pathlib import Path
from typing import Protocol

from osago_daemon.storage.port import Primary


class StoreWorld(Protocol):
    """One shared store and the processes on it."""

    unit_s: float
    """The shortest window and the shortest life that the suite uses."""
    grain: float
    """By which part of a window a place may count longer than it should; 0 is exact."""

    async def instance(self, name: str) -> Primary:
        """A new process under this name, with its store open. An older one need not be dead."""

    async def kill(self, store: Primary) -> None:
        """Its process is gone as by kill -9: nothing is given back by itself.

        The object stays: what is called on it from now on is what a process does that was thought
        dead. It may raise StoreError.
        """

    async def advance(self, seconds: float) -> None:
        """Let time pass, on every clock that the store has, no less than this."""

    def now(self) -> float:
        """The windows' clock, in seconds since anything."""

    def wall(self) -> float:
        """Unix seconds, by the clock that ends what is kept."""


FOLDER = Path(__file__).parent
KNOWN = ("memory", "sealed", "standby", "disk", "redis")
NAMES = [name for name in KNOWN if (FOLDER / f"world_{name}.py").exists()]


def world_of(name: str, path: Path) -> AbstractAsyncContextManager[StoreWorld]:
    """A new world of this backend."""
    module = import_module(f"tests.daemon.storage.conformance.world_{name}")
    make: Callable[[Path], AbstractAsyncContextManager[StoreWorld]] = module.world
    return make(path)
