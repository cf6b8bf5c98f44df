"""Why there is no price, in the user's words: where, and what to do."""

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from osago_cli.locale import language, t, t_or
from osago_cli.output import tariff_words as words

if TYPE_CHECKING:
    from osago_core.pricing.facts import Problem
    from osago_core.tariff import NoTariff

_DRIVER = re.compile(r"age (-?\d+), (-?\d+) years of driving")

_OPTIONS = {
    "changes.drivers": "--drivers",
    "changes.use_months": "--months",
    "changes.kbm_class": "--kbm-class",
    "changes.claims": "--claims",
}
"""A change stands on the command line."""


def line(problem: "Problem") -> str:
    """One problem: `owner.address: …`."""
    path = _OPTIONS.get(problem.path, problem.path)
    text = words.problem(problem.code, problem.text, _params(problem.params))
    if problem.suggestions and text != problem.text:  # whose own words name them already
        russian = language() == "ru"
        names = "; ".join(each.name_ru if russian else each.name for each in problem.suggestions)
        text = t("tariff.suggested", text=text, suggestions=names)
    return f"{path}: {text}" if path else text


def gap(found: "NoTariff", on: date, edict: str = "", since: date | None = None) -> str:
    """Which table is missing by the tariff of the day `on`, and since when there is none missing.

    `edict`: that of the edition that lacks it. `since`: None where that would be no help.
    """
    hint = t("tariff.missing.other_day")
    if since is not None and since > on:
        hint = t("tariff.missing.since", since=words.day(since.isoformat()))
    if found.version is None:
        return t("tariff.missing.edition", day=words.day(on.isoformat()), hint=hint)
    table = t_or(f"tariff.table.{found.table}", words.tables(found.table))
    version, name = words.day(found.version), words.edict_name(edict)
    return t("tariff.missing", version=version, edict=name, table=table, hint=hint)


def _params(params: Mapping[str, str]) -> dict[str, str]:
    """A region by its name in the user's language, and the codes by what they are called."""
    told = dict(params)
    if language() != "ru" and "region_en" in told:
        told["region"] = told["region_en"]
    if found := _DRIVER.fullmatch(told.get("detail", "")):
        told["detail"] = t("tariff.reason.kvs_driver", age=found[1], experience=found[2])
    for key in {"one", "other"} & told.keys():
        told[key] = t_or(f"tariff.says.{told[key]}", told[key])
    return told
