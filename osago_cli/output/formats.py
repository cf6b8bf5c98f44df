"""The output formats and who writes them. stdout is data, stderr is talk."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from osago_cli.run_view import RunView


class Format(StrEnum):
    """`-o`."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class Writer(Protocol):
    """Shows a run while it happens and when it is over."""

    def start(self, view: RunView) -> None:
        """The run has begun."""

    def event(self, view: RunView, event: Mapping[str, Any]) -> None:
        """The event was just applied to the view."""

    def tick(self, view: RunView) -> None:
        """Time went by without an event."""

    def finish(self, view: RunView) -> None:
        """No more events come: the run is done, or the user has left."""


def writer(format_: Format, deadline_s: float) -> Writer:
    """The writer of a format; imports only what that one needs."""
    return _MAKERS[format_](deadline_s)


def _table(deadline_s: float) -> Writer:
    from osago_cli.output import terminal

    if terminal.is_terminal():
        from osago_cli.output.live import LiveTable

        return LiveTable(deadline_s)
    from osago_cli.output.lines import Lines

    return Lines()


def _json(_deadline_s: float) -> Writer:
    from osago_cli.output.documents import JsonDocument

    return JsonDocument()


def _ndjson(_deadline_s: float) -> Writer:
    from osago_cli.output.documents import NdJson

    return NdJson()


def _csv(_deadline_s: float) -> Writer:
    from osago_cli.output.csv import Csv

    return Csv()


_MAKERS: Mapping[Format, Callable[[float], Writer]] = {
    Format.TABLE: _table,
    Format.JSON: _json,
    Format.NDJSON: _ndjson,
    Format.CSV: _csv,
}
