"""Problems of an application, in the user's language: `drivers[0].license.number: …`."""

from collections.abc import Iterable, Mapping
from typing import Any

from osago_cli.locale import t_or


def problem_lines(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for each: where, and what to do."""
    return [f"{problem['path']}: {problem_text(problem)}" for problem in problems]


def problem_text(problem: Mapping[str, Any]) -> str:
    """What to do about one problem; English comes with it, other languages by its code."""
    params = problem.get("params") or {}
    return t_or(f"problem.{problem['code']}", problem["text"], **params)
