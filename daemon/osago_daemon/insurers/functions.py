"""The functions that expressions of insurers.toml know besides JMESPath's own.

Pure: they see their arguments and nothing else. Messages of their errors name types, never values,
because the values are people.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jmespath import functions
from jmespath.exceptions import JMESPathError

from osago_daemon.insurers.exact import for_json, from_text

_DATE_TOKEN = re.compile(r"YYYY|YY|MM|DD")
_text_or_null = functions.signature({"types": ["string", "null"]})


class FunctionError(JMESPathError):
    """A function of ours can't work with what it was given."""


def as_text(value: object) -> str | None:
    """A scalar as an API would write it in a URL; None stays None, ValueError for the rest.

    87.0 is "87": whole numbers of the application may come as either.
    """
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case Decimal():
            return format(value, "f")
        case _:
            raise ValueError("expected text, a number or a boolean")


class Functions(functions.Functions):
    """JMESPath's functions, ours, and Decimal as one more kind of number."""

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_format_date(self, value: str | None, pattern: str) -> str | None:
        """`2026-12-01` in another dress: DD, MM, YYYY and YY are replaced, the rest stays."""
        if value is None:
            return None
        day = _day("format_date", value)
        tokens = {
            "YYYY": f"{day.year:04}",
            "YY": f"{day.year % 100:02}",
            "MM": f"{day.month:02}",
            "DD": f"{day.day:02}",
        }
        return _DATE_TOKEN.sub(lambda token: tokens[token[0]], pattern)

    @_text_or_null
    def _func_upper(self, value: str | None) -> str | None:
        return None if value is None else value.upper()

    @_text_or_null
    def _func_lower(self, value: str | None) -> str | None:
        return None if value is None else value.lower()

    @functions.signature({"types": ["string", "number", "null"]})
    def _func_digits(self, value: str | float | None) -> str | None:
        """Only the digits: `+7 (999) 000-00-01` becomes `79990000001`."""
        text = as_text(value)
        return None if text is None else re.sub(r"[^0-9]", "", text)

    @functions.signature({"types": []}, {"types": ["object"]})
    def _func_pick(self, value: object, table: Mapping[str, Any]) -> object:
        """The entry of an enum table; null where the table has none."""
        name = _part("pick", value)
        return None if name is None else table.get(name)

    @functions.signature({"types": ["array"]})
    def _func_concat(self, parts: Sequence[object]) -> str:
        """All parts but nulls, one after the other."""
        return "".join(_part("concat", part) or "" for part in parts)

    @functions.signature({"types": ["string", "null"]}, {"types": ["string", "null"]})
    def _func_full_years(self, since: str | None, on: str | None) -> int | None:
        """Full years between two dates; one born on 29 February grows older on 1 March."""
        if since is None or on is None:
            return None
        start, end = _day("full_years", since), _day("full_years", on)
        return end.year - start.year - ((end.month, end.day) < (start.month, start.day))

    @functions.signature({"types": ["array-number"]})
    def _func_sum(self, numbers: Sequence[float | Decimal]) -> int | float | Decimal:
        """An exact sum: amounts of money are added here."""
        return sum(Decimal(repr(n)) if isinstance(n, float) else n for n in numbers)

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, numbers: Sequence[float | Decimal]) -> Decimal | None:
        return Decimal(self._func_sum(numbers)) / len(numbers) if numbers else None

    @functions.signature({"types": []})
    def _func_to_number(self, value: object) -> int | float | Decimal | None:
        """A number as it is, a text by what JSON takes for a number, null for all else."""
        match value:
            case bool():
                return None
            case int() | float() | Decimal():
                return value
            case str():
                return from_text(value)
            case _:
                return None

    @functions.signature({"types": []})
    def _func_to_string(self, value: object) -> str | None:
        if isinstance(value, str | Decimal):
            return as_text(value)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=for_json)

    @functions.signature({"types": []})
    def _func_type(self, value: object) -> object:
        if isinstance(value, Decimal):
            return "number"
        return super()._func_type(value)  # type: ignore[misc]  # not in the stubs

    # The library knows types by their names; answers carry their fractions as Decimal.

    def __init__(self) -> None:
        super().__init__()
        self._allowed: dict[tuple[str, ...], tuple[list[str], list[Any]]] = {}

    def _convert_to_jmespath_type(self, name: str) -> str:
        found = super()._convert_to_jmespath_type(name)  # type: ignore[misc]  # not in the stubs
        return "number" if name == "Decimal" else str(found)

    def _get_allowed_pytypes(self, types: Sequence[str]) -> tuple[list[str], list[Any]]:
        key = tuple(types)
        if key not in self._allowed:  # asked for every argument of every call
            self._allowed[key] = self._found_allowed_pytypes(types)
        return self._allowed[key]

    def _found_allowed_pytypes(self, types: Sequence[str]) -> tuple[list[str], list[Any]]:
        allowed, subtypes = super()._get_allowed_pytypes(types)  # type: ignore[misc]  # not in the stubs
        if "float" in allowed:
            allowed.append("Decimal")
        return allowed, [(*s, "Decimal") if "float" in s else s for s in subtypes]


def _day(function: str, text: str) -> date:
    """The date a text begins with: a date of the application, or a date and time of an answer."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise FunctionError(f"{function}() expects a date as YYYY-MM-DD") from None


def _part(function: str, value: object) -> str | None:
    try:
        return as_text(value)
    except ValueError as error:
        raise FunctionError(f"{function}() {error}") from None
