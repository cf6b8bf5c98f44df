"""What an insurer's answer comes down to: exactly one of Offer, Declined or Failed.

Owns the outcome types and their vocabulary. Knows nothing of how an answer was obtained (source,
attempts, times): that belongs to the run that asked, see `osago_core.wire.events`.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

# A float carries 15 significant digits, so a premium in kopecks survives the trip through a JSON
# number; arithmetic is done on the Decimal only.
JsonNumber = PlainSerializer(float, return_type=float, when_used="json")

Roubles = Annotated[
    Decimal,
    Field(ge=0, max_digits=15, decimal_places=2, description="Roubles, at most 2 decimals."),
    JsonNumber,
]
Coefficient = Annotated[Decimal, Field(gt=0, max_digits=15), JsonNumber]


class FailureKind(StrEnum):
    """Why there is no answer. The stable words of the wire contract."""

    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    CONNECTION = "connection"
    SERVER_ERROR = "server_error"
    THROTTLED = "throttled"
    BAD_ANSWER = "bad_answer"
    REJECTED_REQUEST = "rejected_request"
    AUTH = "auth"
    INTERNAL = "internal"


class DeclineReason(StrEnum):
    """Insurers' many words for "no", as normal kinds that every screen can explain."""

    TERRITORY = "territory"
    VEHICLE = "vehicle"
    VEHICLE_AGE = "vehicle_age"
    USE = "use"
    DRIVER = "driver"
    CLAIMS = "claims"
    OWNER = "owner"
    DOCUMENTS = "documents"
    PERIOD = "period"
    REDIRECTED = "redirected"
    """Another insurer makes the contract (Е-Гарант), and nobody says at what price."""
    MANUAL_CHECK = "manual_check"
    """Somebody at the insurer looks at it first; asking again later tells what came of it."""
    OTHER = "other"


class _Outcome(BaseModel):
    model_config = ConfigDict(frozen=True)


class Offer(_Outcome):
    """A price. `final` is false while the insurer may still change it (preliminary)."""

    premium: Roubles
    final: bool = True
    base_rate: Roubles | None = None
    coefficients: dict[str, Coefficient] | None = None
    commission: Roubles | None = None
    valid_until: datetime | None = None
    payment_url: str | None = None
    insurer_quote_id: str | None = None
    offered_by: str | None = None
    """Who makes the contract, in their words, where that is another one than was asked."""


class Declined(_Outcome):
    """The insurer answered: no. `message` is its own words with personal data masked."""

    reason: DeclineReason
    message: str


class Failed(_Outcome):
    """No answer. `retryable` says whether asking again later can help, `retry_at` from when on.

    `retry_at` is known where the insurer named a time, where it is left alone for a while
    (`unavailable`), and where our limits have room again (`throttled`).
    """

    kind: FailureKind
    message: str
    retryable: bool
    retry_at: AwareDatetime | None = None


Outcome = Offer | Declined | Failed
