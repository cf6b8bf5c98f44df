"""The vehicle: what it is, how it is told from all others, where it is registered."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo

from osago_core.application.base import Model
from osago_core.application.fields.documents import (
    DiagnosticCardNumber,
    EptsNumber,
    FreeNumber,
    FreeSeries,
    SixDigits,
    VehicleSeries,
)
from osago_core.application.fields.numbers import (
    Flag,
    MassKg,
    PersonalDay,
    PowerHp,
    PublicDay,
    Seats,
    VehicleYear,
)
from osago_core.application.fields.text import ShortText, kind_of, one_of
from osago_core.application.fields.vehicles import BodyNumber, Plate, Vin, plate_of
from osago_core.application.marks import PUBLIC

CategoryName = Literal[
    "A", "A1", "M", "B", "B1", "BE", "C", "C1", "CE", "C1E", "D", "D1", "DE", "D1E", "Tb", "Tm",
    "tractor",
]  # fmt: skip
UseName = Literal["personal", "business", "taxi", "training", "rental", "regular_route", "special"]
RegistrationName = Literal["russia", "foreign", "transit"]

CATEGORIES: tuple[CategoryName, ...] = get_args(CategoryName)
Category = Annotated[CategoryName, one_of(*CATEGORIES), PUBLIC]
Use = Annotated[UseName, one_of(*get_args(UseName)), PUBLIC]
Registration = Annotated[RegistrationName, one_of(*get_args(RegistrationName)), PUBLIC]

_DOCUMENT_KINDS = ("sts", "pts", "epts", "foreign")
_DocumentKind = one_of(*_DOCUMENT_KINDS)


class PaperDocument(Model):
    """СТС (registration certificate) or ПТС (paper passport) of a vehicle registered in Russia."""

    kind: Annotated[Literal["sts", "pts"], _DocumentKind, PUBLIC]
    series: VehicleSeries
    number: SixDigits
    issue_date: PersonalDay


class Epts(Model):
    """Electronic passport (ЭПТС): 15 digits, no series; often all there is before registration."""

    kind: Annotated[Literal["epts"], _DocumentKind, PUBLIC]
    series: Annotated[None, PUBLIC] = None
    number: EptsNumber
    issue_date: PersonalDay | None = None


class ForeignDocument(Model):
    """Registration certificate of another country, in whatever form it has."""

    kind: Annotated[Literal["foreign"], _DocumentKind, PUBLIC]
    series: FreeSeries | None = None
    number: FreeNumber
    issue_date: PersonalDay | None = None


VehicleDocument = Annotated[
    Annotated[PaperDocument, Tag("sts")]
    | Annotated[PaperDocument, Tag("pts")]
    | Annotated[Epts, Tag("epts")]
    | Annotated[ForeignDocument, Tag("foreign")],
    Discriminator(
        kind_of(_DOCUMENT_KINDS, lambda raw: "sts" if raw.get("series") else "epts"),
        custom_error_type="expected_object",
        custom_error_message="expected_object",
    ),
]


class DiagnosticCard(Model):
    """Proof of the technical inspection."""

    number: DiagnosticCardNumber
    valid_until: PublicDay


def _plate_fits(plate: str, info: ValidationInfo) -> str:
    known = info.data
    return plate_of(plate, category=known.get("category"), registration=known.get("registration"))


class Vehicle(Model):
    """The insured vehicle. At least one of `vin`, `body_number`, `chassis_number` is given.

    `power_hp` is in horsepower, `max_mass_kg` the permitted maximum mass, `seats` the number of
    passenger seats. `plate` is null before registration.
    """

    category: Category
    use: Use = "personal"
    brand: ShortText
    model: ShortText
    year: VehicleYear
    power_hp: PowerHp | None = None
    registration: Registration = "russia"
    vin: Vin | None = None
    body_number: BodyNumber | None = None
    chassis_number: BodyNumber | None = None
    # After `category` and `registration`, because they decide which forms are right.
    plate: Annotated[Plate, AfterValidator(_plate_fits)] | None = None
    document: VehicleDocument
    max_mass_kg: MassKg | None = None
    seats: Seats | None = None
    trailer: Flag = Field(default=False)
    diagnostic_card: DiagnosticCard | None = None
