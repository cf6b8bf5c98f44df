"""A breaker whose time and chance a test holds in its hand."""

from osago_daemon.resilience.breaker import Breaker, State
from osago_daemon.resilience.numbers import BreakerNumbers
from osago_daemon.resilience.trouble import Trouble, TroubleKind

SLOW_S = 5.0


def numbers_of(**numbers):
    """Numbers that stay as they are here, whatever the defaults become."""
    usual = {
        "window": 10,
        "window_s": 10.0,
        "failure_rate": 0.5,
        "slow_rate": 0.8,
        "open_s": 15.0,
        "max_open_s": 300.0,
    }
    return BreakerNumbers(**(usual | numbers))


class World:
    """A breaker with its time and chance, and everything its listeners heard."""

    def __init__(self, *, chance=0.5, **numbers):
        self.now = 1000.0
        self.chance = chance
        self.breaker = Breaker(
            "a",
            numbers_of(**numbers),
            slow_s=SLOW_S,
            clock=lambda: self.now,
            random_=lambda: self.chance,
        )
        self.heard = []
        self.breaker.listeners.append(self.heard.append)

    def permit(self, *, continuing=False):
        """One whose attempt has begun."""
        permit = self.breaker.enter(continuing=continuing)
        assert not isinstance(permit, Trouble)
        permit.began()
        return permit

    def attempts(self, outcomes, *, continuing=False):
        """One after the other: f(ailed), g(ood), r(efused), o(ther), n(othing), c(ut).

        In capitals: slowly.
        """
        for outcome in outcomes:
            permit = self.permit(continuing=continuing)
            self.now += SLOW_S if outcome.isupper() else 0.0
            {
                "f": permit.failed,
                "g": permit.good,
                "r": permit.refused,
                "o": permit.answered,
                "n": permit.nothing,
                "c": permit.cut,
            }[outcome.lower()]()
        return self.breaker.state

    def open(self):
        """Broken off just now, for 15 s."""
        assert self.attempts("f" * 5) is State.OPEN

    def half_open(self):
        """Broken off, and left alone until now."""
        self.open()
        self.now += 15.0
        assert self.breaker.state is State.HALF_OPEN

    def changes(self):
        return [(change.old, change.new, change.reason) for change in self.heard]


def refused(entered):
    assert isinstance(entered, Trouble)
    assert entered.kind is TroubleKind.BROKEN_OFF
    return entered
