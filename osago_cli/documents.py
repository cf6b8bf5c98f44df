"""Reads an application from a file or stdin: bytes in, a JSON object or a clear error out."""

import json
import math
import sys
from pathlib import Path
from typing import Any

from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_core.wire.protocol import MAX_LINE_BYTES

_REQUEST_BYTES = 4096
"""What a request holds around the application."""


def read_application(source: str) -> dict[str, Any]:
    """The object in the file, `-` is stdin. Raises CliError that says where and what."""
    raw = _read(source)
    name = "stdin" if source == "-" else source
    limit = MAX_LINE_BYTES - _REQUEST_BYTES
    if len(raw) > MAX_LINE_BYTES:
        raise CliError(t("file.too_big", file=name, limit=limit), Exit.INVALID)
    data = _parse(raw, name)
    if not isinstance(data, dict):
        raise CliError(t("file.not_object", file=name), Exit.INVALID)
    if _size(data, name) > limit:
        raise CliError(t("file.too_big", file=name, limit=limit), Exit.INVALID)
    return data


def _parse(raw: bytes, name: str) -> Any:
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_float=_finite,
            parse_constant=_not_a_number,
            object_pairs_hook=_without_repetition,
        )
    except UnicodeDecodeError as error:
        message = t("file.not_utf8", file=name, position=error.start)
    except json.JSONDecodeError as error:
        message = t(
            "file.not_json", file=name, line=error.lineno, column=error.colno, reason=error.msg
        )
    except RecursionError:
        message = t("file.too_deep", file=name)
    except RepeatedFieldError as error:
        message = t("file.repeated", file=name, field=error)
    except ValueError:
        message = t("file.bad_number", file=name)
    raise CliError(message, Exit.INVALID)


def _size(data: dict[str, Any], name: str) -> int:
    """How many bytes it takes on the wire."""
    try:
        return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
    except UnicodeEncodeError:
        raise CliError(t("file.half_character", file=name), Exit.INVALID) from None


class RepeatedFieldError(ValueError):
    """A field that an object has twice; JSON leaves open which one counts, so neither does."""


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise RepeatedFieldError(next(name for name in names if names.count(name) > 1))
    return found


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(literal)
    return number


def _not_a_number(literal: str) -> float:
    """NaN and Infinity, which Python reads and JSON has not."""
    raise ValueError(literal)


def _read(source: str) -> bytes:
    limit = MAX_LINE_BYTES + 1  # one more byte tells a file that is too big, however big it is
    if source == "-" and sys.stdin is None:
        message = t("file.unreadable", file="stdin", reason=t("file.closed"))
        raise CliError(message, Exit.INVALID)
    try:
        if source == "-":
            return sys.stdin.buffer.read(limit)
        with Path(source).open("rb") as file:
            return file.read(limit)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CliError(t("file.unreadable", file=source, reason=reason), Exit.INVALID) from None
