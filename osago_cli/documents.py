"""Reads an application from a file or stdin: bytes in, a JSON object or a clear error out."""

import json
import sys
from pathlib import Path
from typing import Any

from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_core.wire.protocol import MAX_LINE_BYTES


def read_application(source: str) -> dict[str, Any]:
    """The object in the file, `-` is stdin. Raises CliError that says where and what."""
    raw = _read(source)
    name = "stdin" if source == "-" else source
    if len(raw) > MAX_LINE_BYTES:
        raise CliError(t("file.too_big", file=name, limit=MAX_LINE_BYTES), Exit.INVALID)
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = t("file.not_utf8", file=name, position=error.start)
        raise CliError(message, Exit.INVALID) from None
    except json.JSONDecodeError as error:
        message = t(
            "file.not_json", file=name, line=error.lineno, column=error.colno, reason=error.msg
        )
        raise CliError(message, Exit.INVALID) from None
    except RecursionError:
        raise CliError(t("file.too_deep", file=name), Exit.INVALID) from None
    if not isinstance(data, dict):
        raise CliError(t("file.not_object", file=name), Exit.INVALID)
    return data


def _read(source: str) -> bytes:
    limit = MAX_LINE_BYTES + 1  # one more byte tells a file that is too big, however big it is
    try:
        if source == "-":
            return sys.stdin.buffer.read(limit)
        with Path(source).open("rb") as file:
            return file.read(limit)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CliError(t("file.unreadable", file=source, reason=reason), Exit.INVALID) from None
