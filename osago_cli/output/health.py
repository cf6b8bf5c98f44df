"""How an insurer is doing, in the user's words. Every text may be missing in an older daemon."""

from collections.abc import Mapping
from typing import Any

from osago_cli.locale import language, t, t_or
from osago_cli.output.wording import clock, until

Json = Mapping[str, Any]

NOTHING = "—"


def name(insurer: Json) -> list[str]:
    """Whose it is, and through whom it is asked for."""
    via = insurer.get("via")
    return [insurer["name"], *([t("insurers.via", via=via)] if via else [])]


def breaker(status: Json) -> str:
    """Whether it is being asked, and until when not."""
    text = t_or(f"breaker.{status['state']}", status["state"])
    end = status.get("open_until")
    return t("until", what=text, time=until(end)) if end else text


def state(insurer: Json) -> list[str]:
    """The breaker, and what else holds requests up."""
    lines = [breaker(insurer["breaker"])]
    if paused_until := insurer.get("paused_until"):
        lines.append(t("limit.paused", time=until(paused_until)))
    if waiting := insurer.get("waiting"):
        lines.append(t("limit.waiting", count=waiting))
    return lines


def answers(insurer: Json) -> str:
    """Half, nine of ten and all but one of a hundred answers came within these seconds."""
    latency = insurer.get("latency")
    if not latency:
        return NOTHING
    times = "/".join(_tenths(latency[key]) for key in ("p50_ms", "p90_ms", "p99_ms"))
    return f"{times} ({latency['answers']})"


def failures(insurer: Json) -> list[str]:
    """Each kind's share of the latest outcomes, the largest first."""
    shares: dict[str, float] = insurer.get("failures") or {}
    return [
        f"{percent(share)} {t_or(f'short.{kind}', kind)}"
        for kind, share in sorted(shares.items(), key=lambda item: -item[1])
    ]


def last_error(insurer: Json) -> str | None:
    """The kind of the last failure, in a word, and when that was."""
    kind, at = insurer.get("last_error"), insurer.get("last_error_at")
    return f"{clock(at)} {t_or(f'short.{kind}', kind)}" if kind and at else None


def limits(insurer: Json) -> list[str]:
    """What is left of each limit, and when there is more where that is nothing.

    Requests at once are limited for everybody; they are news only where some are under way.
    """
    return [
        _limit(limit)
        for limit in insurer.get("limits") or ()
        if limit["limit"] != "at_once" or limit["left"] < limit["of"]
    ]


def percent(share: float) -> str:
    """A share of one; something is never shown as nothing."""
    return "<1 %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")  # noqa: PLR2004


def number(value: object) -> str:
    """A number of the configuration, as people write it."""
    if value is None:
        return t("show.no_number")
    if isinstance(value, bool):
        return "true" if value else "false"  # as insurers.toml has it
    return f"{value:g}" if isinstance(value, float) else str(value)


def _limit(limit: Json) -> str:
    word = limit["limit"]
    bare = f"{limit['left']}/{limit['of']} {word}"
    text = t_or(f"limit.{word}", bare, left=limit["left"], of=limit["of"])
    free_at = limit.get("free_at")
    return t("limit.free", limit=text, time=until(free_at)) if free_at else text


def _tenths(elapsed_ms: int) -> str:
    text = f"{elapsed_ms / 1000:.1f}"
    return text.replace(".", ",") if language() == "ru" else text
