"""Files with a dictionary: CSV with the columns key, value and aliases, or JSON like the table.

Tells what can't be read of a file; what the entries mean together is told elsewhere.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.nesting import deeper_than

MAX_BYTES = 16 * 1024 * 1024
"""All makes and models of the insurers' union are about one."""

MAX_DEPTH = 20
_COLUMNS = ("key", "value", "aliases")
_ALIASES_APART = "|"


class FileError(ValueError):
    """A file that is no dictionary."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it stands in a table or file."""

    key: Key
    """Where, below the dictionary's table."""
    name: str
    value: Any
    aliases: tuple[str, ...]
    place: str
    """Where in the file that the key names; empty for an entry of the table itself."""


def rows_of_file(path: Path) -> list[Row | FileError] | Mapping[str, Any]:
    """The rows of a CSV file, or the object of a JSON file; raises `FileError`.

    A single row that can't be read stands in the list as its error, so that all can be told.
    """
    match path.suffix.lower():
        case ".csv":
            return list(_rows_of_csv(path.name, _text(path)))
        case ".json":
            return _object_of_json(_text(path))
        case _:
            raise FileError("expected a file that ends in .csv or .json")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileError("there is no such file") from None
    except (OSError, ValueError) as error:
        text = error.strerror if isinstance(error, OSError) else None
        raise FileError(f"cannot be read: {text or 'no path'}") from None
    if len(raw) > MAX_BYTES:
        raise FileError("too large for a dictionary")
    try:
        return raw.decode("utf-8-sig")  # Excel writes a BOM
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FileError(f"line {line}: not UTF-8 text (Excel: save as CSV UTF-8)") from None


def _rows_of_csv(name: str, text: str) -> Iterator[Row | FileError]:
    header = text.partition("\n")[0]
    # Where the decimal mark is a comma, spreadsheets separate by semicolons.
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True
    )
    try:
        columns = [cell.strip().lower() for cell in next(reader, [])]
        if not {"key", "value"} <= set(columns) <= set(_COLUMNS) or len(set(columns)) < len(
            columns
        ):
            raise FileError("expected the columns key, value and aliases in its first line")
        empty = True
        for cells in reader:
            if any(cell.strip() for cell in cells):
                empty = False
                yield _row(f"{name}:{reader.line_num}: ", columns, cells)
    except csv.Error as error:
        raise FileError(f"line {reader.line_num}: not CSV: {error}") from None
    if empty:
        raise FileError("has no entry")


def _row(place: str, columns: list[str], cells: list[str]) -> Row | FileError:
    if len(cells) != len(columns):
        return FileError(f"{place}{len(cells)} cells where the first line has {len(columns)}")
    row = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    if not row["value"]:
        return FileError(f"{place}`value` is empty")
    aliases = (alias.strip() for alias in row.get("aliases", "").split(_ALIASES_APART))
    return Row(("file",), row["key"], row["value"], tuple(filter(None, aliases)), place)


def _object_of_json(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text, object_pairs_hook=_each_once)
    except json.JSONDecodeError as error:
        raise FileError(f"line {error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise FileError("nested too deeply") from None
    except FileError:
        raise
    except ValueError:  # Python's bound on the digits of a number
        raise FileError("a number is too long") from None
    if deeper_than(found, MAX_DEPTH):
        raise FileError("nested too deeply")
    if not isinstance(found, dict):
        raise FileError('expected an object: {"NAME": {"value": …, "aliases": […]}}')
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise FileError(f'"{name}" stands in it twice')
        found[name] = value
    return found
