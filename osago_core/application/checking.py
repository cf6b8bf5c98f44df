"""Checking an application: fields by pydantic, then facts against each other; all at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from pydantic import ValidationError

from osago_core.application.base import is_blank
from osago_core.application.facts import facts_of
from osago_core.application.model import Application
from osago_core.application.period import earliest_start
from osago_core.application.problems import MAX_PROBLEMS, WARNING_CODES, Problem, problem
from osago_core.application.reading import problems_of
from osago_core.application.rules import cross_check

_SECTIONS = tuple(Application.model_fields)


@dataclass(frozen=True, slots=True)
class Valid:
    """An application that insurers can be asked about."""

    application: Application
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Invalid:
    """Everything that is wrong, in the order of the application. At least one problem."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


Checked = Valid | Invalid


def check(data: object, *, today: date) -> Checked:
    """Check what a user wrote (decoded JSON) and bring it into normal form. Never raises.

    `today` is the day of the application in Moscow. A start date left out becomes the 4th day
    after it.
    """
    raw = _with_start_date(data, today)
    application, problems = _read(raw)
    found = list(cross_check(facts_of(raw), today))
    problems += [each for each in found if each.code not in WARNING_CODES]
    warnings = tuple(each for each in found if each.code in WARNING_CODES)
    if application is None or problems:
        return Invalid(_in_order(problems), warnings)
    return Valid(application, warnings)


def _read(raw: object) -> tuple[Application | None, list[Problem]]:
    try:
        return Application.model_validate(raw), []
    except ValidationError as error:
        return None, problems_of(error, Application)


def _with_start_date(data: object, today: date) -> object:
    if not isinstance(data, Mapping):
        return data
    period = data.get("period")
    if is_blank(period):
        period = {}
    if not isinstance(period, Mapping) or not is_blank(period.get("start_date")):
        return data
    filled = {**cast("Mapping[str, object]", period), "start_date": earliest_start(today)}
    return {**cast("Mapping[str, object]", data), "period": filled}


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Sort by section, and keep the list to a length that somebody reads."""
    ordered = tuple(sorted(problems, key=_section))
    if len(ordered) <= MAX_PROBLEMS:
        return ordered
    return (*ordered[:MAX_PROBLEMS], problem("", "too_many_problems", limit=MAX_PROBLEMS))


def _section(each: Problem) -> int:
    name = each.path.partition(".")[0].partition("[")[0]
    return _SECTIONS.index(name) if name in _SECTIONS else len(_SECTIONS)
