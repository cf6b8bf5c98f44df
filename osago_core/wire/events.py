"""What a run tells its watchers. Numbered from 1 without gaps; exactly one `done` ends it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from osago_core.offer import Declined, Failed, Offer, Roubles
from osago_core.wire.tariff import Check, Estimate, OfferTariff


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
    answered_at: AwareDatetime | None = Field(
        default=None,
        description="When the insurer said so, where that was not now but for an earlier quote.",
    )
    attempts: int = 1


class OfferEvent(Offer, _OutcomeEvent):
    """A price arrived."""

    model_config = ConfigDict(frozen=True)

    type: Literal["offer"] = "offer"
    insurer_name: str
    tariff: OfferTariff | None = None
    checks: tuple[Check, ...] = ()


class DeclinedEvent(Declined, _OutcomeEvent):
    """The insurer said no."""

    model_config = ConfigDict(frozen=True)

    type: Literal["declined"] = "declined"


class FailedEvent(Failed, _OutcomeEvent):
    """There is no answer from this insurer."""

    model_config = ConfigDict(frozen=True)

    type: Literal["failed"] = "failed"
    estimate: Estimate | None = None


class NoticeCode(StrEnum):
    """What everybody who waits should know."""

    STORE_AWAY = "store_away"
    """What instances share can't be reached: this one goes on by itself, with stricter limits."""
    STORE_BACK = "store_back"
    RESUMED = "resumed"
    """The daemon was restarted in the middle of this run and goes on with it."""


class NoticeEvent(_Event):
    """Something about the daemon that matters to this run. Says nothing of any insurer."""

    type: Literal["notice"] = "notice"
    code: NoticeCode
    message: str


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
    warned: Literal[True] | None = Field(
        default=None, description="Given where a check of the offer warns of it."
    )


class DoneEvent(_Event):
    """The run is over."""

    type: Literal["done"] = "done"
    reason: DoneReason
    counts: Counts
    best: Best | None = None
    best_sound: Best | None = Field(
        default=None, description="The cheapest offer without a warning, where that is another."
    )
    elapsed_ms: int = Field(ge=0)


Event = Annotated[
    InsurerStateEvent | OfferEvent | DeclinedEvent | FailedEvent | NoticeEvent | DoneEvent,
    Field(discriminator="type"),
]
