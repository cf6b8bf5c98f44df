"""Problems of a request, in the user's language: `drivers[0].license.number: …`."""

from collections.abc import Iterable, Mapping
from typing import Any

from osago_cli import plurals
from osago_cli.locale import language, t, t_or


def problem_lines(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for each: where, and what to do."""
    return [f"{problem['path']}: {problem_text(problem)}" for problem in problems]


def config_lines(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    """Of insurers.toml, as `osago config check` says them: `insurers.toml:12: insurers.a: …`."""
    lines = []
    for problem in problems:
        params = problem.get("params") or {}
        parts = (params.get("file"), params.get("line"), params.get("column"))
        place = ":".join(str(part) for part in parts if part)
        lines.append(": ".join(part for part in (place, problem["path"], problem["text"]) if part))
    return lines


def problem_text(problem: Mapping[str, Any]) -> str:
    """What to do about one problem; English comes with it, other languages by its code."""
    params = problem.get("params") or {}
    if problem["code"] == "digit_count" and language() == "ru":
        params = {**params, "count": _digits(str(params.get("count", "")))}
    key = _key(problem["code"], params)
    text = t_or(key, t_or(f"tariff.{key}", "", **params), **params)
    if not text:
        return str(problem["text"])
    if suggestions := params.get("suggestions_ru" if language() == "ru" else "suggestions"):
        return t("tariff.suggested", text=text, suggestions=suggestions)
    return text


_DIGITS = {"one": "цифру", "few": "цифры", "many": "цифр"}


def _digits(count: str) -> str:
    """`13, 17 или 19 цифр`, of `13 or 17 or 19`; the last number decides on the form."""
    *others, last = count.split(" or ")
    if not last.isdecimal():  # a newer daemon's own words
        return count
    listed = " или ".join(filter(None, (", ".join(others), last)))
    return f"{listed} {_DIGITS[plurals.form(int(last))]}"


def _key(code: str, params: Mapping[str, Any]) -> str:
    """Of an application's problems only Russian has texts; this one speaks of our commands."""
    if code == "unknown_insurer":
        return "insurers.unknown_similar" if params.get("nearest") else "insurers.unknown"
    if code == "has_members":
        return "insurers.has_members"
    return f"problem.{code}"
