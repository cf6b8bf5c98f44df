"""JSON for programs: one document at the end, or every event as it happens."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from osago_cli.output import kbm
from osago_cli.run_view import RunView


def dump(value: Any, *, indent: int | None = None) -> None:
    """Write one JSON value and a newline to stdout, now."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class JsonDocument:
    """`-o json`: one document, offers cheapest first."""

    def start(self, view: RunView) -> None:
        """Nothing to say yet."""

    def event(self, view: RunView, event: Mapping[str, Any]) -> None:
        """Nothing to say yet."""

    def tick(self, view: RunView) -> None:
        """Nothing to say yet."""

    def finish(self, view: RunView) -> None:
        """The whole run; `kbm` only where insurers disagree about it."""
        disagreement = kbm.document(view)
        dump(
            {
                "quote_id": view.quote_id,
                "done": view.done,
                "offers": view.offers(),
                "declined": view.of_type("declined"),
                "failed": view.of_type("failed"),
            }
            | ({"kbm": disagreement} if disagreement is not None else {}),
            indent=2,
        )


class NdJson:
    """`-o ndjson`: the events' params, one a line, as they happen."""

    def start(self, view: RunView) -> None:
        """Nothing to say yet."""

    def event(self, view: RunView, event: Mapping[str, Any]) -> None:
        """Pass the event on."""
        del view
        dump(event)

    def tick(self, view: RunView) -> None:
        """Nothing happened."""

    def finish(self, view: RunView) -> None:
        """All is said: `done` was the last event."""
