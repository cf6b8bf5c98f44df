"""How many waiting lines are answered in one turn of the event loop, and whose. Knows no lines.

All clients share one room: those who have nothing to say take none of it. It is shared by numbers,
drawn one for each line. What is under `_through` may go; who draws more waits for the next turn,
and the first to come back from there lets the next ones through. So it is first come, first served,
and who is gone before its turn leaves nothing to tidy up but one unused number.
"""

from math import ceil

from anyio.lowlevel import checkpoint

LINES_A_TURN = 32
"""So many waiting lines, of all clients together, are answered before the loop turns to others.

Under load a turn holds hundreds of polls; one line a turn would leave the last of thousands of
starts unread for a minute. This many cost as much as a hundred polls."""


class Turns:
    """The room of each turn, shared by all clients of a daemon."""

    def __init__(self, most: int = LINES_A_TURN) -> None:
        """`most` lines go through in a turn."""
        self._most = most
        self._through = most
        self._drawn = 0
        self._waiting = 0
        self.slice = most
        """What one client may take in a turn: an equal part for each that waited for it."""

    async def pass_(self, *, in_next_turn: bool) -> bool:
        """Wait for room for one line; True if that took a turn or more.

        `in_next_turn` is for who has had its slice of this one.
        """
        if in_next_turn and self._drawn < self._through:
            await self._turn()  # without a number: what is left of this turn is for others
        else:
            in_next_turn = False
        number = self._drawn
        self._drawn += 1
        waits = number >= self._through
        while number >= self._through:
            await self._turn()
        return waits or in_next_turn

    async def _turn(self) -> None:
        """Wait for the next turn. Who is first there lets the next ones through, if none may go."""
        before = self._through
        self._waiting += 1
        try:
            await checkpoint()
            if self._through == before and self._drawn >= before:
                self._through += self._most
                self.slice = ceil(self._most / self._waiting)
        finally:
            self._waiting -= 1


class Place:
    """One client's place among those who share the turns."""

    def __init__(self, turns: Turns) -> None:
        """`turns` are its daemon's."""
        self._turns = turns
        self._had = 0

    async def pass_(self) -> None:
        """Wait for a turn with room for one more line of this client, if this one has none."""
        waited = await self._turns.pass_(in_next_turn=self._had >= self._turns.slice)
        self._had = 1 if waited else self._had + 1
