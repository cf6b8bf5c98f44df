"""The policies around every attempt, in their order: deadline, retry, breaker, attempt timeout.

The breaker stands inside the retry, so that a retry cannot escape it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import stamina

from osago_daemon.resilience.breaker import Breaker
from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.retry import Backoff
from osago_daemon.resilience.trouble import Trouble, TroubleKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of one insurer's pipeline; their defaults stand with the configuration."""

    attempt_timeout_s: float
    attempts: int
    breaker_failures: int
    breaker_recovery_s: float


@dataclass(frozen=True, slots=True)
class Retrying:
    """What a watcher may want to know before the next attempt."""

    attempt: int
    """The number of the attempt that comes next, from 2."""
    wait_s: float
    trouble: Trouble


class Guard:
    """One insurer's policies, shared by all its calls."""

    def __init__(self, name: str, policy: Policy) -> None:
        """Build the breaker; `name` is the insurer's id."""
        self.policy = policy
        self.breaker = Breaker(
            name, failures=policy.breaker_failures, recovery_s=policy.breaker_recovery_s
        )

    async def call(
        self,
        send: Callable[[], Awaitable[T]],
        *,
        repeatable: bool,
        deadline: Deadline,
        on_retry: Callable[[Retrying], None],
    ) -> T:
        """Run `send` until it comes back or the policies give up; raises the last `Trouble`.

        To be called inside `deadline.scope()`, which ends whatever is under way by then.
        """
        backoff = Backoff(
            deadline=deadline,
            attempt_timeout_s=self.policy.attempt_timeout_s,
            repeatable=repeatable,
        )
        attempts = 0

        def decide(error: Exception) -> float | bool:
            if not isinstance(error, Trouble) or attempts >= self.policy.attempts:
                return False
            wait_s = backoff.after(error)
            if wait_s is None:
                return False
            on_retry(Retrying(attempts + 1, wait_s, error))
            return wait_s

        # No timeout here: stamina's is no deadline, ours is `deadline` and the caller's scope.
        async for attempt in stamina.retry_context(
            on=decide, attempts=self.policy.attempts, timeout=None
        ):
            with attempt:
                attempts += 1
                return await self.breaker.run(lambda: self._bounded(send, deadline))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _bounded(self, send: Callable[[], Awaitable[T]], deadline: Deadline) -> T:
        """One attempt within its wall-clock bound, also against a server that drips bytes.

        An attempt that the deadline would cut short is left to the deadline's own scope: that
        there was little time left says nothing about the insurer.
        """
        timeout_s = self.policy.attempt_timeout_s
        if deadline.left_s() <= timeout_s:
            return await send()
        try:
            with anyio.fail_after(timeout_s):
                return await send()
        except TimeoutError:
            raise Trouble(TroubleKind.TIMEOUT, f"nothing within {timeout_s:.3g} s") from None
