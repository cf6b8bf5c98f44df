"""How many exchanges begin in one turn of the event loop. Knows nothing of what they are.

When thousands of polls are due at one moment, sending all of them first means that their answers
arrive together, and each of them, and every client's command, waits for all the others. Here they
begin in small groups, and what one group brings is dealt with before the next: an answer is told
shortly after it was given, and what has to wait has not been asked yet. It waits outside the
insurer's policies: it holds no place there and its time is not running.
"""

from collections import OrderedDict
from typing import TypeAlias

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

A_TURN = 64
"""So many exchanges take some 20 ms; below it nobody ever waits."""

ONE_GOES_ON_IN = 4


_Line: TypeAlias = OrderedDict[anyio.Event, None]


class Gate:
    """Lets `most` through in each turn: of four, three that begin and one that goes on.

    What has begun is worked on by the insurer while it waits here; what has not, by nobody, and
    its minute runs. But thousands that begin must not starve those under way, either. In each line
    it is first come, first served, and where one line is empty the other has all.
    """

    def __init__(self, tasks: TaskGroup, most: int = A_TURN) -> None:
        """Open. `tasks` runs what has it turn, as long as it is used and no longer."""
        self._tasks = tasks
        self._most = most
        self._left = most
        self._lines: tuple[_Line, _Line] = OrderedDict(), OrderedDict()
        self._passed = 0
        self._turning = False

    async def pass_(self, *, continuing: bool) -> None:
        """Wait for a turn with room, if this one has none."""
        if not self._turning:
            self._turning = True
            self._tasks.start_soon(self._turn)
        if self._left > 0:  # then nobody waits
            self._left -= 1
            return
        turn = anyio.Event()
        line = self._lines[continuing]
        line[turn] = None
        try:
            await turn.wait()
        finally:
            line.pop(turn, None)  # cancelled: thousands may be at a deadline, each at once

    async def _turn(self) -> None:
        try:
            while self._left < self._most:
                await checkpoint()
                self._left = self._most
                self._let_through()
        finally:
            self._turning = False

    def _let_through(self) -> None:
        while self._left > 0 and any(self._lines):
            self._passed += 1
            goes_on = self._passed % ONE_GOES_ON_IN == 0
            turn, _ = (self._lines[goes_on] or self._lines[not goes_on]).popitem(last=False)
            turn.set()
            self._left -= 1
