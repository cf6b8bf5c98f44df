"""A retry budget: what keeps the retries of many calls from becoming a storm of their own."""

ROUNDING = 1e-9
"""Ten tenths are one retry, whatever binary fractions say."""


class Budget:
    """So many retries may be owed; every success pays a part of one back. Shared by all calls.

    The form is that of gRPC's retry throttling: it needs no clock, and an insurer that answers
    nobody gets no more than the whole budget, however many ask.
    """

    def __init__(self, most: float, success_returns: float) -> None:
        """Starts full: `most` retries."""
        self._most = most
        self._success_returns = success_returns
        self.left = most
        """Retries that can be afforded now."""

    def follow(self, most: float, success_returns: float) -> None:
        """Go by these numbers from now on; what is owed stays owed."""
        self.left = max(0.0, most - (self._most - self.left))
        self._most = most
        self._success_returns = success_returns

    def spend(self) -> bool:
        """Pay for one retry; False, and nothing is paid, where that can't be afforded."""
        if self.left < 1.0 - ROUNDING:
            return False
        self.left = max(0.0, self.left - 1.0)
        return True

    def refund(self) -> None:
        """A retry that was paid for was not made."""
        self.left = min(self._most, self.left + 1.0)

    def succeeded(self) -> None:
        """A call came back with what was asked for."""
        self.left = min(self._most, self.left + self._success_returns)
