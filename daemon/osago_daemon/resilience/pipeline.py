"""One insurer's policies as an ordered list, and the one way through them.

deadline → bulkhead → retry + budget → breaker → rate limit → attempt timeout → the adapter's send.
Breaker and rate limit stand inside the retry, so that no retry escapes them.
"""

import random
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Any, Self

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
        self.numbers, slow_s = _filled(numbers)
        """As they hold, with everything filled in that was left out."""
        self.breaker = Breaker(
            name, self.numbers.breaker, slow_s=slow_s, clock=clock, random_=random_
        )
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
        self._random = random_
        self._activity = [0]
        self.use(self.policies)

    @property
    def activity(self) -> int:
        """Goes up whenever something may have become known of the other side."""
        return self._activity[0]

    @activity.setter
    def activity(self, count: int) -> None:
        self._activity[0] = count

    def renewed(self, numbers: PipelineNumbers) -> Self:
        """One with other numbers for the same insurer, once `take_over` was called.

        Breaker, limits and budget are the same objects, as there is one insurer. Timeouts and
        retries are each pipeline's own, so exchanges under way end as they began.
        """
        renewed = copy(self)
        renewed.numbers, _ = _filled(numbers)
        timeout_s = numbers.attempt_timeout_s
        renewed.retry = RetryPolicy(
            numbers.retry,
            attempt_timeout_s=timeout_s,
            random_=self._random,
            budget=self.retry.budget,
        )
        own: dict[type, Policy] = {
            RetryPolicy: renewed.retry,
            AttemptTimeout: AttemptTimeout(timeout_s),
        }
        renewed.use(tuple(own.get(type(policy), policy) for policy in self.policies))
        return renewed

    def take_over(self) -> None:
        """From now on breaker, limits and budget go by these numbers, whoever uses them."""
        breaker, retry = self.numbers.breaker, self.numbers.retry
        self.breaker.follow(breaker, slow_s=_slow_s(self.numbers))
        self.limiter.follow(self.numbers.limits)
        self.retry.budget.follow(retry.budget, retry.budget_return)

    def use(self, policies: tuple[Policy, ...]) -> None:
        """Lead through these, the first one outermost."""
        self.policies = policies
        self._through = compose(policies)
        self._beside = compose([p for p in policies if not isinstance(p, BulkheadPolicy)])

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


def _filled(numbers: PipelineNumbers) -> tuple[PipelineNumbers, float]:
    """With everything that was left out; and from when on an attempt is slow."""
    slow_s = _slow_s(numbers)
    breaker = numbers.breaker.model_copy(update={"slow_s": slow_s})
    return numbers.model_copy(update={"breaker": breaker}), slow_s


def _slow_s(numbers: PipelineNumbers) -> float:
    return numbers.breaker.slow_s or numbers.attempt_timeout_s * SLOW_SHARE
