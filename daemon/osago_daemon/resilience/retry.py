"""Tries again, or does not: by the kind of trouble, within the deadline and the insurer's budget.

The numbers stand in `numbers.RetryNumbers`. What no number can change: a request that must not
happen twice (`repeatable=False`: a create at an insurer that knows no idempotency key) is tried
again only where it is certain that the first one was not acted upon.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any

import stamina

from osago_daemon.resilience.budget import Budget
from osago_daemon.resilience.exchange import Answered, Exchange, Health, Result, Retrying, Step
from osago_daemon.resilience.numbers import RetryNumbers, RetryRule
from osago_daemon.resilience.trouble import Trouble, TroubleKind

NOT_ACTED_UPON = frozenset({TroubleKind.CONNECT, TroubleKind.THROTTLED, TroubleKind.AUTH})
"""Nothing was sent, or they refused to work on it."""

SHORTEST_NAMED_S = 0.5
"""What they say wins over what we think, unless they say "at once": that would be a storm."""


def rules(numbers: RetryNumbers) -> Mapping[TroubleKind, RetryRule]:
    """The rule of each kind. A kind without one is never retried: asking again changes nothing."""
    return {
        TroubleKind.CONNECT: numbers.connect,
        TroubleKind.RESET: numbers.reset,
        TroubleKind.TIMEOUT: numbers.timeout,
        TroubleKind.THROTTLED: numbers.throttled,
        TroubleKind.SERVER_ERROR: numbers.server_error,
        TroubleKind.AUTH: numbers.auth,
    }


class RetryPolicy:
    """One insurer's retries; all its calls share one budget."""

    name = "retry"
    keys = ("retry",)

    def __init__(
        self,
        numbers: RetryNumbers,
        *,
        attempt_timeout_s: float,
        random_: Callable[[], float] = random.random,
    ) -> None:
        """`random_` gives the jitter, a number in [0, 1)."""
        self.budget = Budget(numbers.budget, numbers.budget_return)
        self._numbers = numbers
        self._rules = rules(numbers)
        self._attempt_timeout_s = attempt_timeout_s
        self._random = random_

    async def run(self, exchange: Exchange[Any], inner: Step) -> Result:
        """The first answer, or the trouble that ended it."""
        result = await inner(exchange)
        if isinstance(result, Trouble):  # until then stamina costs nothing
            result = await self._again(exchange, inner, result)
        if isinstance(result, Answered) and result.health is Health.GOOD:
            self.budget.succeeded()
        return result

    async def _again(self, exchange: Exchange[Any], inner: Step, first: Trouble) -> Result:
        last: Trouble = first
        seen: dict[TroubleKind, int] = {}

        def decide(error: Exception) -> float | bool:
            nonlocal last
            if not isinstance(error, Trouble) or sum(seen.values()) + 1 >= self._numbers.attempts:
                return False
            last = error
            times = seen[error.kind] = seen.get(error.kind, 0) + 1
            wait_s = self._wait_s(exchange, error, times)
            if wait_s is None:
                return False
            exchange.observer.retrying(Retrying(wait_s, error))
            return wait_s

        result: Result = first
        try:
            # No timeout here: stamina's is no deadline, ours stands further out.
            async for attempt in stamina.retry_context(
                on=decide, attempts=self._numbers.attempts, timeout=None
            ):
                with attempt:
                    if attempt.num > 1:
                        result = await self._once_more(exchange, inner, last)
                    if isinstance(result, Trouble):
                        raise result
        except Trouble as trouble:
            return trouble.with_traceback(None)  # its frames hold the request
        return result

    async def _once_more(self, exchange: Exchange[Any], inner: Step, last: Trouble) -> Result:
        if last.kind is TroubleKind.AUTH and exchange.log_in is not None:
            await exchange.log_in()
        return await inner(exchange)

    def _wait_s(self, exchange: Exchange[Any], trouble: Trouble, times: int) -> float | None:
        """Seconds before the next attempt, None to give up. Pays for it out of the budget."""
        rule = self._rules.get(trouble.kind)
        if rule is None or times > rule.retries or not _may_repeat(exchange, trouble):
            return None
        named_s = trouble.retry_after_s or 0.0
        as_told = named_s >= max(SHORTEST_NAMED_S, rule.first_wait_s)
        wait_s = named_s if as_told else max(named_s, self._drawn_s(rule, times))
        needed_s = wait_s
        if trouble.kind is TroubleKind.TIMEOUT:  # half an attempt would only be cut short again
            needed_s += self._attempt_timeout_s
        if needed_s >= exchange.deadline.left_s():
            return None
        # Coming back when they said is no storm and costs nothing.
        return wait_s if as_told or self.budget.spend() else None

    def _drawn_s(self, rule: RetryRule, times: int) -> float:
        longest_s = min(self._numbers.max_wait_s, rule.first_wait_s * 2.0 ** (times - 1))
        return longest_s * self._random()


def _may_repeat(exchange: Exchange[Any], trouble: Trouble) -> bool:
    if trouble.kind is TroubleKind.AUTH and exchange.log_in is None:
        return False  # the same name and password again change nothing
    return exchange.repeatable or trouble.kind in NOT_ACTED_UPON
