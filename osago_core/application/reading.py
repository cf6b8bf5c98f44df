"""Pydantic's errors in the words of this project: plain paths, own codes, sentences for people."""

from collections.abc import Sequence
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from osago_core.application.base import Model
from osago_core.application.problems import MAX_PROBLEMS, PROBLEM_CODES, Problem, problem
from osago_core.application.shape import places_of

_LONGEST_KEY = 40
_SIMILAR = 0.55  # difflib's own 0.6 misses `lisence`

_CODES = {
    "model_type": "expected_object",
    "dict_type": "expected_object",
    "tuple_type": "expected_list",
    "string_type": "expected_text",
    "string_unicode": "bad_characters",
    "string_too_long": "text_too_long",
    "int_type": "expected_whole_number",
    "bool_type": "expected_true_or_false",
    "literal_error": "invalid_value",
    "none_required": "epts_has_no_series",
    "greater_than_equal": "number_too_small",
    "less_than_equal": "number_too_large",
}
_LIMITS = ("ge", "le", "max_length")

# Pydantic's note that a default was not worked out because something else is wrong.
_NOISE = "default_factory_not_called"


def problems_of(error: ValidationError, root: type[Model]) -> list[Problem]:
    """Translate the errors; one more than MAX_PROBLEMS at most, which says that there are more."""
    details = error.errors(include_url=False, include_input=False)
    relevant = [detail for detail in details if detail["type"] != _NOISE]
    return [_problem_of(detail, root) for detail in relevant[: MAX_PROBLEMS + 1]]


def _problem_of(detail: ErrorDetails, root: type[Model]) -> Problem:
    path, model = _locate(detail["loc"], root)
    kind = detail["type"]
    if kind == "missing":
        return problem(path, "missing_field", field=str(detail["loc"][-1]))
    if kind == "extra_forbidden":
        return _unknown_field(path, str(detail["loc"][-1]), model)
    context = detail.get("ctx", {})
    if kind in PROBLEM_CODES:
        return problem(path, kind, **context)
    code = _CODES.get(kind, "invalid_value")
    limit = next((context[key] for key in _LIMITS if key in context), None)
    return problem(path, code) if limit is None else problem(path, code, limit=limit)


def _unknown_field(path: str, key: str, model: type[Model]) -> Problem:
    field = _shorten(key)
    similar = get_close_matches(field.lower(), places_of(model), n=1, cutoff=_SIMILAR)
    if similar:
        return problem(path, "unknown_field_similar", field=field, suggestion=similar[0])
    return problem(path, "unknown_field", field=field)


def _locate(loc: Sequence[str | int], root: type[Model]) -> tuple[str, type[Model]]:
    """Return the path without pydantic's tags of variants, and the model that path ends in."""
    path, model = "", root
    steps = iter(loc)
    for key in steps:
        name = _shorten(str(key))
        path = f"{path}.{name}" if path else name
        place = places_of(model).get(str(key))
        if place is None or not place.variants:
            break
        tag = str(next(steps, "")) if place.tagged else ""
        if tag == "list":
            index = next(steps, None)
            path += "" if index is None else f"[{index}]"
        model = place.variants.get(tag, model)
    return path, model


def _shorten(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else key[: _LONGEST_KEY - 1] + "…"
