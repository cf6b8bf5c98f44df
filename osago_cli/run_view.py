"""What a run looks like so far: a pure fold over its events.

Any screen draws from it. Applying an event again changes nothing, so a resumed stream may overlap.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Json = Mapping[str, Any]

OUTCOMES = ("offer", "declined", "failed")


@dataclass(slots=True)
class Row:
    """One insurer in a run."""

    id: str
    name: str
    state: str = "queued"
    attempt: int = 1
    reason: str | None = None
    goes_on_at: datetime | None = None
    """About when its wait is over, where it waits and that is known."""
    outcome: Json | None = None


@dataclass(slots=True)
class RunView:
    """One run."""

    quote_id: str
    rows: dict[str, Row]
    seq: int = 0
    done: Json | None = None
    cut_off: bool = False
    """Nobody is there any more who would tell of its end."""
    outcomes: list[Json] = field(default_factory=list)
    """In the order of their arrival."""
    notices: dict[str, Json] = field(default_factory=dict)
    """The latest of each code, in the order of their arrival."""

    @classmethod
    def of(cls, started: Json) -> "RunView":
        """From the answer to `quote.start` or `quote.watch`."""
        rows = {i["id"]: Row(i["id"], i["name"]) for i in started["insurers"]}
        return cls(started["quote_id"], rows)

    def apply(self, event: Json) -> bool:
        """Take in an event; False for one that was taken in before."""
        if event["seq"] <= self.seq and not self._is_missing(event):
            return False
        self.seq = max(self.seq, event["seq"])
        kind = event["type"]
        if kind == "done":
            self.done = event
        elif kind == "notice":
            self.notices.pop(event["code"], None)
            self.notices[event["code"]] = event
        elif (row := self.rows.get(event.get("insurer", ""))) is not None:
            if kind in OUTCOMES:
                row.outcome = event
                self.outcomes.append(event)
            elif kind == "insurer_state":
                row.state, row.attempt = event["state"], event["attempt"]
                row.reason = event.get("reason")
                row.goes_on_at = _goes_on_at(event)
        return True  # an unknown type is from a newer daemon, and no harm

    def _is_missing(self, event: Json) -> bool:
        """Whether it is news in spite of its number.

        A daemon that was killed may count again from before the last events that it sent.
        """
        if event["type"] == "done":
            return self.done is None
        row = self.rows.get(event.get("insurer", ""))
        return event["type"] in OUTCOMES and row is not None and row.outcome is None

    def offers(self) -> list[Json]:
        """Cheapest first; the earlier of two equal ones."""
        return sorted(self.of_type("offer"), key=lambda event: event["premium"])

    def of_type(self, kind: str) -> list[Json]:
        """Outcomes of one type, in the order of their arrival."""
        return [event for event in self.outcomes if event["type"] == kind]

    def pending(self) -> Iterable[Row]:
        """Insurers without an outcome, in order."""
        return (row for row in self.rows.values() if row.outcome is None)

    def name(self, insurer: str) -> str:
        """An insurer as people know it."""
        row = self.rows.get(insurer)
        return row.name if row else insurer


def _goes_on_at(event: Json) -> datetime | None:
    wait_ms = event.get("retry_in_ms")
    if wait_ms is None or "at" not in event:
        return None
    return datetime.fromisoformat(event["at"]) + timedelta(milliseconds=wait_ms)
