"""Lists and objects in the shape that is wanted."""

from collections.abc import Mapping, Sequence
from typing import Any

from osago_daemon.insurers.functions.declaring import (
    ANY,
    ARRAY,
    ARRAY_OR_NULL,
    OBJECT,
    OBJECT_OR_NULL,
    Declared,
    FunctionError,
    part,
)
from osago_daemon.insurers.nesting import deeper_than

SHAPES = Declared()

MAX_DEPTH = 200
"""Deeper than what an answer or an expression may hold."""


@SHAPES.function("as_list", ANY)
def as_list(value: object) -> list[Any]:
    """A list as it is, nothing for null, else a list of the one: for list-or-object."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@SHAPES.function("object_of", ARRAY, ARRAY)
def object_of(keys: Sequence[object], values: Sequence[object]) -> dict[str, Any]:
    """An object of keys and the values beside them."""
    if len(keys) != len(values):
        raise FunctionError("object_of() expects as many values as keys")
    names = [part("object_of", key) for key in keys]
    found = {name: value for name, value in zip(names, values, strict=True) if name is not None}
    if len(found) != len(names):
        raise FunctionError("object_of() expects keys that are all different, and none null")
    return found


@SHAPES.function("without_nulls", ANY)
def without_nulls(value: object) -> object:
    """The same without nulls in its lists and objects, all the way down."""
    if deeper_than(value, MAX_DEPTH):
        raise FunctionError("without_nulls() got something nested too deeply")
    return _without_nulls(value)


def _without_nulls(value: object) -> object:
    match value:
        case dict():
            return {
                name: _without_nulls(child) for name, child in value.items() if child is not None
            }
        case list():
            return [_without_nulls(child) for child in value if child is not None]
        case _:
            return value


@SHAPES.function("each_with", ARRAY_OR_NULL, OBJECT)
def each_with(items: Sequence[object] | None, more: Mapping[str, Any]) -> list[Any] | None:
    """The objects of a list, each with these entries more and its `index` from 0."""
    if items is None:
        return None
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) < len(items):
        raise FunctionError("each_with() expects a list of objects")
    return [{**item, **more, "index": i} for i, item in enumerate(objects)]


@SHAPES.function("entries", OBJECT_OR_NULL)
def entries(value: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    """An object as a list of `{key, value}`: where they put a code in the place of a name."""
    return None if value is None else [{"key": k, "value": v} for k, v in value.items()]
