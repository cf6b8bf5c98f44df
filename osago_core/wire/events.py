"""What a run tells its watchers. Numbered from 1 without gaps; exactly one `done` ends it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from osago_core.offer import Declined, Failed, Offer, Roubles


class InsurerState(StrEnum):
    """How far one insurer's answer is, while there is none."""

    CACHED = "cached"
    JOINED = "joined"
    QUEUED = "queued"
    ASKING = "asking"
    WAITING = "waiting"
    RETRYING = "retrying"


class Source(StrEnum):
    """Where an answer came from."""

    LIVE = "live"
    CACHE = "cache"
    JOINED = "joined"


class DoneReason(StrEnum):
    """Why a run ended."""

    COMPLETE = "complete"
    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    DRAINING = "draining"


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)

    quote_id: str
    seq: int = Field(ge=1, description="Position in the run, from 1, without gaps.")
    at: AwareDatetime


class InsurerStateEvent(_Event):
    """Progress; may be left out for a slow reader, unlike everything else."""

    type: Literal["insurer_state"] = "insurer_state"
    insurer: str
    state: InsurerState
    attempt: int = 1
    retry_in_ms: int | None = None
    reason: str | None = None


class _OutcomeEvent(_Event):
    type: str
    insurer: str
    elapsed_ms: int = Field(ge=0, description="From the start of the run to this outcome.")
    source: Source = Source.LIVE
    attempts: int = 1


class Check(BaseModel):
    """A doubt about an offer. Never hides it."""

    model_config = ConfigDict(frozen=True)

    code: str
    severity: Literal["info", "warning"]
    text: str


class OfferEvent(Offer, _OutcomeEvent):
    """A price arrived."""

    model_config = ConfigDict(frozen=True)

    type: Literal["offer"] = "offer"
    insurer_name: str
    checks: tuple[Check, ...] = ()


class DeclinedEvent(Declined, _OutcomeEvent):
    """The insurer said no."""

    model_config = ConfigDict(frozen=True)

    type: Literal["declined"] = "declined"


class FailedEvent(Failed, _OutcomeEvent):
    """There is no answer from this insurer."""

    model_config = ConfigDict(frozen=True)

    type: Literal["failed"] = "failed"


OutcomeEvent = OfferEvent | DeclinedEvent | FailedEvent


class Counts(BaseModel):
    """How the insurers of a run answered so far."""

    model_config = ConfigDict(frozen=True)

    asked: int
    offers: int = 0
    declined: int = 0
    failed: int = 0


class Best(BaseModel):
    """The cheapest offer so far."""

    model_config = ConfigDict(frozen=True)

    insurer: str
    premium: Roubles


class DoneEvent(_Event):
    """The run is over."""

    type: Literal["done"] = "done"
    reason: DoneReason
    counts: Counts
    best: Best | None = None
    elapsed_ms: int = Field(ge=0)


Event = Annotated[
    InsurerStateEvent | OfferEvent | DeclinedEvent | FailedEvent | DoneEvent,
    Field(discriminator="type"),
]
