"""`-o csv`: one row per insurer and outcome, as they arrive."""

import csv
import sys
from collections.abc import Mapping
from typing import Any

from osago_cli.output import estimates
from osago_cli.run_view import OUTCOMES, RunView

COLUMNS = (
    "quote_id",
    "insurer",
    "insurer_name",
    "type",
    "premium",
    "final",
    "base_rate",
    "commission",
    "valid_until",
    "payment_url",
    "insurer_quote_id",
    "reason",
    "kind",
    "message",
    "source",
    "attempts",
    "elapsed_ms",
    "retry_at",
    "answered_at",
    "base_rate_implied",
    "corridor_position",
    "checks",
    *estimates.COLUMNS,
    "offered_by",
)


class Csv:
    """Comma-separated, UTF-8, RFC 4180 quoting, a line feed at line ends."""

    def __init__(self) -> None:
        """Write to stdout."""
        self._rows = csv.DictWriter(
            sys.stdout, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n"
        )

    def start(self, view: RunView) -> None:
        """The header."""
        del view
        self._rows.writeheader()

    def event(self, view: RunView, event: Mapping[str, Any]) -> None:
        """A row for an outcome."""
        if event["type"] in OUTCOMES:
            row = {key: _cell(value) for key, value in event.items()}
            row |= {"insurer_name": view.name(event["insurer"])}
            self._rows.writerow(row | _said_by_tariff(event) | estimates.cells(event))
            sys.stdout.flush()

    def tick(self, view: RunView) -> None:
        """Nothing happened."""

    def finish(self, view: RunView) -> None:
        """A row for everybody who was not waited for, so that no insurer is missing."""
        for row in view.pending():
            fields = {"quote_id": view.quote_id, "insurer": row.id, "insurer_name": row.name}
            self._rows.writerow(fields | {"type": "unanswered"})


def _said_by_tariff(event: Mapping[str, Any]) -> dict[str, Any]:
    """Codes only: the words are in the other formats."""
    said = {"checks": _cell(";".join(check["code"] for check in event.get("checks", ())))}
    tariff = event.get("tariff")
    if not tariff:
        return said
    position = f"{tariff['position']:.3f}"  # a number of ours: its minus makes no formula
    return said | {"base_rate_implied": _cell(tariff["base_rate"]), "corridor_position": position}


def _cell(value: Any) -> Any:
    """Insurers' words must not become a formula in the reader's spreadsheet."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):  # money, the only fractions there are
        return f"{value:.2f}"
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
