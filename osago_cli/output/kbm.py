"""Which KBM the insurers of a run used, told where they disagree with each other or with us.

What is ours is read from the events: the daemon calculated, and the client knows no application.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from osago_cli import plurals
from osago_cli.locale import t
from osago_cli.output.checks import KBM_CODES, with_class
from osago_cli.run_view import RunView

if TYPE_CHECKING:
    from osago_core.pricing.agreement import Agreement, Group

Json = Mapping[str, Any]


class Ours(NamedTuple):
    """What the daemon held against the insurers' KBM."""

    value: Decimal | None
    presumed: bool


def note(view: RunView) -> str:
    """One line for people; empty where insurers agree, or say nothing."""
    ours = _ours(view)
    found = _disagreement(view, ours)
    if found is None:
        return ""
    if found.ours is None:
        return t("kbm.insurers_differ", groups=_worded(found.groups))
    if ours.presumed:
        presumed = with_class(found.ours, "/".join(found.our_classes))
        groups = [group._replace(ours=False) for group in found.groups]
        return t("kbm.presumed", ours=presumed, groups=_worded(groups))
    agreeing = [group for group in found.groups if group.ours]
    words = _worded([*found.differing, *agreeing])
    if not agreeing:
        value = with_class(found.ours, "/".join(found.our_classes))
        words += "; " + t("kbm.group_ours", value=value, insurers=t("kbm.nobody"))
    differing = sum(len(group.insurers) for group in found.differing)
    key = "kbm.differ_one" if plurals.form(differing) == "one" else "kbm.differ"
    return t(key, differing=differing, asked=found.asked, groups=words)


def document(view: RunView) -> dict[str, Any] | None:
    """The same for programs: insurers by id; None where insurers agree, or say nothing.

    `{"ours": 0.46, "presumed": false, "groups": [{"value": 1.17, "classes": ["3"], "ours": false,
    "insurers": ["snegir"]}]}`; the value used most is first; `ours` is null where it is unknown.
    """
    ours = _ours(view)
    found = _disagreement(view, ours, names=False)
    if found is None:
        return None
    return {
        "ours": None if found.ours is None else float(found.ours),
        "presumed": ours.presumed,
        "groups": [
            group._asdict() | {"value": float(group.value), "insurers": list(group.insurers)}
            for group in found.groups
        ],
    }


def _disagreement(view: RunView, ours: Ours, *, names: bool = True) -> "Agreement | None":
    offers = [offer for offer in view.of_type("offer") if _reported(offer) is not None]
    if not offers:
        return None
    from osago_core.pricing.agreement import agreement

    told = _told_classes(offers)
    found = agreement(
        [(view.name(o["insurer"]) if names else o["insurer"], o["coefficients"]) for o in offers],
        ours.value,
        lambda value: told[value] if value in told else _classes(value, offers[0].get("at")),
    )
    return None if found is None or found.unanimous else found


def _ours(view: RunView) -> Ours:
    """From what differs; else from an offer that was held against the tariff and does not."""
    same = None
    for offer in view.of_type("offer"):
        for check in _kbm_checks(offer):
            return Ours(Decimal(check["params"]["ours"]), check["code"] == "kbm_reported")
        if offer.get("tariff"):
            same = same if same is not None else _reported(offer)
    return Ours(same, presumed=False)


def _told_classes(offers: list[Json]) -> dict[Decimal, tuple[str, ...]]:
    """By the daemon's own tables, which need not be those that were shipped."""
    told = {}
    for check in (check for offer in offers for check in _kbm_checks(offer)):
        for whose in ("theirs", "ours"):
            kbm_class = check["params"].get(f"{whose}_class", "")
            told[Decimal(check["params"][whose])] = tuple(kbm_class.split("/")) if kbm_class else ()
    return told


@cache
def _classes(value: Decimal, at: str | None) -> tuple[str, ...]:
    """By the shipped tables of that day, where the daemon has not said it."""
    from osago_core.moscow import moscow_day
    from osago_core.pricing.kbm import classes_of
    from osago_core.tariff import NoTariff, tariff_on

    if at is None:
        return ()
    try:
        return classes_of(value, tariff_on(moscow_day(datetime.fromisoformat(at))))
    except NoTariff:
        return ()


def _reported(offer: Json) -> Decimal | None:
    told = {
        name.strip().lower(): value for name, value in (offer.get("coefficients") or {}).items()
    }
    return Decimal(str(told["kbm"])) if "kbm" in told else None


def _kbm_checks(offer: Json) -> Iterator[Json]:
    return (check for check in offer.get("checks", ()) if check["code"] in KBM_CODES)


def _worded(groups: "list[Group] | tuple[Group, ...]") -> str:
    return "; ".join(
        t(
            "kbm.group_ours" if group.ours else "kbm.group",
            value=with_class(group.value, "/".join(group.classes)),
            insurers=", ".join(group.insurers),
        )
        for group in groups
    )
