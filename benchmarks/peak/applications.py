"""Different valid applications: each about another person with another car."""

import copy
import json
from pathlib import Path
from typing import Any

VIN_START = b"XTA219010L"
"""Seven digits follow: the application's number, by which the stub knows it."""

EXAMPLE = Path(__file__).parents[2] / "examples" / "application.json"
LETTERS = "АВЕКМНОРСТУХ"


def applications(count: int) -> list[dict[str, Any]]:
    """Numbers 0 to `count` - 1. Raises ValueError if one is not valid."""
    from osago_core.application import Invalid, check
    from osago_core.moscow import moscow_day
    from osago_daemon.quoting.clock import utc_now

    example = json.loads(EXAMPLE.read_bytes())
    today = moscow_day(utc_now())
    made = [_application(example, number) for number in range(count)]
    for application in made:
        checked = check(application, today=today)
        if isinstance(checked, Invalid):
            raise ValueError(f"not valid: {checked.problems}")  # noqa: TRY004  # data, not a type
    return made


def _application(example: dict[str, Any], number: int) -> dict[str, Any]:
    made = copy.deepcopy(example)
    tail = f"{number + 1:06d}"
    last_name = f"Иванов{_letters(number)}"
    made["vehicle"]["vin"] = f"{VIN_START.decode()}{number:07d}"
    made["vehicle"]["plate"] = _plate(number)
    made["vehicle"]["document"]["number"] = tail
    made["owner"] |= {
        "last_name": last_name,
        "phone": f"+7999{number + 1:07d}",
        "email": f"ivanov{number}@example.org",
    }
    made["owner"]["passport"]["number"] = tail
    driver = made["drivers"][0]
    driver["last_name"] = last_name
    driver["license"]["number"] = tail
    return made


def _plate(number: int) -> str:
    series, digits = divmod(number, 999)
    first, rest = divmod(series, len(LETTERS))
    return f"{LETTERS[first]}{digits + 1:03d}{LETTERS[rest]}В77"


def _letters(number: int) -> str:
    """Four small letters, so that no two last names are equal."""
    name = ""
    for _ in range(4):
        number, letter = divmod(number, 26)
        name += chr(ord("а") + letter)
    return name
