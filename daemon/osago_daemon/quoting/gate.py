"""How many exchanges begin in one turn of the event loop. Knows nothing of what they are.

When thousands of polls are due at one moment, sending all of them first means that their answers
arrive together, and each of them, and every client's command, waits for all the others. Here they
begin in small groups, and what one group brings is dealt with before the next: an answer is told
shortly after it was given, and what has to wait has not been asked yet. It waits outside the
insurer's policies: it holds no place there and its time is not running.
"""

from collections import OrderedDict
from collections.abc import Hashable

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from osago_daemon.resilience.exchange import Rank

A_TURN = 64
"""So many exchanges take some 20 ms; below it nobody ever waits."""

ONE_GOES_ON_IN = 4


class _Line:
    """Who waits: clients in turn, first come first served within one."""

    def __init__(self) -> None:
        self._clients: OrderedDict[Hashable, OrderedDict[anyio.Event, None]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._clients)

    def join(self, client: Hashable, turn: anyio.Event) -> None:
        self._clients.setdefault(client, OrderedDict())[turn] = None

    def leave(self, client: Hashable, turn: anyio.Event) -> None:
        """It need not be there any more. Cheap: thousands may be at a deadline, each at once."""
        waiting = self._clients.get(client)
        if waiting is not None and turn in waiting:
            del waiting[turn]
            if not waiting:
                del self._clients[client]

    def take(self) -> anyio.Event:
        """The next one's turn."""
        client, waiting = next(iter(self._clients.items()))
        turn, _ = waiting.popitem(last=False)
        if waiting:
            self._clients.move_to_end(client)
        else:
            del self._clients[client]
        return turn


class Gate:
    """Lets `most` through in each turn.

    Interactive before batch, and of four three that begin and one that goes on: what has begun is
    worked on by the insurer while it waits here; what has not, by nobody, and its minute runs. But
    thousands that begin must not starve those under way, either. Where one line is empty the other
    has all.
    """

    def __init__(self, tasks: TaskGroup, most: int = A_TURN) -> None:
        """Open. `tasks` runs what has its turn, as long as it is used and no longer."""
        self._tasks = tasks
        self._most = most
        self._left = most
        self._lines = {rank: (_Line(), _Line()) for rank in Rank}
        self._passed = 0
        self._turning = False

    async def pass_(self, rank: Rank, client: Hashable, *, continuing: bool) -> None:
        """Wait for a turn with room, if this one has none."""
        if not self._turning:
            self._turning = True
            self._tasks.start_soon(self._turn)
        if self._left > 0:  # then nobody waits
            self._left -= 1
            return
        turn = anyio.Event()
        line = self._lines[rank][continuing]
        line.join(client, turn)
        try:
            await turn.wait()
        finally:
            line.leave(client, turn)

    async def _turn(self) -> None:
        try:
            while self._left < self._most:
                await checkpoint()
                self._left = self._most
                self._let_through()
        finally:
            self._turning = False

    def _let_through(self) -> None:
        for lines in self._lines.values():  # in the order of the ranks
            while self._left > 0 and any(lines):
                self._passed += 1
                goes_on = self._passed % ONE_GOES_ON_IN == 0
                (lines[goes_on] or lines[not goes_on]).take().set()
                self._left -= 1
