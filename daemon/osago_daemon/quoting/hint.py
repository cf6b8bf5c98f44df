"""A hint: what one instance's breaker came to be, as the other instances are told.

Owns its bytes, which hint is the later one, and how long it lasts. Knows no store and no breaker.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from osago_daemon.resilience.breaker.change import Change, Reason, State
from osago_daemon.resilience.breaker.record import Moment
from osago_daemon.resilience.numbers import Numbers

VERSION: Final = 1
TICK_S = 0.001
"""Whoever has heard of a hint says the next one this much later at least, whatever his clock
says: so clocks that differ turn no order round."""
SKEW_S = 60.0
"""By more than this clocks differ only where nobody keeps them."""
LEAST_KEPT_S = 600.0
"""And until its end and `SKEW_S` more: nobody waits longer for a store that is away."""
BY_HAND_KEPT_S = 400 * 86400.0
"""A year and a bit, also what has ended: who was away all the time is to hear that it has."""
MAX_BYTES = 4096


class Topic(StrEnum):
    """The latest hint of each is kept, in a note of its own.

    So that what an instance finds that has not heard of an isolation yet does not hide it.
    """

    FOUND = "breaker"
    """By attempts: it is open, or well again."""
    BY_HAND = "by_hand"
    """Isolated, or restored."""

    def note(self, insurer: str) -> str:
        """The name of the note."""
        return f"{self.value}/{insurer}"


class Hint(Numbers):
    """Moments are unix seconds by the clock of the instance that said it."""

    version: Literal[1]
    by: Annotated[str, Field(max_length=1000)]
    """The instance."""
    at: Moment
    state: State
    reason: Reason
    until: Moment | None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        timed = self.until is not None
        if self.until is not None and self.until <= self.at:
            raise ValueError("it ends before it begins")
        match self.state:
            case State.OPEN if timed and self.topic is Topic.FOUND:
                return self
            case State.ISOLATED if self.topic is Topic.BY_HAND:
                return self
            case State.CLOSED if not timed:
                return self
        raise ValueError("no state to tell others")

    @classmethod
    def of(cls, change: Change, *, by: str, at: float) -> Self:
        """Raises ValueError for a change that is no news to others."""
        for_s = None if change.new is State.CLOSED else change.free_in_s
        return cls(
            version=VERSION,
            by=by,
            at=at,
            state=change.new,
            reason=change.reason,
            until=None if for_s is None else at + max(TICK_S, for_s),
        )

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Raises ValueError, which quotes nothing, for anything but a hint of this version."""
        if len(raw) > MAX_BYTES:
            raise ValueError("too large")
        try:
            return cls.model_validate_json(raw)
        except ValidationError:
            raise ValueError("of another version, or makes no sense") from None

    @property
    def topic(self) -> Topic:
        """Where it is kept."""
        return Topic.BY_HAND if self.reason is Reason.BY_HAND else Topic.FOUND

    @property
    def order(self) -> tuple[float, str]:
        """Which one is the later, the same for everybody."""
        return self.at, self.by

    def raw(self) -> bytes:
        """For `read`."""
        return self.model_dump_json().encode()

    def lasts(self, now: float) -> bool:
        """Whether it still says how things are."""
        return self.until is None or now < self.until

    def keep_s(self, now: float) -> float:
        """How long it is kept from now on."""
        if self.topic is Topic.BY_HAND:
            return BY_HAND_KEPT_S
        left_s = 0.0 if self.until is None else self.until - now
        return max(LEAST_KEPT_S, left_s + SKEW_S)

    def age_s(self, now: float, at_most_s: float) -> float:
        """How old it is if it was not there `at_most_s` ago.

        Clocks that differ by seconds say nothing against that; where they say a lot more, it was
        put again after the store had lost it.
        """
        age_s = now - self.at
        return max(0.0, min(age_s, at_most_s) if age_s - at_most_s <= SKEW_S else age_s)
