"""One instance's part of an insurer's limits while it can't hear of the others' requests.

Promised: all instances together exceed no limit, as long as each knows how many they are and none
uses the store while others can't. How: of N per P each of n takes N//n, by its own exact log. Those
N//n don't know what the others used before the store went away; so until the window after that has
passed, each takes only an n-th of what was left then, and nothing in windows so short that waiting
for them costs nothing. What was left is what was last heard, less all that the shorter windows can
have let through since. A window without shorter ones has no such bound: what others used in the
second since the news is not in it.

Where N < n each takes one per ceil(n/N)*P. That keeps N per P on average, but nobody knows whose
turn it is: up to n may come within one P.
"""

import math
from collections.abc import Sequence

from osago_daemon.resilience.limits.log import Flight, Window, WindowLog
from osago_daemon.resilience.limits.port import Level, Wait
from osago_daemon.storage.limits.news import News
from osago_daemon.storage.port import Rule

SHORT_S = 1.0
"""A window of at most this length counts as used up by others when the store goes away."""


QUIET_S = 2.0
"""After the store went away nobody sends anything for so long, unless it is the only one: by then
all others have noticed too, as they ask every second. Who never noticed would still count on a
store that does not know of what was sent without it."""


class _Part:
    """Of one rule: `window` allows less until `thawed_at`."""

    __slots__ = ("cap", "most", "thawed_at", "window")

    def __init__(self, rule: Rule, instances: int, cap: int, thawed_at: float) -> None:
        if rule.most >= instances:
            self.most, period_s = rule.most // instances, rule.period_s
        else:
            self.most, period_s = 1, rule.period_s * math.ceil(instances / rule.most)
        self.cap = cap
        self.thawed_at = thawed_at
        self.window = Window(rule.limit, self.most, period_s)


class Share:
    """What this instance may use by itself; of its own log it has a copy."""

    def __init__(  # noqa: PLR0913  # all that decides, and nothing of it belongs together
        self,
        rules: Sequence[Rule],
        *,
        instances: int,
        ends: Sequence[float],
        news: News,
        arrival_s: float,
        now: float,
        before: "Share | None" = None,
    ) -> None:
        """`ends` are the own requests that may count yet, `news` what was heard before `now`.

        `before` is the share that still held: where it allowed less, this allows no more.
        """
        self._quiet_until = now + QUIET_S if instances > 1 else now
        self._frozen: list[_Part] = []
        for rule in rules:
            own = sum(end + rule.period_s > now for end in ends)
            cap = own + _left(rule, rules, instances, own, news, now) // instances
            if before is not None:
                cap = min([cap, *(part.cap for part in before.frozen(now, rule.limit))])
            thawed_at = now + arrival_s + rule.period_s
            self._frozen.append(_Part(rule, instances, cap, thawed_at))
        self.windows = {part.window.name: part.window for part in self._frozen}
        self._log = WindowLog(self.windows.values(), arrival_s, _nobody)
        self._log.add_ends(ends, now)
        for part in self._frozen:
            part.window.most = min(part.most, part.cap)

    def frozen(self, now: float, limit: str) -> list[_Part]:
        """The part of this limit, if it allows less yet."""
        self._thaw(now)
        return [part for part in self._frozen if part.window.name == limit]

    def take(self) -> Flight:
        """Hold a place in every window."""
        return self._log.take()

    def has_room(self, now: float) -> bool:
        """Whether every window has a place."""
        self._thaw(now)
        return now >= self._quiet_until and self._log.has_room(now)

    def forecast(self, ahead: int, now: float) -> Wait:
        """The earliest grant for the one that `ahead` others precede; never too late."""
        self._thaw(now)
        empty = [part for part in self._frozen if not part.window.most]
        if empty:
            last = max(empty, key=lambda part: part.thawed_at)
            return Wait(max(last.thawed_at, self._quiet_until), last.window.name)
        wait = self._log.forecast(ahead, now, max(now, self._quiet_until))
        # The log leaves out windows that a shorter one keeps from being full; a frozen one can be.
        for level in (self._log.level(window, now) for window in self._log.windows):
            if level.free_at > wait.free_at:
                wait = Wait(level.free_at, level.limit)
        more_at = min((part.thawed_at for part in self._frozen), default=math.inf)
        free_at = min(wait.free_at, more_at)
        if now < self._quiet_until >= free_at:
            return Wait(self._quiet_until, wait.limit or self._log.windows[0].name)
        return wait._replace(free_at=free_at)

    def level(self, level: Level, now: float) -> Level:
        """The level of all, with no more left than this instance may use."""
        self._thaw(now)
        window = self.windows[level.limit]
        left = window.most - self._log.held(window, now)
        if left > 0:
            return level._replace(left=min(level.left, left))
        free_at = self._log.level(window, now).free_at if window.most else self._thawed_at(window)
        return level._replace(left=0, free_at=max(free_at, level.free_at))

    def _thawed_at(self, window: Window) -> float:
        return next(part.thawed_at for part in self._frozen if part.window is window)

    def _thaw(self, now: float) -> None:
        if not self._frozen or now < min(part.thawed_at for part in self._frozen):
            return
        for part in self._frozen:
            if part.thawed_at <= now:
                part.window.most = part.most
        self._frozen = [part for part in self._frozen if part.thawed_at > now]


def _left(  # noqa: PLR0913, PLR0917  # see `Share`
    rule: Rule, rules: Sequence[Rule], instances: int, own: int, news: News, now: float
) -> int:
    """What nobody had used yet when the store went away, as far as is known."""
    left = rule.most - own - news.others[rule.limit]
    if instances > 1:
        if rule.period_s <= SHORT_S:
            return 0
        elapsed_s = now - news.heard_at
        left -= min(
            (
                other.most * (math.floor(elapsed_s / other.period_s) + 1)
                for other in rules
                if other.period_s < rule.period_s
            ),
            default=0,
        )
    return max(0, left)


def _nobody() -> None:
    """The whole log tells who waits, not its copy."""
