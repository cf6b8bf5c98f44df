"""Pretend insurers: seeded times, polled by a `Pacer` on a clock that is a plain number."""

import random

import pytest

from osago_daemon.resilience.numbers import PacingNumbers
from osago_daemon.resilience.polling.pacing import Pacer

EXCHANGE_S = 0.05


class World:
    """One insurer's pacer and the applications it polls, one after the other."""

    def __init__(self, seed=1, **numbers):
        self.random = random.Random(seed)
        self.pacer = Pacer(PacingNumbers(**numbers), random_=self.random.random)

    def ask(self, ready_s, deadline_s=60.0):
        """Poll one application that gets ready after so long; when the polls were sent."""
        pace = self.pacer.begin()
        now_s, polls = 0.0, []
        while (wait_s := pace.next_wait_s(now_s, deadline_s - now_s)) is not None:
            polls.append(now_s + wait_s)
            now_s = polls[-1] + EXCHANGE_S
            self.pacer.exchange_took(EXCHANGE_S)
            if ready_s <= polls[-1]:
                pace.decided(now_s)
                return polls
            pace.pending(polls[-1])
        pace.given_up(now_s)
        return polls

    def lognormal(self, median_s, sigma=0.4):
        return self.random.lognormvariate(0.0, sigma) * median_s

    def ask_lognormal(self, times, median_s, sigma=0.4):
        """Lateness of each, in seconds."""
        late = []
        for _ in range(times):
            ready_s = self.lognormal(median_s, sigma)
            late.append(self.ask(ready_s)[-1] - ready_s)
        return late


@pytest.fixture
def world():
    return World
