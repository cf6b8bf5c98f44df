"""Drivers and their licences."""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag

from osago_core.application.base import Model
from osago_core.application.fields.documents import (
    FreeNumber,
    FreeSeries,
    LicenseSeries,
    SixDigits,
)
from osago_core.application.fields.numbers import PersonalDay, parse_flag
from osago_core.application.fields.text import MiddleName, Name, one_of
from osago_core.application.marks import PUBLIC
from osago_core.application.party import Sex
from osago_core.application.problems import invalid

MAX_DRIVERS = 20

KbmClassName = Literal[
    "M", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"
]
KbmClass = Annotated[KbmClassName, one_of(*get_args(KbmClassName)), PUBLIC]


class RussianLicense(Model):
    """A driving licence issued in Russia."""

    series: LicenseSeries
    number: SixDigits
    issue_date: PersonalDay
    foreign: Annotated[Literal[False], BeforeValidator(parse_flag), PUBLIC] = False


class ForeignLicense(Model):
    """A driving licence of another country, in whatever form it has."""

    series: FreeSeries | None = None
    number: FreeNumber
    issue_date: PersonalDay
    foreign: Annotated[Literal[True], BeforeValidator(parse_flag), PUBLIC]


def _license_tag(value: object) -> str | None:
    if isinstance(value, Mapping):
        return "foreign" if value.get("foreign") is True else "russian"
    if isinstance(value, RussianLicense | ForeignLicense):
        return "foreign" if value.foreign else "russian"
    return None


License = Annotated[
    Annotated[RussianLicense, Tag("russian")] | Annotated[ForeignLicense, Tag("foreign")],
    Discriminator(
        _license_tag, custom_error_type="expected_object", custom_error_message="expected_object"
    ),
]


class PreviousLicense(Model):
    """The licence before this one: the insurers' register may know the driver by it only.

    `last_name` is the name it was issued to, if that has changed.
    """

    series: FreeSeries | None = None
    number: FreeNumber
    issue_date: PersonalDay | None = None
    last_name: Name | None = None


class Driver(Model):
    """A person who may drive. Experience counts from `driving_since`."""

    last_name: Name
    first_name: Name
    middle_name: MiddleName = None
    birth_date: PersonalDay
    sex: Sex | None = None
    license: License
    driving_since: PersonalDay
    kbm_class: KbmClass | None = None
    previous_license: PreviousLicense | None = None


def _unlimited(value: object) -> object:
    if not (isinstance(value, str) and value.strip().lower() == "unlimited"):
        raise invalid("expected_drivers")
    return "unlimited"


def _count(value: list[object]) -> list[object]:
    if not value:
        raise invalid("no_drivers")
    if len(value) > MAX_DRIVERS:
        raise invalid("too_many_drivers", limit=MAX_DRIVERS)
    return value


def _drivers_tag(value: object) -> str:
    return "list" if isinstance(value, list | tuple) else "unlimited"


_Unlimited = Annotated[Literal["unlimited"], BeforeValidator(_unlimited), PUBLIC]
_DriverList = Annotated[
    tuple[Driver, ...],
    # Counted before the drivers are read: pydantic counts only those without a problem.
    BeforeValidator(_count),
    Field(strict=False, json_schema_extra={"minItems": 1, "maxItems": MAX_DRIVERS}),
]

Drivers = Annotated[
    Annotated[_Unlimited, Tag("unlimited")] | Annotated[_DriverList, Tag("list")],
    Discriminator(_drivers_tag),
]
