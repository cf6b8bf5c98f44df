"""An outcome, a state, an end of a run, in the user's words. Shared by every human format."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from osago_cli.locale import language, roubles, t, t_or
from osago_cli.output import checks
from osago_cli.run_view import Row, RunView

ISOLATED = "isolated by hand"
"""What the daemon says of an insurer that is unavailable because somebody said so."""

_MINUTE_S = 60

_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def price(offer: Mapping[str, Any]) -> str:
    """The premium, marked where it is not final and where it can hardly be right."""
    text = roubles(offer["premium"])
    text = text if offer.get("final", True) else t("offer.preliminary", premium=text)
    return t("offer.doubtful", premium=text) if checks.doubtful(offer) else text


def offered_by(offer: Mapping[str, Any]) -> str:
    """Who makes the contract, where that is another one than was asked; else empty."""
    insurer = offer.get("offered_by")
    if insurer == "?":  # another one, and nobody says which
        return t("offer.by_another")
    return t("offer.by", insurer=insurer) if insurer else ""


def source(event: Mapping[str, Any]) -> str:
    """Whence an answer is that nobody was asked for just now, and how old; else empty."""
    word = event.get("source", "live")
    if word == "live":
        return ""
    at = event.get("answered_at")
    if word != "cache" or not at:
        return t_or(f"source.{word}", word)
    passed_s = (_now() - datetime.fromisoformat(at)).total_seconds()
    return t("source.cache_age", age=age(passed_s)) if passed_s >= _MINUTE_S else t("source.new")


def age(passed_s: float) -> str:
    """How long ago something was: minutes, and hours from the first one on."""
    hours, minutes = divmod(max(0, int(passed_s)) // _MINUTE_S, 60)
    key = "age.hours" if hours else "age.minutes"
    return t(key, hours=hours, minutes=minutes)


def age_of(at: str) -> str:
    """How long ago this moment was."""
    return age((_now() - datetime.fromisoformat(at)).total_seconds())


def notices(view: RunView) -> list[str]:
    """What those who wait should know of the daemon, a line each."""
    return [notice(event) for event in view.notices.values()]


def notice(event: Mapping[str, Any]) -> str:
    """The same of one event."""
    return t_or(f"notice.{event['code']}", event["message"])


def refusal(event: Mapping[str, Any]) -> str:
    """Why an insurer declined: the kind, and its own words."""
    kind = t_or(f"declined.{event['reason']}", event["reason"])
    return f"{kind}: {event['message']}" if event["message"] else kind


def failure(event: Mapping[str, Any]) -> str:
    """Why there is no answer and when to come back, and the detail for those who can read it."""
    kind, message = event["kind"], event["message"]
    by_hand = kind == "unavailable" and message == ISOLATED
    if kind == "connection" and not event["retryable"]:  # the daemon's way to say it may be there
        return t("failed.doubtful")
    text = _coming_back(t("failed.isolated") if by_hand else t_or(f"failed.{kind}", kind), event)
    if by_hand or message in {"", kind}:
        return text
    if language() == "ru" and not _CYRILLIC.search(message):  # ours; an insurer writes Russian
        return text
    if kind == "timeout" and not event.get("retry_at"):
        return str(message)
    return f"{text} ({message})"


def _coming_back(what: str, event: Mapping[str, Any]) -> str:
    retry_at = event.get("retry_at")
    if not retry_at:
        return what
    if event["kind"] == "throttled":
        return t("failed.throttled_until", time=until(retry_at))
    key = "until" if event["kind"] == "unavailable" else "failed.retry_from"
    return t(key, what=what, time=until(retry_at))


def state(row: Row) -> str:
    """What is happening at an insurer without an outcome."""
    text = t_or(f"state.{row.state}", row.state)
    if row.state == "queued" and row.goes_on_at is not None:
        text = t("state.queued_until", time=_second(row.goes_on_at))
    return t("state.attempt", state=text, attempt=row.attempt) if row.attempt > 1 else text


NEAR = timedelta(minutes=2)


def until(at: str) -> str:
    """A moment that something lasts to: local time, rounded up, so never too early.

    To the second where it is near: half a minute is most of what an open breaker waits.
    """
    moment = datetime.fromisoformat(at).astimezone()
    if timedelta() <= moment - _now() < NEAR:
        return _second(moment + timedelta(microseconds=999_999))
    begun = moment.second or moment.microsecond
    return _minute(moment.replace(second=0, microsecond=0) + timedelta(minutes=bool(begun)))


def clock(at: str) -> str:
    """A moment that something happened at: local time, to the minute."""
    return _minute(datetime.fromisoformat(at).astimezone())


def _minute(moment: datetime) -> str:
    return f"{moment:%H:%M}" if _is_today(moment) else t("moment.other_day", at=moment)


def _second(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local:%H:%M:%S}" if _is_today(local) else t("moment.other_second", at=local)


def _is_today(moment: datetime) -> bool:
    return moment.date() == _now().date()


def _now() -> datetime:
    return datetime.now().astimezone()


def seconds(elapsed_ms: int) -> str:
    """A duration, to a tenth of a second."""
    text = f"{elapsed_ms / 1000:.1f}"
    return t("seconds", seconds=text.replace(".", ",") if language() == "ru" else text)


def summary(view: RunView) -> str:
    """How the run ended, in one line."""
    done = view.done
    if done is None and view.cut_off:
        return t("done.cut_off", answered=len(view.outcomes), asked=len(view.rows))
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
    return f"{text}. {_best(view, done)}"


def _best(view: RunView, done: Mapping[str, Any]) -> str:
    """The cheapest; where that is doubtful, why, and the cheapest that is not.

    The daemon says both; an older one says neither, and who came late has not seen every offer.
    """
    best = done["best"]
    insurer, premium = view.name(best["insurer"]), roubles(best["premium"])
    row = view.rows.get(best["insurer"])
    offer = (row.outcome if row else None) or {}
    if not best.get("warned") and not checks.doubtful(offer):
        return t("done.best", insurer=insurer, premium=premium)
    if why := checks.short(offer):
        text = t("done.best_doubtful", insurer=insurer, premium=premium, why=why)
    else:
        text = t("done.best", insurer=insurer, premium=t("offer.doubtful", premium=premium))
    sound = done.get("best_sound") or checks.best_sound(view.offers())
    if not sound:
        return text
    insurer, premium = view.name(sound["insurer"]), roubles(sound["premium"])
    return f"{text}; " + t("done.best_sound", insurer=insurer, premium=premium)
