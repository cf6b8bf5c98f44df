"""Problems of a request, in the user's language: `drivers[0].license.number: …`."""

from collections.abc import Iterable, Mapping
from typing import Any

from osago_cli.locale import t_or


def problem_lines(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for each: where, and what to do."""
    return [f"{problem['path']}: {problem_text(problem)}" for problem in problems]


def problem_text(problem: Mapping[str, Any]) -> str:
    """What to do about one problem; English comes with it, other languages by its code."""
    params = problem.get("params") or {}
    return t_or(_key(problem["code"], params), problem["text"], **params)


def _key(code: str, params: Mapping[str, Any]) -> str:
    """Of an application's problems only Russian has texts; this one speaks of our commands."""
    if code == "unknown_insurer":
        return "insurers.unknown_similar" if params.get("nearest") else "insurers.unknown"
    return f"problem.{code}"
