"""What the tariff says, as it is told: of an application, an offer, an insurer that is silent.

Texts are English; `code` (or `reason`) with `params` is for clients that word it themselves.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from osago_core.offer import JsonNumber, Roubles

Params: TypeAlias = dict[str, str]
Months = Annotated[int, Field(ge=1, le=12)]
Number = Annotated[Decimal, JsonNumber]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class Check(_Said):
    """A doubt about an offer. Never hides it."""

    code: str
    severity: Literal["info", "warning"]
    text: str
    params: Params = Field(default_factory=dict)


class OfferTariff(_Said):
    """Where a premium stands in the corridor of the base rate, the one thing insurers choose."""

    base_rate: Roubles = Field(description="Behind the premium, whatever the insurer calls it.")
    min: Roubles = Field(description="Lowest lawful base rate.")
    max: Roubles
    position: float = Field(
        description="0 at the lowest base rate, 1 at the highest; outside of that it can't be."
    )
    approximate: bool = Field(description="Whether a coefficient is not known for certain.")


class Estimate(_Said):
    """What an insurer that gave no answer may ask: no offer, and never to be shown as one.

    The base rates of its earlier answers for such applications, under this one's coefficients.
    """

    premium_low: Roubles
    premium: Roubles = Field(description="At the median base rate.")
    premium_high: Roubles
    observations: int = Field(ge=1, description="How many answers it was learned from.")
    since: date = Field(description="Day of the earliest of them.")
    wider: bool = Field(
        default=False,
        description="Learned from other drivers and powers in this territory as well.",
    )
    approximate: bool


class OfferFindings(_Said):
    """What is told with an offer."""

    tariff: OfferTariff | None = None
    checks: tuple[Check, ...] = ()


class FailureFindings(_Said):
    """What is told with a failure."""

    estimate: Estimate | None = None


Findings: TypeAlias = OfferFindings | FailureFindings


class TariffDoubt(_Said):
    """Why a figure is approximate."""

    about: str = Field(description="A coefficient, `base_rate`, `formula` or `application`.")
    code: str
    params: Params
    text: str


class TariffCoefficient(_Said):
    """One factor of the premium and why it has its value."""

    name: str
    value: Number
    reason: str
    params: Params
    text: str = Field(description='E.g. "KM 1.40: 120 < 136 ≤ 150 hp".')
    confidence: Literal["high", "medium", "low"]
    source: tuple[str, ...] = ()
    approximate: bool


class TariffTerritory(_Said):
    """Which row of annex 2 it is."""

    id: str
    name: str
    name_ru: str
    by: str = Field(description="What decided: `fias`, `kladr`, `oktmo` or `name`.")


class BaseRateCorridor(_Said):
    """Roubles."""

    min: Roubles
    max: Roubles
    confidence: Literal["high", "medium", "low"]
    source: tuple[str, ...] = ()


class TariffPrice(_Said):
    """A policy under the tariff: between which premiums the law lets an insurer choose."""

    edict: str
    edition: date = Field(description="From when on these tables are in force.")
    effective_from: date = Field(description="When the edict came into force.")
    starts_on: date = Field(description="First day of the policy: ages and experience are of it.")
    vehicle_class: str
    territory: TariffTerritory | None = None
    base_rate: BaseRateCorridor
    coefficients: tuple[TariffCoefficient, ...]
    multiplier: Number = Field(description="What a base rate is multiplied with.")
    premium_min: Roubles
    premium_max: Roubles
    approximate: bool
    doubts: tuple[TariffDoubt, ...] = ()


class Lever(_Said):
    """A lawful change that makes it cheaper; what it saves, at the same base rate.

    `from_date`: not before that day (a birthday, an anniversary, 1 April).
    """

    code: str
    params: Params
    text: str
    from_date: date | None = None
    multiplier: Number
    saving_share: Number = Field(description="Of the premium, above 0 and below 1.")
    saving_min: Roubles
    saving_max: Roubles


class TariffChanges(_Said):
    """What if. Nothing given changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drivers: Literal["unlimited"] | None = None
    use_months: Months | None = None
    kbm_class: str | None = Field(default=None, description="Of every driver: M, 0 … 13.")
    claims: Annotated[int, Field(ge=0)] | None = Field(
        default=None,
        description="In the year before the coming 1 April: every driver's class becomes the "
        "one after so many claims.",
    )

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.model_fields_set) and any(v is not None for v in dict(self).values())


class TariffReport(_Said):
    """A price, what would change it, and the same after the changes that were asked about."""

    price: TariffPrice
    levers: tuple[Lever, ...] = ()
    changed: TariffPrice | None = None
