"""Every number of the pipeline: its default, its bounds, and why. The one place they stand.

They are read from insurers.toml as they are: a table there has the name of a field here.
"""

from typing import Annotated, ClassVar, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Seconds: TypeAlias = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
MaybeNoSeconds: TypeAlias = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Share: TypeAlias = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000)]
Retries: TypeAlias = Annotated[int, Field(ge=0, le=20)]

ATTEMPT_TIMEOUT_S = 15.0
"""Wall clock of one attempt. A quarter of the 60 s a run has: a slow attempt leaves time for a
whole second one and the polls."""


class Numbers(BaseModel):
    """A table of numbers: unknown keys are problems, types are taken literally."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RetryRule(Numbers):
    """How one kind of trouble is retried: how often within one request, and the first wait.

    The wait doubles with each retry of its kind and is drawn between 0 and that (full jitter).
    """

    retries: Retries
    first_wait_s: MaybeNoSeconds


class ConnectRule(RetryRule):
    """Nothing was sent, so trying again is free; a restarting server is back within seconds."""

    retries: Retries = 4
    first_wait_s: MaybeNoSeconds = 0.2


class ResetRule(RetryRule):
    """Like a failed connect, for requests that may be repeated."""

    retries: Retries = 4
    first_wait_s: MaybeNoSeconds = 0.2


class TimeoutRule(RetryRule):
    """They were slow once; a second whole attempt may be lucky, a third only adds load."""

    retries: Retries = 1
    first_wait_s: MaybeNoSeconds = 0.0


class ThrottledRule(RetryRule):
    """They refused to work on it. When they say how long to wait, that is what is waited."""

    retries: Retries = 8
    first_wait_s: MaybeNoSeconds = 1.0


class ServerErrorRule(RetryRule):
    """Three attempts in all: more only adds load to an insurer that is down."""

    retries: Retries = 2
    first_wait_s: MaybeNoSeconds = 0.5


class AuthRule(RetryRule):
    """Once, after logging in again; never where there is no login."""

    retries: Retries = 1
    first_wait_s: MaybeNoSeconds = 0.0


class RetryNumbers(Numbers):
    """What is tried again, how often, after how long."""

    attempts: Annotated[int, Field(ge=1, le=20)] = 10
    """Of one request, the first included, whatever its troubles. 1: never try again."""
    max_wait_s: Seconds = 20.0
    """No doubling goes beyond this; a run lasts 60 s at most."""
    budget: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 10.0
    """Retries that all requests of an insurer together may owe before any of them succeeds. A
    desk's few quotes a day never meet it; a thousand calls to a sick insurer do at once."""
    budget_return: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.5
    """What each answer gives back: retries add half to the load at most in the long run. Enough
    to outlive 30 % of broken connections (0.43 retries an answer); beyond, it is the breaker's."""
    connect: ConnectRule = ConnectRule()
    reset: ResetRule = ResetRule()
    timeout: TimeoutRule = TimeoutRule()
    throttled: ThrottledRule = ThrottledRule()
    server_error: ServerErrorRule = ServerErrorRule()
    auth: AuthRule = AuthRule()


class BreakerNumbers(Numbers):
    """When an insurer is left alone, and for how long."""

    window: Annotated[int, Field(ge=1, le=100)] = 10
    """At least so many of the latest outcomes are judged together: a desk sees 5 to 50 quotes a
    day, so it must be few."""
    window_s: MaybeNoSeconds = 10.0
    """All of the last seconds are judged together where they are more, up to `MAX_WINDOW`: among
    hundreds of outcomes a bad streak of ten is chance."""
    failure_rate: Share = 0.8
    """Opens when failures are this share of what is judged, an unfilled window counted as full:
    8 of the first 10, so two or three quotes with their retries. An insurer that drops three in
    ten brings offers by retries, and is broken off by chance once in six windows at 0.5."""
    slow_rate: Share = 1.0
    """The same for failures and slow answers together: all of them, as slow ones bring offers."""
    slow_s: Seconds | None = None
    """An attempt that takes this long counts as slow. Left out: nine tenths of
    `attempt_timeout_s`, an answer that barely made it."""
    open_s: Seconds = 5.0
    """The first time it is left alone: long enough for a restart, short enough for a run begun
    meanwhile. Doubles while probes fail."""
    max_open_s: Seconds = 30.0
    """An insurer that is well again is noticed after half a minute; two probes a minute cost a dead
    one nothing, while every minute it is left alone too long costs offers."""
    jitter: Annotated[float, Field(ge=0, le=0.5, allow_inf_nan=False)] = 0.2
    """Open times vary by this share, so that several desks do not probe at one moment."""
    probes: Annotated[int, Field(ge=1, le=100)] = 1
    """So many attempts at a time find out whether it is well again, and so many must succeed."""

    MAX_WINDOW: ClassVar[int] = 100

    @model_validator(mode="after")
    def _open_times_fit(self) -> Self:
        if self.open_s > self.max_open_s:
            raise PydanticCustomError("open_times", "open_s is longer than max_open_s")
        return self


class LimitNumbers(Numbers):
    """What an insurer allows. Left out: as much as anybody likes, but for `at_once`."""

    per_second: Count | None = None
    per_minute: Count | None = None
    per_day: Count | None = None
    """In any 24 hours, so that it holds wherever the insurer's day begins."""
    at_once: Count = 500
    """Requests under way at one moment. Ten insurers' 5,000 connections stay below the usual
    20,000 open files, and 2,500 one-step calls of ten seconds each still fit into a minute."""
    arrival_s: MaybeNoSeconds = 1.0
    """A request counts from its sending until its window after its answer, because it
    can't have arrived later; without an answer it is taken to have arrived after this long."""


class PacingNumbers(Numbers):
    """When to ask whether an application has been decided."""

    first_s: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 0.5
    """The first poll, while nothing is known: the quickest insurers decide in a few tenths of a
    second; asking sooner is a wasted request."""
    every_s: Annotated[float, Field(ge=0.1, le=60, allow_inf_nan=False)] = 1.0
    """And then, while nothing is known: an offer is half a second late on average."""
    least_s: Annotated[float, Field(ge=0.1, le=60, allow_inf_nan=False)] = 0.5
    """Never two polls of one application closer than this, whatever was learned."""
    learn: bool = True
    """Place polls where answers were seen before; false keeps to the fixed steps."""


class PipelineNumbers(Numbers):
    """Everything that is set for one insurer's pipeline."""

    attempt_timeout_s: Seconds = ATTEMPT_TIMEOUT_S
    retry: RetryNumbers = RetryNumbers()
    breaker: BreakerNumbers = BreakerNumbers()
    limits: LimitNumbers = LimitNumbers()
