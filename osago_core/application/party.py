"""Owner and policyholder: a person, a sole trader or a company."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from osago_core.application.base import Model
from osago_core.application.fields.contacts import Email, Phone
from osago_core.application.fields.documents import (
    DivisionCode,
    FreeNumber,
    FreeSeries,
    PassportSeries,
    SixDigits,
)
from osago_core.application.fields.numbers import PersonalDay
from osago_core.application.fields.registers import (
    CompanyInn,
    Fias,
    Kladr,
    Kpp,
    Ogrn,
    Ogrnip,
    Oktmo,
    PersonInn,
    Postcode,
)
from osago_core.application.fields.text import (
    AddressText,
    CompanyName,
    IssuedBy,
    MiddleName,
    Name,
    ShortText,
    kind_of,
    one_of,
)
from osago_core.application.marks import PUBLIC, UNRATED

PARTY_KINDS = ("person", "sole_trader", "company")
_PartyKind = one_of(*PARTY_KINDS)

_IdentityName = Literal[
    "foreign_passport", "residence_permit", "temporary_residence_permit",
    "refugee_certificate", "military_id", "birth_certificate", "other",
]  # fmt: skip
_IDENTITY_KINDS = (
    "passport_rf", "foreign_passport", "residence_permit", "temporary_residence_permit",
    "refugee_certificate", "military_id", "birth_certificate", "other",
)  # fmt: skip
_IdentityKind = one_of(*_IDENTITY_KINDS)

Sex = Annotated[Literal["male", "female"], one_of("male", "female"), PUBLIC, UNRATED]


class PassportRf(Model):
    """Internal passport of a Russian citizen: 4 + 6 digits."""

    kind: Annotated[Literal["passport_rf"], _IdentityKind, PUBLIC]
    series: PassportSeries
    number: SixDigits
    issue_date: PersonalDay
    issued_by: Annotated[IssuedBy, UNRATED] | None = None
    division_code: DivisionCode | None = None


class OtherIdentity(Model):
    """Any other document that proves who a person is; its form is not checked."""

    kind: Annotated[_IdentityName, _IdentityKind, PUBLIC]
    series: FreeSeries | None = None
    number: FreeNumber
    issue_date: PersonalDay
    issued_by: Annotated[IssuedBy, UNRATED] | None = None
    division_code: DivisionCode | None = None


_identity_kind = kind_of(_IDENTITY_KINDS, lambda _: "passport_rf")


def _identity_tag(value: object) -> str | None:
    kind = _identity_kind(value)
    return kind if kind in {"passport_rf", None} else "other"


Identity = Annotated[
    Annotated[PassportRf, Tag("passport_rf")] | Annotated[OtherIdentity, Tag("other")],
    Discriminator(
        _identity_tag,
        custom_error_type="expected_object",
        custom_error_message="expected_object",
    ),
]


class Address(Model):
    """Registered address. Its region and place set the territory coefficient.

    `place` is null for a settlement that has no coefficient of its own. `kladr` (13, 17 or 19
    digits), `fias` and `oktmo` help insurers that look the address up.
    """

    region: ShortText
    place: ShortText | None = None
    text: AddressText | None = None
    postcode: Postcode | None = None
    kladr: Kladr | None = None
    fias: Fias | None = None
    oktmo: Oktmo | None = None


class _Contacts(Model):
    address: Address
    phone: Phone | None = None
    email: Email | None = None


class _Human(_Contacts):
    last_name: Name
    first_name: Name
    middle_name: MiddleName = None
    birth_date: PersonalDay
    sex: Sex | None = None
    passport: Identity


class Person(_Human):
    """An individual."""

    kind: Annotated[Literal["person"], _PartyKind, PUBLIC]
    inn: PersonInn | None = None


class SoleTrader(_Human):
    """An individual entrepreneur (ИП): a person with a taxpayer's number."""

    kind: Annotated[Literal["sole_trader"], _PartyKind, PUBLIC]
    inn: PersonInn
    ogrnip: Ogrnip | None = None


class Company(_Contacts):
    """A legal entity."""

    kind: Annotated[Literal["company"], _PartyKind, PUBLIC]
    name: CompanyName
    inn: CompanyInn
    kpp: Kpp | None = None
    ogrn: Ogrn | None = None


def _guess_party(raw: Mapping[str, object]) -> str:
    if "name" in raw or "kpp" in raw or "ogrn" in raw:
        return "company"
    return "sole_trader" if "ogrnip" in raw else "person"


party_kind = kind_of(PARTY_KINDS, _guess_party)
"""Which kind of party a raw value is meant to be; None if it is no group of fields."""

Party = Annotated[
    Annotated[Person, Tag("person")]
    | Annotated[SoleTrader, Tag("sole_trader")]
    | Annotated[Company, Tag("company")],
    Discriminator(
        party_kind, custom_error_type="expected_object", custom_error_message="expected_object"
    ),
]
