"""What is tried again after which trouble, how often, and after how long.

The one place with these defaults. A request that must not happen twice (`repeatable=False`: a
create at an insurer that knows no idempotency key) is tried again only where it is certain that
the first one was not acted upon.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from osago_daemon.resilience.deadline import Deadline
from osago_daemon.resilience.trouble import Trouble, TroubleKind

MAX_WAIT_S = 20.0
"""No doubling goes beyond this; a run lasts 60 s at most."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of trouble is retried: first wait in seconds, doubling, with full jitter."""

    first_wait_s: float
    unrepeatable_too: bool = False
    """Also for requests that must not happen twice: nothing can have been done yet."""
    at_most: int | None = None
    """Retries of this kind in one call, where fewer than the attempts allow."""
    whole_attempt: bool = False
    """Only if the time left has room for a whole attempt."""


RULES: Mapping[TroubleKind, Rule] = {
    # Nothing was sent, so trying again is free; a restarting server is back within a second.
    TroubleKind.CONNECT: Rule(0.2, unrepeatable_too=True),
    TroubleKind.RESET: Rule(0.2),
    # They were slow once; a second whole attempt may be lucky, a third only adds load.
    TroubleKind.TIMEOUT: Rule(0.0, at_most=1, whole_attempt=True),
    # They refused to work on it, so it was not acted upon.
    TroubleKind.THROTTLED: Rule(1.0, unrepeatable_too=True),
    TroubleKind.SERVER_ERROR: Rule(0.5),
}
"""Kinds without a rule are never retried: asking again changes nothing."""


class Backoff:
    """Decides, for one call, whether and when to try again after each trouble."""

    def __init__(
        self,
        *,
        deadline: Deadline,
        attempt_timeout_s: float,
        repeatable: bool,
        random_: Callable[[], float] = random.random,
    ) -> None:
        """`random_` gives the jitter, a number in [0, 1)."""
        self._deadline = deadline
        self._attempt_timeout_s = attempt_timeout_s
        self._repeatable = repeatable
        self._random = random_
        self._seen: dict[TroubleKind, int] = {}

    def after(self, trouble: Trouble) -> float | None:
        """Seconds to wait before the next attempt, None to give up."""
        rule = RULES.get(trouble.kind)
        seen = self._seen[trouble.kind] = self._seen.get(trouble.kind, 0) + 1
        if rule is None or not (self._repeatable or rule.unrepeatable_too):
            return None
        if rule.at_most is not None and seen > rule.at_most:
            return None
        wait_s = self._wait_s(rule, seen, trouble)
        needed_s = wait_s + (self._attempt_timeout_s if rule.whole_attempt else 0.0)
        return wait_s if needed_s < self._deadline.left_s() else None

    def _wait_s(self, rule: Rule, seen: int, trouble: Trouble) -> float:
        if trouble.retry_after_s is not None:  # what they say wins over what we think
            return trouble.retry_after_s
        return min(MAX_WAIT_S, rule.first_wait_s * 2.0 ** (seen - 1)) * self._random()
