"""Tries again, or does not: by the kind of trouble, within the deadline and the insurer's budget.

The numbers stand in `numbers.RetryNumbers`. What no number can change: a request that must not
happen twice (`repeatable=False`: a create at an insurer that knows no idempotency key) is tried
again only where it is certain that the first one was not acted upon.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import stamina

from osago_daemon.resilience.budget import Budget
from osago_daemon.resilience.exchange import Answered, Exchange, Result, Retrying, Step
from osago_daemon.resilience.numbers import RetryNumbers, RetryRule
from osago_daemon.resilience.trouble import Trouble, TroubleKind

NOT_ACTED_UPON = frozenset({TroubleKind.CONNECT, TroubleKind.THROTTLED, TroubleKind.AUTH})
"""Nothing was sent, or they refused to work on it."""

FREE_FROM_S = 0.5
"""Coming back once when they said costs nothing, unless they said "at once": that would be a storm
of their own making, and so would be coming back again and again. Free is also the first request
after logging in again: there is one login for all."""


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
        budget: Budget | None = None,
    ) -> None:
        """`random_` gives the jitter, a number in [0, 1); `budget` is one that others share."""
        self.budget = budget or Budget(numbers.budget, numbers.budget_return)
        self.numbers = numbers
        self.rules = rules(numbers)
        self.attempt_timeout_s = attempt_timeout_s
        self._random = random_

    async def run(self, exchange: Exchange[Any], inner: Step) -> Result:
        """The first answer, or the trouble that ended it."""
        result = await inner(exchange)
        if isinstance(result, Trouble):  # until then stamina costs nothing
            result = await self._again(exchange, inner, result)
        if isinstance(result, Answered):  # "not yet" as well: the exchange went through
            self.budget.succeeded()
        return result

    def drawn_s(self, rule: RetryRule, times: int) -> float:
        """The wait before the `times`-th retry of a kind: full jitter."""
        longest_s = min(self.numbers.max_wait_s, rule.first_wait_s * 2.0 ** (times - 1))
        return longest_s * self._random()

    async def _again(self, exchange: Exchange[Any], inner: Step, first: Trouble) -> Result:
        retries = _Retries(self, exchange)
        result: Result = first
        try:
            # No timeout here: stamina's is no deadline, ours stands further out.
            async for attempt in stamina.retry_context(
                on=retries.wait_after, attempts=self.numbers.attempts, timeout=None
            ):
                with attempt:
                    if attempt.num > 1:
                        result = await retries.once_more(inner)
                    if isinstance(result, Trouble):
                        raise result
        except Trouble as trouble:
            return trouble.bare()
        finally:
            retries.over()
        return result


class _Retries:
    """Those of one exchange."""

    def __init__(self, policy: RetryPolicy, exchange: Exchange[Any]) -> None:
        self._policy = policy
        self._exchange = exchange
        self._seen: Counter[TroubleKind] = Counter()
        self._last: TroubleKind | None = None
        self._owed = False

    def wait_after(self, error: Exception) -> float | bool:
        """Seconds to wait before the next attempt; False: there is none."""
        if (
            not isinstance(error, Trouble)
            or self._seen.total() + 1 >= self._policy.numbers.attempts
        ):
            return False
        self._last = error.kind
        self._seen[error.kind] += 1
        wait_s = self._wait_s(error, self._seen[error.kind])
        if wait_s is None:
            return False
        self._exchange.observer.retrying(Retrying(wait_s, error))
        return wait_s

    async def once_more(self, inner: Step) -> Result:
        """The next attempt."""
        if self._last is TroubleKind.AUTH and self._exchange.log_in is not None:
            await self._exchange.log_in()
        return await inner(self._exchange.sent_by(self._send))

    async def _send(self) -> Any:
        self._owed = False  # it is made now, so what was paid for it is gone
        return await self._exchange.send()

    def over(self) -> None:
        """What was paid for a retry that was never made goes back, also where it was cancelled."""
        if self._owed:
            self._policy.budget.refund()

    def _wait_s(self, trouble: Trouble, times: int) -> float | None:
        """Seconds, None to give up. Pays for the retry out of the budget."""
        policy = self._policy
        rule = policy.rules.get(trouble.kind)
        if rule is None or times > rule.retries or not _may_repeat(self._exchange, trouble):
            return None
        # Not before they said, and not all at the same moment either.
        wait_s = (trouble.retry_after_s or 0.0) + policy.drawn_s(rule, times)
        needed_s = wait_s
        if trouble.kind is TroubleKind.TIMEOUT:  # half an attempt would only be cut short again
            needed_s += policy.attempt_timeout_s
        if needed_s >= self._exchange.deadline.left_s():
            return None
        if _is_free(trouble, times):
            return wait_s
        self._owed = policy.budget.spend()
        return wait_s if self._owed else None


def _is_free(trouble: Trouble, times: int) -> bool:
    if trouble.kind is TroubleKind.AUTH:  # a token that ends is refused to all at once
        return times == 1
    return times == 1 and trouble.retry_after_s is not None and trouble.retry_after_s >= FREE_FROM_S


def _may_repeat(exchange: Exchange[Any], trouble: Trouble) -> bool:
    if trouble.kind is TroubleKind.AUTH and exchange.log_in is None:
        return False  # the same name and password again change nothing
    return exchange.repeatable or trouble.kind in NOT_ACTED_UPON
