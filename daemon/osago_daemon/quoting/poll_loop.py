"""Asks again and again until an insurer has decided. When to ask is the pace's business."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import anyio

from osago_daemon.insurers.port import NotYet
from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.polling.pacing import Pace
from osago_daemon.resilience.trouble import Trouble, TroubleKind

T = TypeVar("T")

MAX_FAILED_POLLS = 3
"""In a row, each with its own retries. The application exists and is worth coming back for, but
not for ever: a poll that fails like this is broken for this application."""

_PASSING = frozenset(
    {
        TroubleKind.CONNECT,
        TroubleKind.RESET,
        TroubleKind.TIMEOUT,
        TroubleKind.THROTTLED,
        TroubleKind.SERVER_ERROR,
        TroubleKind.BROKEN_OFF,
    }
)
"""Troubles that the next poll may not meet any more."""


class PollLoop(Generic[T]):
    """The polls of one application, from its acceptance to its decision."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[T | NotYet]],
        *,
        guarded: Callable[[Callable[[], Awaitable[T | NotYet]]], Awaitable[T | NotYet]],
        pace: Pace,
        deadline: Deadline,
        on_wait: Callable[[], None],
    ) -> None:
        """`ask` is one poll, and `guarded` runs it under the insurer's policies.

        Both raise `Trouble`. They are apart because a wait of ours is no exchange of theirs.
        """
        self._ask = ask
        self._guarded = guarded
        self._pace = pace
        self._deadline = deadline
        self._on_wait = on_wait
        self._accepted = anyio.current_time()
        self._watched = True
        """Since it was accepted, so that it is known when it was not decided yet."""
        self._failed = 0
        self._sent_s = 0.0
        """When the latest attempt of a poll went out."""

    async def run(self, not_before_s: float | None, *, age_s: float | None = None) -> T:
        """The decision; raises `Trouble`. Tells the pace how long it took.

        `age_s`: it was accepted so long ago and nobody has asked since; None: just now.
        """
        if age_s is not None:
            self._accepted -= age_s
            self._watched = False
        wanted: NotYet | Trouble = NotYet(not_before_s)
        try:
            while True:
                await self._pause(wanted)
                answer = await self._answer()
                if not isinstance(answer, NotYet | Trouble):
                    break
                if isinstance(answer, NotYet):
                    self._pace.pending(self._sent_s)
                    self._watched = True
                wanted = answer
        except BaseException:
            self._pace.given_up(self._elapsed_s())
            raise
        if self._watched:
            self._pace.decided(self._elapsed_s())
        else:  # it was decided at any time since, which tells nothing
            self._pace.given_up(self._elapsed_s())
        return answer

    async def _answer(self) -> T | NotYet | Trouble:
        """What a poll gave; a trouble only where the next poll may fare better."""
        try:
            answer = await self._guarded(self._send)
        except Trouble as trouble:
            if trouble.kind is TroubleKind.BROKEN_OFF:
                if trouble.retry_after_s is None:
                    raise  # nobody knows for how long
            else:
                self._failed += 1
            if trouble.kind not in _PASSING or self._failed > MAX_FAILED_POLLS:
                raise
            return trouble.bare()
        self._failed = 0
        return answer

    async def _send(self) -> T | NotYet:
        """One attempt, after all waits of ours. Tells the pace how long the answer took."""
        self._sent_s = self._elapsed_s()
        answer = await self._ask()
        self._pace.exchange_took(self._elapsed_s() - self._sent_s)
        return answer

    async def _pause(self, wanted: NotYet | Trouble) -> None:
        """Wait until the next poll; raises `Trouble` where there can't be one any more."""
        left_s, not_before_s = self._deadline.left_s(), wanted.retry_after_s
        wait_s = self._pace.next_wait_s(self._elapsed_s(), left_s, not_before_s)
        if wait_s is None and not_before_s is not None and not_before_s >= left_s:
            raise _too_late(wanted, not_before_s)
        self._on_wait()
        await anyio.sleep(left_s if wait_s is None else wait_s)
        if wait_s is None and not self._deadline.left_s():  # it may have been put off meanwhile
            raise Trouble(TroubleKind.TIMEOUT, "not decided within the deadline")

    def _elapsed_s(self) -> float:
        return anyio.current_time() - self._accepted


def _too_late(wanted: NotYet | Trouble, not_before_s: float) -> Trouble:
    if isinstance(wanted, Trouble):
        return wanted
    text = f"still deciding, and not to be asked again for {not_before_s:.0f} s"
    return Trouble(TroubleKind.TIMEOUT, text, retry_after_s=not_before_s)
