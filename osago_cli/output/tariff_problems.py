"""Why there is no price, in the user's words: where, and what to do."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from osago_cli.locale import language, t, t_or
from osago_cli.output import tariff_words as words

if TYPE_CHECKING:
    from osago_core.pricing.facts import Problem
    from osago_core.tariff import NoTariff

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


def gap(found: "NoTariff", on: date) -> str:
    """Which table is missing by the tariff of the day `on`."""
    if found.version is None:
        return t("tariff.missing.edition", day=words.day(on.isoformat()))
    version = words.day(found.version)
    if found.table == "TB":
        return t("tariff.missing.base_rate", version=version)
    table, detail = words.tables(found.table), words.tables(found.detail)
    return t("tariff.missing", version=version, table=table, detail=detail)


def _params(params: Mapping[str, str]) -> dict[str, str]:
    """A region by its name in the user's language, and the codes by what they are called."""
    told = dict(params)
    if language() != "ru" and "region_en" in told:
        told["region"] = told["region_en"]
    for key in {"one", "other"} & told.keys():
        told[key] = t_or(f"tariff.says.{told[key]}", told[key])
    return told
