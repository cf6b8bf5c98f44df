"""The JSON Schema of types that pydantic knows nothing of, such as expressions and references.

They are read by validators of their own. Which reads which type is found in the annotations of the
tables, so a new field of a known type needs nothing here.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, PlainValidator

from osago_daemon.insurers.expressions import Expression, Template
from osago_daemon.insurers.rest_spec import RestSpec
from osago_daemon.insurers.secrets import SecretRef

DOCUMENT = "document"
"""The comment that stands for a free document, whose schema refers to itself."""

EXPRESSION = {"type": "string", "minLength": 1, "description": "A JMESPath expression."}
_REFERENCE = {
    "type": "string",
    "pattern": "^[a-z]+:.",
    "description": "Where the secret is, never what it is: env:NAME, file:PATH, …",
}


def schema_of(validator: Any) -> dict[str, Any]:
    """What a validator takes; anything, where its type is not known here."""
    kept = _types().get(validator)
    members = set(get_args(kept)) - {type(None)} or {get_origin(kept) or kept}
    if members == {Expression}:
        return dict(EXPRESSION)
    if members == {Expression, tuple[Expression, ...]}:
        return {"anyOf": [dict(EXPRESSION), {"type": "array", "items": dict(EXPRESSION)}]}
    if members == {Template}:
        return {"$comment": DOCUMENT}
    if members == {SecretRef}:
        return dict(_REFERENCE)
    if members <= {str, SecretRef, re.Pattern}:  # of Python, which `format = regex` is not
        return {"type": "string"}
    return {}


@cache
def _types() -> dict[Any, Any]:
    """Validator → what it makes, of every table that osago itself brings."""
    return dict(_of_model(RestSpec, set()))


def _of_model(model: type[BaseModel], seen: set[type]) -> Iterator[tuple[Any, Any]]:
    if model in seen:
        return
    seen.add(model)
    for field in model.model_fields.values():
        yield from _of(field.annotation, field.metadata, seen)


def _of(annotation: Any, metadata: Any, seen: set[type]) -> Iterator[tuple[Any, Any]]:
    for item in metadata:
        if isinstance(item, PlainValidator):
            yield item.func, annotation
    if get_origin(annotation) is Annotated:
        inner, *around = get_args(annotation)
        yield from _of(inner, around, seen)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _of_model(annotation, seen)
    else:
        for part in get_args(annotation):
            yield from _of(part, (), seen)
