"""The insurer's own side: its applications, its limit, its moods. Waits for nothing itself.

Everything follows from its plan and its own randomness, so that what one insurer does is untouched
by what happens at another one.
"""

from bisect import insort
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from random import Random

from osago_core.offer import Declined, DeclineReason, Offer
from osago_daemon.insurers.port import NotYet
from osago_daemon.resilience.trouble import Trouble, TroubleKind
from tests.simulation.ledger import Request
from tests.simulation.plan import Fault, InsurerPlan, Mix

UNSEEN = frozenset({Fault.REFUSED, Fault.RESET_BEFORE})
"""The insurer never read the request."""

ANSWERED_ALL_THE_SAME = frozenset({None, Fault.DRIP})

_ACTED = frozenset({None, Fault.RESET_AFTER, Fault.HANG, Fault.DRIP, Fault.GARBAGE})
"""It did what was asked, though it may fail to say so. For 500 that is a matter of luck."""

_TROUBLES: dict[Fault, tuple[TroubleKind, tuple[float, ...] | None]] = {
    Fault.SERVER_ERROR: (TroubleKind.SERVER_ERROR, None),
    Fault.UNAVAILABLE: (TroubleKind.THROTTLED, (0.0, 1.0, 5.0, 90.0)),
    Fault.THROTTLED: (TroubleKind.THROTTLED, None),
    Fault.THROTTLED_UNTIL: (TroubleKind.THROTTLED, (0.0, 1.0, 2.0, 30.0)),
    Fault.REFUSED: (TroubleKind.CONNECT, None),
    Fault.RESET_BEFORE: (TroubleKind.RESET, None),
    Fault.RESET_AFTER: (TroubleKind.RESET, None),
    Fault.GARBAGE: (TroubleKind.BAD_ANSWER, None),
    Fault.LOGIN: (TroubleKind.AUTH, None),
}
"""What our side of the wire makes of a fault, and the `Retry-After`s that may come with it."""


@dataclass(frozen=True, slots=True)
class Case:
    """An application at the insurer."""

    name: str
    outcome: Offer | Declined
    decided_at: float


@dataclass(frozen=True, slots=True)
class Started:
    """The create step's answer of a two-step insurer."""

    case: Case
    first_poll_s: float | None


Reply = Offer | Declined | NotYet | Started


class Server:
    """One pretend insurer. `now` is always the moment on the world's clock."""

    def __init__(self, plan: InsurerPlan, random: Random, began: float) -> None:
        self.plan = plan
        self._seed = random.random()
        self._random = random
        self._began = began
        self._cases: dict[str, Case] = {}
        self._arrivals: list[float] = []
        self._closed_until = began

    def mood(self, now: float) -> tuple[Mix, float]:
        """The faults and the slowness of a moment."""
        return self.plan.weather_at(now - self._began)

    def fault(self, mix: Mix) -> Fault | None:
        """What the next request meets."""
        left = self._random.random()
        for fault, share in mix.items():
            left -= share
            if left < 0:
                return fault
        return None

    def travel_s(self) -> float:
        """One way through the network."""
        return self.plan.network_s * self._random.random()

    def takes_s(self, slow: float) -> float:
        """What one answer takes."""
        return self._lognormal(self.plan.create_s, self._random) * slow

    def arrives(self, request: Request, at: float) -> Fault | None:
        """Note the arrival; the fault that their own limit makes of it.

        Who was told to come back later, and comes before, is sent away again.
        """
        request.arrived_at = at
        insort(self._arrivals, at)
        if at < self._closed_until:
            return Fault.THROTTLED_UNTIL
        allowed = self.plan.own_per_second
        if allowed is None:
            return None
        lately = sum(at - 1.0 < other <= at for other in self._arrivals[-4 * allowed - 8 :])
        return Fault.THROTTLED_UNTIL if lately > allowed else None

    def acts(self, request: Request, fault: Fault | None, slow: float, now: float) -> Case | None:
        """Make an application of a create, unless the fault says otherwise."""
        if fault is Fault.SERVER_ERROR:
            request.acted = self._random.random() < 0.5
        else:
            request.acted = fault in _ACTED
        return self._case(request, slow, now) if request.acted else None

    def reply(self, step: str, case: Case | None, now: float) -> Reply:
        """What it says when nothing is wrong."""
        if case is None:  # logged in
            return NotYet()
        if not self.plan.two_steps:
            return case.outcome
        first_poll_s = max(0.0, case.decided_at - now) if self.plan.hints else None
        if step == "create":
            return Started(case, first_poll_s)
        return case.outcome if now >= case.decided_at else NotYet(first_poll_s)

    def trouble(self, fault: Fault, now: float) -> Trouble:
        """The same, when something is."""
        kind, waits = _TROUBLES[fault]
        if waits is None:
            return Trouble(kind, fault.value)
        if now >= self._closed_until:
            self._closed_until = now + self._random.choice(waits)
        wait_s = float(ceil(self._closed_until - now))  # as a header says it
        return Trouble(kind, fault.value, retry_after_s=wait_s)

    def case_of(self, name: str) -> Case:
        """An application that they have."""
        return self._cases[name]

    def _case(self, request: Request, slow: float, now: float) -> Case:
        """The application of a create; the same one for a repeated key, where they know keys."""
        name = request.key if self.plan.idempotent else f"{request.key}/{len(self._cases)}"
        if name not in self._cases:
            # Whatever else is drawn meanwhile: the same run gets the same decision.
            random = Random(repr((self._seed, request.key, request.run)))
            decided_at = now + self._lognormal(self.plan.decide_s, random) * slow
            self._cases[name] = Case(name, self._outcome(random), decided_at)
        return self._cases[name]

    def _outcome(self, random: Random) -> Offer | Declined:
        number = len(self._cases) + 1
        name = f"{self.plan.id}/{number}"
        if random.random() < self.plan.declines:
            return Declined(reason=DeclineReason.OTHER, message=name)
        premium = Decimal(4000 + number) + Decimal(random.randrange(100)) / 100
        return Offer(premium=premium, insurer_quote_id=name)

    def _lognormal(self, median_s: float, random: Random) -> float:
        return median_s * random.lognormvariate(0.0, self.plan.spread)
