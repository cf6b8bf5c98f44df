"""Expressions of a request that logs in: they see `secret`, what the table's `secrets` lead to."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from osago_daemon.insurers.auth.base import SECRETS
from osago_daemon.insurers.expressions import Expression, ExpressionError, Leaves, Template
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.names import Known, did_you_mean
from osago_daemon.insurers.secrets import NOT_HERE
from osago_daemon.insurers.tables import Located, problems_error, type_name, value_problem

ROOT = "secret"
KNOWN = Known({ROOT: None})
_SOUNDS_SECRET = re.compile(r"passw|pwd|secret|token|api.?key|парол", re.IGNORECASE)
_PARTS = ("headers", "query", "form", "body")


def _expression(raw: Any) -> Expression:
    if isinstance(raw, Expression):
        return raw
    if not isinstance(raw, str):
        raise value_problem(
            f"expected an expression in quotes, got {type_name(raw)}"
            ' (constants are written as "\'text\'" or "`1`")'
        )
    try:
        return Expression(raw, KNOWN)
    except ExpressionError as error:
        raise value_problem(error.text) from None


def _template(raw: Any) -> Template:
    """Compile a document; all bad leaves are reported at once."""
    if isinstance(raw, Template):
        return raw
    problems: list[Located] = []
    root = _leaves(raw, (), problems)
    if problems:
        raise problems_error("template", problems)
    return Template(root)


def _leaves(raw: Any, key: Key, problems: list[Located]) -> Leaves:
    if isinstance(raw, Mapping):
        return {name: _leaves(child, (*key, name), problems) for name, child in raw.items()}
    if isinstance(raw, list):
        return [_leaves(child, (*key, i), problems) for i, child in enumerate(raw)]
    try:
        return _expression(raw)
    except PydanticCustomError as error:
        problems.append((key, error.message()))
        return {}


LoginExpression = Annotated[Expression, PlainValidator(_expression)]
LoginTemplate = Annotated[Template, PlainValidator(_template)]


def name_problems(raw: Mapping[str, Any]) -> Iterator[Located]:
    """Secrets that `secrets` doesn't name, or that stand in the file as they are."""
    secrets = raw.get(SECRETS)
    known = [str(name) for name in secrets] if isinstance(secrets, Mapping) else []
    for part in _PARTS:
        for key, text in _texts(raw.get(part), (part,)):
            try:
                expression = Expression(text, KNOWN)
            except ExpressionError:
                continue  # told by the expression's own check
            for name in sorted(expression.names_under(ROOT) - set(known)):
                hint = did_you_mean(name, known, before=f"{ROOT}.")
                yield key, f"{ROOT}.{name} is not in `{SECRETS}`{hint}"
            if expression.constant and _SOUNDS_SECRET.search(str(key[-1])):
                yield key, NOT_HERE


def _texts(value: object, key: Key) -> Iterator[tuple[Key, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, child in value.items():
            yield from _texts(child, (*key, name))
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from _texts(child, (*key, i))
