"""Whether an insurer has become faster, told by first polls that found it ready too often.

A first poll that finds "ready" says no more than "by now": by such answers alone a sketch learns of
a change after hundreds. Each is weighed here against what was to be expected, and a few in a row
are proof (Page's CUSUM of likelihood ratios). Pure computation: knows neither pacers nor clocks.
"""

import math
from typing import Any

from osago_daemon.resilience.polling.chances import Chances

PROOF = math.log(1000.0)
"""Where nothing has changed, and that is known exactly, proof is found by chance once in a thousand
applications or less often. It costs a few polls more for the next twenty or so."""
LIKELY = PROOF / 2
"""From here on looking sooner is worth a poll: that settles it one way or the other."""
MOST = 100.0
"""More than there ever is, even with thousands under way."""
FACTORS = (2.0, 4.0, 8.0, 16.0)
"""Nobody knows how much faster: any of these alike."""


class Suspicion:
    """How much speaks for it. Zero is nothing, and is where each proof begins."""

    def __init__(self, evidence: float = 0.0) -> None:
        """`evidence` is a likelihood ratio's logarithm, in [0, `MOST`]."""
        self.evidence = evidence

    @property
    def likely(self) -> bool:
        """Enough speaks for it to look sooner: that tells more than another "ready by now"."""
        return self.evidence >= LIKELY

    def first_poll(self, known: Chances, at_s: float, *, ready: bool, under_way: int) -> bool:
        """One application's first poll found this at `at_s`; whether it is proven now.

        The more are `under_way`, the more must speak for it: of thousands begun at one moment some
        dozen in a row are quick by chance.
        """
        usual = known.at(at_s)
        faster = sum(known.at(at_s * factor) for factor in FACTORS) / len(FACTORS)
        if not ready:
            usual, faster = 1.0 - usual, 1.0 - faster
        if usual <= 0.0 or faster <= 0.0:  # outside of the map: says nothing
            return False
        self.evidence = max(0.0, self.evidence + math.log(faster / usual))
        if self.evidence < PROOF + math.log(max(1, under_way)):
            return False
        self.evidence = 0.0
        return True

    @classmethod
    def read(cls, data: Any) -> "Suspicion":
        """Out of a snapshot's JSON value; ValueError if it is none."""
        if not (isinstance(data, int | float) and 0.0 <= data <= MOST):
            raise ValueError("not a snapshot of a suspicion")
        return cls(float(data))
