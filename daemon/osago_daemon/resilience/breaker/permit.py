"""Permits: the right to make one attempt, what came of it, and taking it back before it is used.

Knows no states: to a permit the breaker is a generation number that goes up when it moves on.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio

from osago_daemon.resilience.breaker.window import Mark
from osago_daemon.resilience.trouble import Trouble

CUT_SHARE = 0.5
"""Of `slow_s`: an attempt that our deadline ends had its time only after so much of it. Most are
answered in far less; what had less than that says nothing about the other side."""


class Permits:
    """Gives permits out and hands on what came of those that still say something."""

    def __init__(
        self,
        *,
        slow_s: float,
        clock: Callable[[], float],
        on_outcome: Callable[["Permit", Mark | None], None],
    ) -> None:
        """`on_outcome` hears of every permit settled in its own generation; None: neutral.

        Of answers it hears what they were, and may ask the permit whether they were slow.
        """
        self.generation = 0
        self.slow_s = slow_s
        self.clock = clock
        self.on_outcome = on_outcome
        self.waiting: set[Permit] = set()
        """Those whose attempt has not begun: they wait further in."""

    def issue(self, *, continuing: bool = False) -> "Permit":
        """One more."""
        permit = Permit(self, continuing=continuing)
        self.waiting.add(permit)
        return permit

    def move_on(self) -> None:
        """From now on, attempts under way say nothing about the present."""
        self.generation += 1

    def revoke_waiting(self, refusal: Callable[[], Trouble]) -> None:
        """Take back every permit whose attempt has not begun; each gets a trouble of its own."""
        waiting, self.waiting = self.waiting, set()
        for permit in waiting:
            permit.revoke(refusal())


class Permit:
    """One attempt. Settled once, by what came of it, else neutral at the end of `with`.

    What is settled after the breaker has moved on is not counted: it is about the past.
    """

    __slots__ = (
        "_began_at",
        "_generation",
        "_permits",
        "_revoked",
        "_scope",
        "_settled",
        "_took_s",
        "continuing",
        "refusal",
    )

    refusal: Trouble
    """Why it was taken back; there only if it was."""

    def __init__(self, permits: Permits, *, continuing: bool) -> None:
        """Of the present generation; `continuing`: it goes on with something begun."""
        self.continuing = continuing
        self._permits = permits
        self._generation = permits.generation
        self._began_at: float | None = None
        self._took_s: float | None = None
        self._revoked = False
        self._settled = False
        self._scope: anyio.CancelScope | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if not self._settled:
            self._settle(None)

    def scope(self) -> anyio.CancelScope:
        """To be waited in: cancelled when the permit is taken back."""
        if self._scope is None:
            self._scope = anyio.CancelScope()
            if self._revoked:
                self._scope.cancel()
        return self._scope

    def began(self) -> None:
        """The attempt really goes out now; raises `Trouble(BROKEN_OFF)` where that is too late.

        Its time counts from here: what it waited for was ours. And if the breaker was closed
        meanwhile, this is an attempt at a closed breaker.
        """
        if self._revoked:
            raise self.refusal
        if self._settled:
            raise RuntimeError("an attempt began whose permit was settled")
        permits = self._permits
        permits.waiting.discard(self)
        self._generation = permits.generation
        self._took_s = None
        self._began_at = permits.clock()

    def ended(self) -> None:
        """The attempt is over, whatever came of it; what takes time from here on is ours."""
        if self._began_at is not None:
            self._took_s = self._permits.clock() - self._began_at

    def good(self) -> None:
        """It brought what it was made for."""
        self._settle(Mark.GOOD)

    def refused(self) -> None:
        """An answer that is not what it was made for, and yet shows that the other side works."""
        self._settle(Mark.REFUSED)

    def answered(self) -> None:
        """An answer that is no success and no failure."""
        self._settle(Mark.OTHER)

    def nothing(self) -> None:
        """What came of it says nothing about the other side, unless it took too long."""
        self._settle(Mark.SLOW if self.was_slow() else None)

    def failed(self) -> None:
        """The other side is unwell."""
        self._settle(Mark.FAILED)

    def cut(self) -> None:
        """Our own deadline ended it; says nothing unless it had its time."""
        self._settle(Mark.CUT if self._ran_for(CUT_SHARE * self._permits.slow_s) else None)

    def was_slow(self) -> bool:
        """Whether it took too long, if it is over now; one that never began did not."""
        return self._ran_for(self._permits.slow_s)

    def revoke(self, refusal: Trouble) -> None:
        """It must not begin any more: whoever waits with it is released."""
        self._revoked = True
        self.refusal = refusal
        if self._scope is not None:
            self._scope.cancel()

    def _ran_for(self, seconds: float) -> bool:
        if self._began_at is None:
            return False
        took_s = self._took_s
        if took_s is None:
            took_s = self._permits.clock() - self._began_at
        return took_s >= seconds

    def _settle(self, mark: Mark | None) -> None:
        if self._settled:
            raise RuntimeError("a permit was settled twice")
        self._settled = True
        permits = self._permits
        permits.waiting.discard(self)
        if self._generation == permits.generation:
            permits.on_outcome(self, mark)
