"""A few applications that differ, checked once."""

import json
from datetime import date
from functools import cache
from pathlib import Path

from osago_core.application import Application, check

EXAMPLE = Path(__file__).parents[2] / "examples" / "application.json"


@cache
def application(number: int) -> Application:
    """The example with another number on its vehicle's papers."""
    raw = json.loads(EXAMPLE.read_text())
    raw["vehicle"]["document"]["number"] = f"{number + 1:06}"
    checked = check(raw, today=date(2026, 11, 22))
    return checked.application
