"""An outcome, a state, an end of a run, in the user's words. Shared by every human format."""

import re
from collections.abc import Mapping
from typing import Any

from osago_cli.locale import language, roubles, t, t_or
from osago_cli.run_view import Row, RunView

_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def price(offer: Mapping[str, Any]) -> str:
    """The premium, marked where it is not final."""
    text = roubles(offer["premium"])
    return text if offer.get("final", True) else t("offer.preliminary", premium=text)


def refusal(event: Mapping[str, Any]) -> str:
    """Why an insurer declined: the kind, and its own words."""
    kind = t_or(f"declined.{event['reason']}", event["reason"])
    return f"{kind}: {event['message']}" if event["message"] else kind


def failure(event: Mapping[str, Any]) -> str:
    """Why there is no answer: the kind, and the detail for those who can read it."""
    kind = t_or(f"failed.{event['kind']}", event["kind"])
    message = event["message"]
    if language() == "ru" and not _CYRILLIC.search(message):  # ours; an insurer writes Russian
        return kind
    if event["kind"] == "timeout":
        return str(message)
    return kind if message == kind else f"{kind} ({message})"


def state(row: Row) -> str:
    """What is happening at an insurer without an outcome."""
    text = t_or(f"state.{row.state}", row.state)
    return t("state.attempt", state=text, attempt=row.attempt) if row.attempt > 1 else text


def seconds(elapsed_ms: int) -> str:
    """A duration, to a tenth of a second."""
    text = f"{elapsed_ms / 1000:.1f}"
    return t("seconds", seconds=text.replace(".", ",") if language() == "ru" else text)


def summary(view: RunView) -> str:
    """How the run ended, in one line."""
    done = view.done
    if done is None:
        return t("done.left", quote_id=view.quote_id)
    counts = done["counts"]
    unanswered = counts["asked"] - counts["offers"] - counts["declined"] - counts["failed"]
    parts = [
        t("done.counts", **counts),
        t("done.unanswered", count=unanswered) if unanswered else "",
        t(f"done.{done['reason']}") if done["reason"] != "complete" else "",
    ]
    text = "; ".join(part for part in parts if part)
    best = done.get("best")
    if best is None:
        return text
    return f"{text}. " + t(
        "done.best", insurer=view.name(best["insurer"]), premium=roubles(best["premium"])
    )
