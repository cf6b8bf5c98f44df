"""A request's place as this instance and as the store know it."""

from typing import Protocol

from osago_daemon.resilience.limits.log import SETTLED, Flight
from osago_daemon.storage.port import Place

NOT_SENT = float("inf")


class Home(Protocol):
    """Where tickets come from."""

    def given_back(self, place: Place | None, era: int) -> None:
        """It never counted."""

    def ended(self, place: Place | None, era: int, *, at: float, assumed_at: float) -> None:
        """Its end, which was taken for `assumed_at` before."""


class SharedTicket:
    """Implements `resilience.limits.port.Ticket`. Without a place: the store was away."""

    __slots__ = ("_era", "_flights", "_home", "_place")

    def __init__(
        self, home: Home, flights: tuple[Flight, ...], place: Place | None, era: int
    ) -> None:
        """`flights`, at least one, are in logs of this instance, and live the same life."""
        self._home = home
        self._flights = flights
        self._place = place
        self._era = era

    def sent(self, now: float) -> None:
        """See `Ticket`."""
        for flight in self._flights:
            flight.sent(now)

    def unsent(self) -> None:
        """See `Ticket`."""
        self._give_back()
        for flight in self._flights:
            flight.unsent()

    def answered(self, now: float) -> None:
        """See `Ticket`."""
        assumed_at = self._flights[0].arrived_by
        if assumed_at == NOT_SENT:
            self._give_back()
        elif assumed_at != SETTLED:
            place, self._place = self._place, None
            self._home.ended(place, self._era, at=now, assumed_at=assumed_at)
        for flight in self._flights:
            flight.answered(now)

    def unreached(self, now: float) -> None:
        """See `Ticket`."""
        if now < self._flights[0].arrived_by:
            self._give_back()
        for flight in self._flights:
            flight.unreached(now)

    def abandoned(self) -> None:
        """See `Ticket`. Sent: the store counts it from its grant, as it was told to."""
        if self._flights[0].arrived_by == NOT_SENT:
            self._give_back()
        for flight in self._flights:
            flight.abandoned()

    def _give_back(self) -> None:
        place, self._place = self._place, None
        self._home.given_back(place, self._era)
