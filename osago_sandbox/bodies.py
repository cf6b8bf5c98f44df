"""How bodies travel: a codec per insurer makes values of requests, and answers of values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import parse_qs

from osago_sandbox import content
from osago_sandbox.asked import Asked
from osago_sandbox.form import Misfilled

FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 1000


class Codec(Protocol):
    """One way for bodies to travel."""

    @property
    def content_type(self) -> str:
        """Of answers."""

    def read(self, asked: Asked) -> Any:
        """What a request's body says: dicts, lists, texts, exact numbers; None for rubbish.

        Raises `Misfilled` where something around the body is wrong.
        """

    def write(self, body: Any) -> bytes:
        """An answer as it goes over the wire. It may hold Decimals."""


@dataclass(frozen=True)
class Json:
    """JSON in, JSON out; nobody looks at the request's Content-Type."""

    content_type: str = "application/json; charset=utf-8"

    def read(self, asked: Asked) -> Any:
        """Any JSON value."""
        return content.parsed(asked.body)

    def write(self, body: Any) -> bytes:
        """UTF-8 JSON; Decimals become numbers."""
        return json.dumps(body, ensure_ascii=False, default=_number).encode()


@dataclass(frozen=True)
class FormFields(Json):
    """A form in, JSON out.

    A field is a text, one that comes several times a list. `rows`: name of a table → the repeated
    fields that are its columns; it is read as a list of objects.
    """

    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, asked: Asked) -> Any:
        """The fields by name."""
        if asked.headers.get("Content-Type", "").split(";")[0].strip().lower() != FORM:
            raise Misfilled({"Content-Type": f"must be {FORM}"})
        try:
            fields = parse_qs(
                asked.body.decode(),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST_FIELDS,
            )
        except ValueError:
            return None
        tables = {name: _rows(fields, columns) for name, columns in self.rows.items()}
        single = {name: v[0] if len(v) == 1 else v for name, v in fields.items()}
        columns = {column for names in self.rows.values() for column in names}
        return {n: v for n, v in single.items() if n not in columns} | tables


def _rows(fields: Mapping[str, list[str]], columns: tuple[str, ...]) -> list[dict[str, str]]:
    told = [fields.get(column, []) for column in columns]
    for column, values in zip(columns, told, strict=True):
        if len(values) != len(told[0]):
            raise Misfilled({column: f"must come as often as {columns[0]}"})
    return [dict(zip(columns, row, strict=True)) for row in zip(*told, strict=True)]


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
