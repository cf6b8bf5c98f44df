"""`-o table` where nothing can be redrawn: a plain line for every outcome as it arrives."""

import sys
from collections.abc import Mapping
from typing import Any

from osago_cli.locale import t
from osago_cli.output import checks, estimates, kbm, wording
from osago_cli.run_view import RunView


class Lines:
    """One line per outcome, then how it ended."""

    def start(self, view: RunView) -> None:
        """Say at once that it may take a while."""
        print(f"{t('run.banner')} ({view.quote_id})", file=sys.stderr, flush=True)

    def event(self, view: RunView, event: Mapping[str, Any]) -> None:
        """A line for an outcome."""
        kind = event["type"]
        if kind == "offer":
            what = wording.price(event)
            beside = (wording.offered_by(event), checks.standing(event, event.get("checks", ())))
            what = ", ".join(filter(None, (what, *beside)))
        elif kind == "declined":
            what = t("line.declined", reason=wording.refusal(event))
        elif kind == "failed":
            what = t("line.failed", reason=wording.failure(event))
        elif kind == "notice":  # talk, as the banner is
            print(wording.notice(event), file=sys.stderr, flush=True)
            return
        else:
            return
        what = ", ".join(part for part in (what, wording.source(event)) if part)
        # There is room for whole words here: nothing has to fit a column.
        what = ": ".join(part for part in (what, _said(event)) if part)
        what = estimates.beside(what, event)
        name = view.name(event["insurer"])
        print(f"{name:<24} {wording.seconds(event['elapsed_ms']):>8}  {what}", flush=True)

    def tick(self, view: RunView) -> None:
        """Nothing happened."""

    def finish(self, view: RunView) -> None:
        """How it ended."""
        for reason in checks.unchecked(view.offers()):
            print(reason, flush=True)
        if disagreement := kbm.note(view):
            print(disagreement, flush=True)
        print(wording.summary(view), flush=True)


def _said(event: Mapping[str, Any]) -> str:
    return "; ".join(checks.full(check) for check in checks.own(event))
