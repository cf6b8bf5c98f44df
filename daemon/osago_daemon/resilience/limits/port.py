"""Where the counts behind an insurer's limits live, as the queue sees it: memory or a shared store.

Every `now` and every moment is in seconds on the limiter's own clock and never goes back; a store
with a clock of its own (a server's, another process's) translates. Waiting, ranks and turns are
not the store's business.
"""

import math
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from osago_daemon.resilience.numbers import LimitNumbers


class Wait(NamedTuple):
    """No room now."""

    free_at: float
    """The earliest moment at which there can be room; `math.inf`: nobody knows."""
    limit: str
    """What stands in the way, as in `LimitNumbers`, or `PAUSE`; "" where nothing does."""


PAUSE = "pause"
"""The other side asked to be left alone."""
MAX_PAUSE_S = 300.0
"""No pause is longer, whatever they ask for. Asking again after five minutes costs one request, and
they can say it again; a day's silence for one wrong number would cost a day's offers. It also holds
for a pause out of a snapshot if the wall clock was put back meanwhile."""
UNKNOWN = math.inf


class Level(NamedTuple):
    """How much of a limit is used."""

    limit: str
    most: int
    left: int
    free_at: float
    """When there can be room again at the earliest: now where something is left."""


class Ticket(Protocol):
    """A request's place in every window. Ends with one of `answered`, `unreached`, `abandoned`.

    None of these waits or raises, so that they are safe while a cancellation goes through.
    """

    def sent(self, now: float) -> None:
        """The request goes out now: from here on it may arrive."""

    def unsent(self) -> None:
        """It did not go out after all, as was found within the same step: given back."""

    def answered(self, now: float) -> None:
        """It can't arrive any more: the windows after it begin now. Never sent: given back.

        An answer that comes later than anybody thought it could arrive makes it count longer, if
        it still counts: what was given away can't be taken back.
        """

    def unreached(self, now: float) -> None:
        """It never arrived nor will: given back, unless it has counted as arrived already."""

    def abandoned(self) -> None:
        """Nobody waits for its answer: it may yet arrive. Never sent: given back."""


class FreeTicket:
    """Where there are no windows; nothing has to be told to it."""

    __slots__ = ()

    def sent(self, now: float) -> None:
        """Counts nowhere."""

    def unsent(self) -> None:
        """Counts nowhere."""

    def answered(self, now: float) -> None:
        """Counts nowhere."""

    def unreached(self, now: float) -> None:
        """Counts nowhere."""

    def abandoned(self) -> None:
        """Counts nowhere."""


FREE: Final = FreeTicket()


class Lease(Protocol):
    """One of the places under way at one moment."""

    def leave(self) -> None:
        """Give it back, exactly once; never waits or raises."""


class Store(Protocol):
    """The counts of one insurer.

    `take` and `enter` take everything or nothing; one that is cancelled or raises has taken
    nothing. The others never wait.
    """

    def allow(self, numbers: LimitNumbers) -> None:
        """These limits hold from now on; what was used until now counts in them."""

    async def take(self, now: float) -> Ticket | Wait:
        """A place in all windows at once."""

    async def enter(self, now: float) -> Lease | Wait:
        """A place among those under way."""

    def has_room(self, now: float) -> bool:
        """Whether `take` would get one now; a shared store answers from what it last heard."""

    def forecast(self, ahead: int, now: float) -> Wait:
        """When a request can get its place in the windows that so many others get before.

        Exact if whatever is under way were answered now and nothing else came between; so never
        too late, and a refusal that rests on it is certain. A shared store answers from what it
        last heard.
        """

    def pause(self, until: float) -> None:
        """No place in the windows before this moment; an earlier one changes nothing."""

    def resume(self) -> None:
        """End a pause now."""

    def paused_until(self) -> float:
        """The end of the latest pause; in the past if there is none."""

    def levels(self, now: float) -> tuple[Level, ...]:
        """Every limit that is set, shortest window first, `at_once` last."""

    def listen(self, *, ticket: Callable[[], None], lease: Callable[[], None]) -> None:
        """Call these whenever a place may be free earlier than `Wait.free_at` said."""

    def snapshot(self, now: float, wall_s: float) -> dict[str, object]:
        """What a restart must not forget, as JSON values; {} where the store outlives us."""

    def load(self, data: object, now: float, wall_s: float) -> None:
        """Take a snapshot in, beside what is there. Junk: ValueError, and nothing changed."""
