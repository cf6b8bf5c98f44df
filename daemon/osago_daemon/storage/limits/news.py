"""What was last heard of one insurer's windows, of all instances together. Asks nobody itself."""

import math
from collections.abc import Mapping, Sequence

from osago_daemon.resilience.limits.port import Level
from osago_daemon.storage.port import Rule, Used

LEAST_S = 1e-3
"""Nobody asks again sooner than this after a refusal: the loop's timers tell milliseconds, and a
rounding must not make who waits ask over and over within one moment."""


class News:
    """Moments are seconds on the limiter's clock."""

    def __init__(self, rules: Sequence[Rule], now: float) -> None:
        """As long as nothing was heard, nobody else has used anything."""
        self._rules = {rule.limit: rule for rule in rules}
        self._free_at: dict[str, float] = {}
        self.others = dict.fromkeys(self._rules, 0)
        """How many of the places are not this instance's, by limit."""
        self.heard_at = now
        """The moment of which `others` tells: whatever came later is not in it."""
        self.full_until = -math.inf
        """No place before that, unless somebody gives one back."""
        self.full = ""
        """The limit that stands in the way until then."""

    def follow(self, rules: Sequence[Rule]) -> None:
        """Tell of these windows from now on; what was heard of those that stay is still of use."""
        self._rules = {rule.limit: rule for rule in rules}
        self.others = {limit: self.others.get(limit, 0) for limit in self._rules}
        self.forget_refusals()

    def refused(self, limit: str, free_at: float, own: int) -> None:
        """The window of `limit` is full, `own` of its places are this instance's."""
        self.others[limit] = max(0, self._rules[limit].most - own)
        self._free_at[limit] = free_at
        self._sum_up()

    def heard(self, used: Sequence[Used], own: Mapping[str, int], asked_at: float) -> None:
        """How full all windows were at `asked_at` or later, when `own` of them were ours."""
        self.heard_at = asked_at
        self.others = {one.limit: max(0, one.used - own[one.limit]) for one in used}

    def free(self, used: Sequence[Used], asked_at: float, now: float) -> None:
        """Which windows have no room, and until when at the earliest."""
        self._free_at = {
            one.limit: max(asked_at + one.free_in_s, now + LEAST_S)
            for one in used
            if one.free_in_s > 0
        }
        self._sum_up()

    def forget_refusals(self) -> None:
        """A place was given back, or the store is not asked any more."""
        self._free_at = {}
        self._sum_up()

    def level(self, own: Level, now: float) -> Level:
        """This instance's level with the others' places in it, as long as they may count."""
        limit = own.limit
        free_at = self._free_at.get(limit, -math.inf)
        if own.left <= 0:
            return own._replace(free_at=max(own.free_at, free_at))
        if free_at > now:
            return own._replace(left=0, free_at=free_at)
        counts = now < self.heard_at + self._rules[limit].period_s
        return own._replace(left=max(1, own.left - self.others[limit])) if counts else own

    def _sum_up(self) -> None:
        latest = max(((at, limit) for limit, at in self._free_at.items()), default=(-math.inf, ""))
        self.full_until, self.full = latest
