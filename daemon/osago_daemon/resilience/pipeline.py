"""One insurer's policies as an ordered list, and the one way through them.

deadline → bulkhead → retry + budget → breaker → rate limit → attempt timeout → the adapter's send.
Breaker and rate limit stand inside the retry, so that no retry escapes them.
"""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import anyio

from osago_daemon.resilience.bounds import AttemptTimeout, DeadlinePolicy
from osago_daemon.resilience.breaker import Breaker, BreakerPolicy
from osago_daemon.resilience.exchange import Answered, Exchange, Policy, Result, Step
from osago_daemon.resilience.limits.limiter import Limiter
from osago_daemon.resilience.limits.policies import BulkheadPolicy, RateLimitPolicy
from osago_daemon.resilience.limits.port import Store
from osago_daemon.resilience.numbers import PipelineNumbers
from osago_daemon.resilience.retry import RetryPolicy
from osago_daemon.resilience.trouble import Trouble

SLOW_SHARE = 0.9
"""Of the attempt timeout, where `breaker.slow_s` is left out."""


async def send(exchange: Exchange[Any]) -> Result:
    """The innermost step: one attempt, its trouble as a value."""
    exchange.observer.attempting()
    try:
        value = await exchange.send()
    except Trouble as trouble:
        return trouble.bare()
    return Answered(value, exchange.health(value))


def compose(policies: Sequence[Policy], innermost: Step = send) -> Step:
    """All policies as one step; the first one is outermost."""
    step = innermost
    for policy in reversed(policies):
        step = partial(policy.run, inner=step)
    return step


class Pipeline:
    """Everything that stands between one insurer and those who ask it. Shared by all its calls."""

    def __init__(
        self,
        name: str,
        numbers: PipelineNumbers,
        *,
        clock: Callable[[], float] = anyio.current_time,
        random_: Callable[[], float] = random.random,
        limits_store: Store | None = None,
    ) -> None:
        """`name` is the insurer's id; `clock` counts seconds, `random_` gives [0, 1).

        `limits_store` keeps the counts of its limits, by default this process's memory.
        """
        self.clock = clock
        slow_s = numbers.breaker.slow_s or numbers.attempt_timeout_s * SLOW_SHARE
        breaker = numbers.breaker.model_copy(update={"slow_s": slow_s})
        self.numbers = numbers.model_copy(update={"breaker": breaker})
        """As they hold, with everything filled in that was left out."""
        self.breaker = Breaker(name, breaker, slow_s=slow_s, clock=clock, random_=random_)
        self.limiter = Limiter(numbers.limits, store=limits_store, clock=clock)
        self.retry = RetryPolicy(
            numbers.retry, attempt_timeout_s=numbers.attempt_timeout_s, random_=random_
        )
        # Who waits outside hears at once that nobody is let through further in.
        bulkhead = BulkheadPolicy(self.limiter, blocked=self.breaker.blocked)
        self.breaker.listeners.append(bulkhead.changed)
        self.policies: tuple[Policy, ...] = (
            DeadlinePolicy(),
            bulkhead,
            self.retry,
            BreakerPolicy(self.breaker),
            RateLimitPolicy(self.limiter),
            AttemptTimeout(numbers.attempt_timeout_s),
        )
        self.activity = 0
        """Goes up whenever something may have become known of the other side."""
        self._through = compose(self.policies)
        self._beside = compose([p for p in self.policies if p is not bulkhead])

    async def run(self, exchange: Exchange[Any]) -> Result:
        """Send the exchange as often as the policies allow; its answer or its last trouble."""
        self.activity += 1
        try:
            return await self._through(exchange)
        finally:
            self.activity += 1

    async def run_beside(self, exchange: Exchange[Any]) -> Result:
        """The same for what belongs to an exchange that has its place already: a login."""
        self.activity += 1
        try:
            return await self._beside(exchange)
        finally:
            self.activity += 1
