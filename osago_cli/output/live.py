"""`-o table` on a terminal: one table that is redrawn as answers arrive. Cheapest on top."""

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import ROUNDED
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from osago_cli.locale import t
from osago_cli.output import checks, estimates, kbm, wording
from osago_cli.output.unbroken import Unbroken
from osago_cli.run_view import Row, RunView

ROOMY_COLUMNS = 70
WIDE_COLUMNS = 80
"""From here on there is room for the base rate behind an offer."""


class LiveTable:
    """Redraws on every event and every tick; the last picture stays on the screen."""

    def __init__(self, deadline_s: float) -> None:
        """`deadline_s` is how long the run may take."""
        self._deadline_s = deadline_s
        self._started = time.monotonic()
        # rich honours NO_COLOR by itself
        self._live = Live(
            console=Console(highlight=False),
            auto_refresh=False,
            # Talk is drawn above the table where both share a terminal, and stays apart elsewhere.
            redirect_stderr=sys.stderr.isatty(),
        )

    def start(self, view: RunView) -> None:
        """Everybody is being asked."""
        self._live.start()
        self._draw(view)

    def event(self, view: RunView, event: Mapping[str, Any]) -> None:
        """Something happened."""
        del event
        self._draw(view)

    def tick(self, view: RunView) -> None:
        """Seconds went by."""
        self._draw(view)

    def finish(self, view: RunView) -> None:
        """Leave the last picture."""
        self._draw(view, over=True)
        self._live.stop()

    def _draw(self, view: RunView, *, over: bool = False) -> None:
        self._live.update(
            Group(
                self._head(view, over=over),
                self._table(view, over=over),
                *_doubts(view, over=over),
                *(Unbroken(line, style="dim") for line in wording.notices(view)),
            ),
            refresh=True,
        )

    def _head(self, view: RunView, *, over: bool) -> Unbroken:
        if over or view.done is not None:
            return Unbroken(f"{wording.summary(view)} ({view.quote_id})", style="bold")
        left_s = max(0, round(self._deadline_s - self._elapsed_s()))
        answered = len(view.outcomes)
        progress = t("run.progress", answered=answered, asked=len(view.rows), left=left_s)
        return Unbroken(f"{t('run.banner')} ({view.quote_id})\n{progress}", style="bold")

    def _table(self, view: RunView, *, over: bool) -> Table:
        roomy = self._live.console.width >= ROOMY_COLUMNS
        table = Table(box=ROUNDED if roomy else None, pad_edge=roomy)
        table.add_column(
            t("column.insurer"), no_wrap=True, max_width=None if roomy else 14, min_width=9
        )
        marked = any(checks.doubtful(offer) for offer in view.offers())
        table.add_column(
            t("column.premium"), justify="right", no_wrap=True, min_width=13 if marked else 11
        )
        table.add_column(t("column.time"), justify="right", no_wrap=True, min_width=6)
        # Where there is little room, the remark is what gives way.
        table.add_column(
            t("column.remark"), overflow="fold" if roomy else "ellipsis", no_wrap=not roomy
        )
        best = view.offers()[0]["premium"] if view.offers() else None
        for offer in view.offers():
            is_best = offer["premium"] == best
            remark = _joined(
                t("offer.best") if is_best else "",
                wording.offered_by(offer),
                checks.short(offer),
                self._standing(offer),
                wording.source(offer),
            )
            style = "green" if is_best else None
            style = "yellow" if checks.doubtful(offer) else style
            self._settled(table, view, offer, (wording.price(offer), remark), style)
        for row in view.pending():
            self._pending(table, row, over=over)
        for event in view.of_type("declined"):
            remark = _joined(
                t("line.declined", reason=wording.refusal(event)), wording.source(event)
            )
            self._settled(table, view, event, ("—", remark), "dim")
        for event in view.of_type("failed"):
            remark = _joined(t("line.failed", reason=wording.failure(event)), wording.source(event))
            self._settled(table, view, event, ("—", estimates.beside(remark, event)), "dim")
        return table

    def _standing(self, offer: Mapping[str, Any]) -> str:
        if self._live.console.width < WIDE_COLUMNS:
            return ""
        return checks.standing(offer, checks.warnings(offer))

    def _settled(
        self,
        table: Table,
        view: RunView,
        event: Mapping[str, Any],
        words: tuple[str, str],
        style: str | None,
    ) -> None:
        premium, remark = words
        name = Unbroken(view.name(event["insurer"]))
        elapsed = wording.seconds(event["elapsed_ms"])
        table.add_row(name, Unbroken(premium), elapsed, Unbroken(remark), style=style)

    def _pending(self, table: Table, row: Row, *, over: bool) -> None:
        if over:
            table.add_row(Unbroken(row.name), "—", "—", Unbroken(t("state.left")), style="dim")
            return
        elapsed = t("seconds", seconds=int(self._elapsed_s()))
        table.add_row(Unbroken(row.name), "…", elapsed, Unbroken(wording.state(row)), style="cyan")

    def _elapsed_s(self) -> float:
        return time.monotonic() - self._started


def _doubts(view: RunView, *, over: bool) -> Iterator[Unbroken]:
    """What the remarks had no room for: each offer's checks, and who differs about KBM."""
    disagreement = kbm.note(view) if over or view.done is not None else ""
    yield from (Unbroken(reason, style="dim") for reason in checks.unchecked(view.offers()))
    for offer in view.offers():
        for check in checks.own(offer):
            if disagreement and check["code"] in checks.KBM_CODES:
                continue  # the note has it, of all of them
            line = f"{view.name(offer['insurer'])}: {checks.full(check)}"
            warns = check["severity"] == "warning"
            yield Unbroken(f"! {line}") if warns else Unbroken(line, style="dim")
    if disagreement:
        yield Unbroken(disagreement)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
