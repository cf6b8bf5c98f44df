"""The application as a whole and its normal form."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Tag

from osago_core.application.base import Model
from osago_core.application.driver import Drivers
from osago_core.application.marks import PUBLIC
from osago_core.application.party import Company, Party, Person, SoleTrader, party_kind
from osago_core.application.period import Period
from osago_core.application.problems import invalid
from osago_core.application.vehicle import Vehicle

OWNER: Literal["owner"] = "owner"


def _the_owner(value: object) -> object:
    if not (isinstance(value, str) and value.strip().lower() == OWNER):
        raise invalid("expected_party")
    return OWNER


def _policyholder_tag(value: object) -> str:
    return party_kind(value) or OWNER


Policyholder = Annotated[
    Annotated[Literal["owner"], BeforeValidator(_the_owner), PUBLIC, Tag(OWNER)]
    | Annotated[Person, Tag("person")]
    | Annotated[SoleTrader, Tag("sole_trader")]
    | Annotated[Company, Tag("company")],
    Discriminator(_policyholder_tag),
]


def _period_may_be_left_out(schema: dict[str, Any]) -> None:
    schema["required"].remove("period")


class Application(Model):
    """A valid application for an OSAGO policy. Made by `check` from what users write."""

    model_config = ConfigDict(json_schema_extra=_period_may_be_left_out)

    vehicle: Vehicle
    owner: Party
    policyholder: Policyholder = OWNER
    drivers: Drivers
    period: Period

    @property
    def policyholder_is_owner(self) -> bool:
        """Whether the owner takes out the policy."""
        return self.policyholder == OWNER

    @property
    def policyholder_party(self) -> Person | SoleTrader | Company:
        """The party who takes out the policy."""
        return self.owner if self.policyholder == OWNER else self.policyholder

    def normal_form(self) -> dict[str, Any]:
        """Return plain JSON values with all keys present: what insurers' expressions read.

        Differs from what users write in three places: `policyholder` is always a party, with
        `policyholder_is_owner` beside it, and `period` has an `end_date`.
        """
        form = self.model_dump(mode="json")
        if self.policyholder_is_owner:
            form["policyholder"] = self.owner.model_dump(mode="json")
        form["policyholder_is_owner"] = self.policyholder_is_owner
        form["period"]["end_date"] = self.period.end_date.isoformat()
        return form
