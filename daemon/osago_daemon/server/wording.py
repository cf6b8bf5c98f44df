"""What is wrong with a parameter, in words that do not presuppose pydantic."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from pydantic_core import ErrorDetails

_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "bool_parsing": "expected true or false",
        "bool_type": "expected true or false",
        "dict_type": "expected an object",
        "float_parsing": "expected a number",
        "float_type": "expected a number",
        "finite_number": "expected a finite number",
        "int_from_float": "expected a whole number",
        "int_parsing": "expected a whole number",
        "int_type": "expected a whole number",
        "greater_than": "must be more than {gt:g}",
        "greater_than_equal": "must be at least {ge:g}",
        "less_than_equal": "must be at most {le:g}",
        "literal_error": "must be one of: {expected}",
        "model_type": "expected an object",
        "string_too_long": "must have at most {max_length} characters",
        "string_too_short": "must not be empty",
        "string_type": "expected a string",
        "too_long": "must have at most {max_length} entries",
        "too_short": "must have at least {min_length} entry",
        "tuple_type": "expected a list",
    }
)


def param_text(error: ErrorDetails, unknown: Iterable[str]) -> str:
    """A sentence for one of pydantic's errors; `unknown` are parameters that nobody asked for."""
    if error["type"] == "missing":
        near = get_close_matches(str(error["loc"][-1]), unknown, n=1)
        return f"is required; `{near[0]}` is no parameter" if near else "is required"
    template = _TEXTS.get(error["type"])
    return template.format(**error.get("ctx", {})) if template else error["msg"]
