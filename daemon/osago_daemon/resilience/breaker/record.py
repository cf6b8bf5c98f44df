"""What is kept of a breaker over a restart. In wall-clock seconds, as no other clock survives."""

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from osago_daemon.resilience.breaker.change import Reason, State
from osago_daemon.resilience.breaker.window import Mark
from osago_daemon.resilience.numbers import BreakerNumbers, Numbers

MAX_OPENINGS = 64
"""No growth reaches further: 2**12 doublings lie between the smallest and the largest times."""

Moment: TypeAlias = Annotated[float, Field(ge=-1e10, le=2e10, allow_inf_nan=False)]
"""Wall clock, from 1653 to 2603: what calendars can show."""


class Record(Numbers):
    """A breaker at one moment; JSON types only. Whatever else is given is a `ValueError`."""

    version: Literal[1]
    state: Annotated[State, Field(strict=False)]
    reason: Annotated[Reason, Field(strict=False)]
    since: Moment | None
    until: Moment | None
    openings: Annotated[int, Field(ge=0, le=MAX_OPENINGS)]
    times: Annotated[list[Moment], Field(max_length=BreakerNumbers.MAX_WINDOW)]
    marks: Annotated[str, Field(pattern="^[gsfo]*$")]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if len(self.times) != len(self.marks) or self.times != sorted(self.times):
            raise ValueError("outcomes and their times do not fit")
        if self.state is State.OPEN and self.until is None:
            raise ValueError("open without an end")
        if self.state in {State.CLOSED, State.HALF_OPEN} and self.until is not None:
            raise ValueError("an end of what needs none")
        if self.state is State.CLOSED and self.openings:
            raise ValueError("closed, and yet growing")
        if self.until is not None and self.since is None:
            raise ValueError("an end without a beginning")
        return self

    @classmethod
    def read(cls, data: Any) -> Self:
        """Take what comes from a disk; raises `ValueError` for anything but a record."""
        try:
            return cls.model_validate(data)
        except RecursionError:  # on the way to an error that quotes it
            raise ValueError("nested beyond all bounds") from None

    def outcomes(self) -> list[tuple[float, Mark]]:
        """Wall-clock times and marks, oldest first."""
        return [(at, Mark(mark)) for at, mark in zip(self.times, self.marks, strict=True)]
