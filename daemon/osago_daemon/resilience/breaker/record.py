"""What is kept of a breaker over a restart. In wall-clock seconds, as no other clock survives."""

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from osago_daemon.resilience.breaker.change import Reason, State
from osago_daemon.resilience.breaker.library import LONGEST_S
from osago_daemon.resilience.breaker.window import Mark, Window
from osago_daemon.resilience.numbers import BreakerNumbers, Numbers

MAX_OPENINGS = 64
"""No growth reaches further: 2**12 doublings lie between the smallest and the largest times."""

Moment: TypeAlias = Annotated[float, Field(ge=-1e10, le=2e10, allow_inf_nan=False)]
"""Wall clock, from 1653 to 2603: what calendars can show."""


class Outcomes(Numbers):
    """What one window judges, oldest first: wall-clock times, and a letter for each."""

    times: Annotated[list[Moment], Field(max_length=BreakerNumbers.MAX_WINDOW)]
    marks: Annotated[str, Field(pattern=f"^[{''.join(Mark)}]*$")]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if len(self.times) != len(self.marks) or self.times != sorted(self.times):
            raise ValueError("outcomes and their times do not fit")
        return self

    @classmethod
    def of(cls, window: Window, shift: float) -> Self:
        """What it judges; `shift` leads from its clock to the wall's."""
        outcomes = window.outcomes()
        marks = "".join(mark for _at, mark in outcomes)
        return cls(times=[at + shift for at, _mark in outcomes], marks=marks)

    def fill(self, window: Window, now: float, shift: float) -> None:
        """The way back: `shift` leads to its clock, on which nothing is later than `now`."""
        outcomes = zip(self.times, self.marks, strict=True)
        window.replace((min(now, at + shift), Mark(mark)) for at, mark in outcomes)


class Record(Numbers):
    """A breaker at one moment; JSON types only. Whatever else is given is a `ValueError`."""

    version: Literal[2]
    state: Annotated[State, Field(strict=False)]
    reason: Annotated[Reason, Field(strict=False)]
    since: Moment | None
    until: Moment | None
    openings: Annotated[int, Field(ge=0, le=MAX_OPENINGS)]
    begun: Outcomes
    continued: Outcomes

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.state is State.OPEN and self.until is None:
            raise ValueError("open without an end")
        if self.state in {State.CLOSED, State.HALF_OPEN} and self.until is not None:
            raise ValueError("an end of what needs none")
        if self.state is State.CLOSED and self.openings:
            raise ValueError("closed, and yet growing")
        if self.until is not None and self.since is None:
            raise ValueError("an end without a beginning")
        return self

    def end(self, now: float, shift: float, numbers: BreakerNumbers) -> float | None:
        """When it is over, never later than it was meant to take from now."""
        if self.until is None or self.since is None:
            return None
        end = min(self.until + shift, now + self.until - self.since)
        return min(end, now + (numbers.max_open_s if self.state is State.OPEN else LONGEST_S))

    @classmethod
    def read(cls, data: Any) -> Self:
        """Take what comes from a disk; raises `ValueError` for anything but a record."""
        try:
            return cls.model_validate(data)
        except RecursionError:  # on the way to an error that quotes it
            raise ValueError("nested beyond all bounds") from None
