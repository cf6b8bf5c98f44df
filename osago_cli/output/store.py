"""How the store that daemons share is doing, and sizes, in the user's words."""

from collections.abc import Mapping
from typing import Any

from osago_cli.locale import language, t, t_or
from osago_cli.output import wording

Json = Mapping[str, Any]

_KIBI = 1024


def place(store: Json) -> str:
    """What it is and where."""
    kind = store["kind"]
    return f"{t_or(f'store.{kind}', kind)}, {store['place']}"


def state(store: Json) -> str:
    """Whether it is there, since when not, and why or what is worth knowing."""
    text = t_or(f"store.{store['state']}", store["state"])
    since, reason = store.get("away_since"), store.get("reason")
    if store["state"] == "away" and since:
        text = t("store.away_since", time=wording.clock(since))
    return f"{text}: {reason}" if reason else text


def alarm(store: Json | None) -> str | None:
    """What an administrator must not overlook; None where all is well."""
    if store is None or store["state"] != "away":
        return None
    return t("store.alarm", state=state(store).rstrip("."))


def size(count: int) -> str:
    """Bytes for people: `980 B`, `1.2 KB`, `3.4 MB`."""
    if count < _KIBI:
        return t("size.b", size=count)
    unit, value = ("kb", count / _KIBI) if count < _KIBI**2 else ("mb", count / _KIBI**2)
    text = f"{value:.1f}"
    return t(f"size.{unit}", size=text.replace(".", ",") if language() == "ru" else text)
