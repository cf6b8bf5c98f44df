"""Numbers one can calculate with, flags and days."""

import math
import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from osago_core.application.marks import PUBLIC, Personal
from osago_core.application.problems import invalid

FIRST_YEAR, LAST_YEAR = 1900, 2199
MAX_POWER_HP = 10_000

# Converting kilowatts leaves float noise far behind the point; a band's edge needs one decimal.
_POWER_STEP = Decimal("0.000001")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_day(value: object) -> date:
    """Read a day from YYYY-MM-DD (and nothing else that Python would take for one)."""
    if type(value) is date:
        day = value
    elif isinstance(value, str) and _ISO_DAY.fullmatch(value.strip()):
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            raise invalid("expected_date") from None
    else:
        raise invalid("expected_date")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise invalid("date_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
    return day


def parse_power(value: object) -> Decimal:
    """Read horsepower; fractions are kept, because 150 and 150.1 are priced differently."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise invalid("expected_number")
    if not _is_finite(value):
        raise invalid("expected_number")
    if value > MAX_POWER_HP:
        raise invalid("number_too_large", limit=MAX_POWER_HP)
    power = Decimal(str(value)).quantize(_POWER_STEP) if value > 0 else Decimal(0)
    if not power:
        raise invalid("number_not_positive", limit=0)
    return power


def _is_finite(value: float | Decimal) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) or math.isfinite(value)


def parse_flag(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise invalid("expected_true_or_false")
    return value


def json_number(value: Decimal) -> int | float:
    """Write a decimal as the JSON number a person would write: 87, not 87.0."""
    return int(value) if value == value.to_integral_value() else float(value)


_Day = Annotated[date, BeforeValidator(parse_day)]
PersonalDay = Annotated[_Day, Personal.DATE]
PublicDay = Annotated[_Day, PUBLIC]

PowerHp = Annotated[
    Decimal,
    BeforeValidator(parse_power),
    PlainSerializer(json_number, return_type=int | float, when_used="json"),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": MAX_POWER_HP}),
    PUBLIC,
]
VehicleYear = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR), PUBLIC]
MassKg = Annotated[int, Field(ge=100, le=200_000), PUBLIC]  # below: somebody wrote tonnes
Seats = Annotated[int, Field(ge=1, le=300), PUBLIC]
Months = Annotated[int, Field(ge=1, le=12), PUBLIC]
Flag = Annotated[bool, PUBLIC]
