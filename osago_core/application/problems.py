"""Problems: what is wrong with an application, as data for people, scripts and translations.

Owns the list of all codes. Knows nothing of the rules that find problems.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import LiteralString

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

MAX_PROBLEMS = 100
"""More than this nobody reads; one more then says so."""


class Problem(BaseModel):
    """One thing to put right, or, as a warning, to look at.

    `path` is where: `drivers[0].license.number`, empty for the application as a whole. `code` is
    stable. `text` is `PROBLEM_CODES[code]` with `params` filled in; neither holds personal data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    code: str
    text: str
    params: Mapping[str, str | int] = Field(default_factory=dict)


def problem(path: str, code: str, **params: str | int) -> Problem:
    """Build a problem from its code (KeyError for an unknown one: a bug)."""
    text = PROBLEM_CODES[code].format_map(params)
    return Problem(path=path, code=code, text=text, params=params)


def invalid(code: LiteralString, **params: str | int) -> PydanticCustomError:
    """Build the exception by which a field's validator reports a problem."""
    return PydanticCustomError(code, code, params)


_SHAPE = {
    "missing_field": "fill in `{field}`; it is required",
    "unknown_field": "unknown field `{field}`; remove it or check its spelling",
    "unknown_field_similar": "unknown field `{field}`; did you mean `{suggestion}`?",
    "expected_object": "expected a JSON object: a group of fields in curly brackets",
    "expected_list": "expected a list in [brackets]",
    "expected_drivers": 'list the drivers in [brackets], or write "unlimited"',
    "expected_party": 'expected a JSON object: a group of fields in curly brackets, or "owner"',
    "expected_text": "expected text in quotes",
    "expected_number": "expected a number without quotes",
    "expected_whole_number": "expected a whole number without quotes",
    "expected_true_or_false": "expected true or false without quotes",
    "expected_date": "write a date that exists as YYYY-MM-DD",
    "unknown_choice": "choose one of: {choices}",
    "too_many_problems": "there are more than {limit} problems; only the first ones are shown",
    "invalid_value": "this value is not accepted; check it against the documentation",
}

_FIELDS = {
    "text_too_long": "shorten the text to {limit} characters",
    "bad_characters": "remove characters that cannot be printed",
    "name_characters": "write the name with letters only (spaces, hyphens and apostrophes inside)",
    "number_too_small": "write a number of at least {limit}",
    "number_too_large": "write a number of at most {limit}",
    "number_not_positive": "write a number greater than {limit}",
    "date_out_of_range": "check the year; it must lie between {first} and {last}",
    "digit_count": "write {count} digits",
    "placeholder_number": "write the number that the document shows; this one is a placeholder",
    "check_digit": "compare the digits with the document; the check digit does not match",
    "document_number": "write 3 to 30 letters and digits; spaces and dashes may stand between them",
    "document_series": "write 1 to 10 letters and digits",
    "vin_length": "write the VIN with 17 characters; this one has {count}",
    "vin_characters": "write the VIN with digits and Latin letters; I, O and Q never occur in one",
    "plate_format": "write the plate in a form that fits this vehicle, such as {examples}",
    "plate_characters": "write the plate with 2 to 15 letters and digits",
    "vehicle_document_series": "write the series as 2 digits and 2 digits or letters, such as 77УХ",
    "epts_has_no_series": "remove the series; an electronic passport has only a number",
    "license_series": "write the series as 2 digits and 2 digits or letters, such as 99АВ",
    "phone_format": "write the number with 10 digits after +7; a foreign one with + and its "
    "country code",
    "email_format": "write the address as name@example.org",
    "kpp_format": "write the KPP with 9 characters: 4 digits, 2 digits or letters, 3 digits",
    "fias_format": "write the FIAS identifier as 8-4-4-4-12 hexadecimal digits",
    "division_code": "write the division code with 6 digits, such as 770-001",
    "no_drivers": 'list at least one driver, or write "unlimited"',
    "too_many_drivers": 'list at most {limit} drivers, or write "unlimited"',
}

_RULES = {
    "date_in_future": "check the date; it lies in the future",
    "birth_date_implausible": "check the birth date; it is more than {years} years ago",
    "driver_too_young": "name another driver; category {category} may be driven from the age of "
    "{age}, counted at the start date",
    "driver_not_person": "name a person; a company cannot be a driver",
    "experience_before_16": "check both dates; nobody drives before the age of {age}",
    "license_before_16": "check both dates; no licence is issued before the age of {age}",
    "passport_before_14": "check both dates; no passport is issued before the age of {age}",
    "document_before_birth": "check both dates; the document is older than its holder",
    "duplicate_license": "remove or correct one of them; {other} has the same licence",
    "vehicle_number_missing": "fill in at least one of vin, body_number and chassis_number",
    "vehicle_year_in_future": "check the year; it can be {limit} at the latest",
    "document_before_vehicle": "check both dates; the document is older than the vehicle",
    "tractor_series_only": "write the series as 2 digits and 2 digits or letters; two letters "
    "alone are for tractors and their drivers",
    "foreign_document_only": "choose sts, pts or epts; a foreign document belongs to a vehicle "
    "with foreign registration",
    "power_missing": "fill in the engine power; it sets the price for category {category}",
    "max_mass_missing": "fill in the permitted maximum mass; it sets the price for category "
    "{category}",
    "seats_missing": "fill in the number of passenger seats; it sets the price for category "
    "{category}",
    "use_missing": "fill in the use; it sets the price for category {category}",
    "start_in_past": "choose a start date that is not in the past",
    "start_too_far": "choose a start date within {days} days",
    "use_longer_than_term": "choose at most as many months of use as the policy has ({months})",
}

_WARNINGS = {
    "start_too_soon": "an electronic policy usually starts no earlier than {earliest}",
    "start_far_ahead": "most insurers sell no policy more than {days} days ahead",
    "passport_expired": "the passport should have been replaced at the age of {age}; insurers may "
    "not find its number",
    "experience_after_license": "experience usually begins no later than the licence was issued",
    "use_unusual": "this use is unusual for category {category}; check both",
    "diagnostic_card_expired": "the diagnostic card is no longer valid at the start date",
    "contact_missing": "most insurers ask for the policyholder's phone and e-mail address",
}

PROBLEM_CODES: Mapping[str, str] = MappingProxyType(_SHAPE | _FIELDS | _RULES | _WARNINGS)
"""Every code with its English text; {names} are the problem's params. For translations."""

WARNING_CODES: frozenset[str] = frozenset(_WARNINGS)
"""The codes that do not make an application invalid."""
