"""Which dictionaries the expressions of a file find: `look_up('NAME', …)` bound to its dictionary.

The settings say what there is while they read a file. An expression keeps the dictionaries it was
compiled with, so a quote that is under way ends with the words it began with.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, TypeAlias

from osago_daemon.insurers.functions.dictionaries import Dictionary, LookUp
from osago_daemon.insurers.names import UnknownNameError, did_you_mean

Node: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str, ...]

SHOWN: frozenset[Path] = frozenset({("vehicle", "brand"), ("vehicle", "model")})
"""What a text may show when a dictionary has no entry for it: these say nothing of a person."""

_NONE: Mapping[str, Dictionary] = MappingProxyType({})
_dictionaries: ContextVar[Mapping[str, Dictionary]] = ContextVar("dictionaries", default=_NONE)


@contextmanager
def using(dictionaries: Mapping[str, Dictionary]) -> Iterator[None]:
    """Expressions compiled in here find these dictionaries, and no others."""
    token = _dictionaries.set(dictionaries)
    try:
        yield
    finally:
        _dictionaries.reset(token)


def bound(node: Node, *, of_request: bool) -> Node:
    """The tree with every name of a dictionary replaced by it; raises `UnknownNameError`.

    `of_request`: it reads an application, of which is known what may be shown.
    """
    children = [
        bound(child, of_request=of_request) if isinstance(child, dict) else child
        for child in node["children"]
    ]
    if node["type"] == "function_expression" and node["value"] == "look_up":
        shown = of_request and _is_shown(children[1])
        table = LookUp(_dictionary(children[0]), shown)
        children = [{"type": "literal", "value": table, "children": []}, *children[1:]]
    return {**node, "children": children}


def _dictionary(node: Node) -> Dictionary:
    name = node["value"] if node["type"] == "literal" else None
    if not isinstance(name, str):
        raise UnknownNameError("look_up() takes the name of a dictionary in quotes first")
    known = _dictionaries.get()
    if name not in known:
        hint = did_you_mean(name, known)
        if not hint:
            hint = f"; there is {', '.join(known)}" if known else ": add [dictionaries.NAME]"
        raise UnknownNameError(f"there is no dictionary `{name}`{hint}")
    return known[name]


def _is_shown(node: Node) -> bool:
    """Whether a value is made of nothing but constants and what may be shown."""
    match node:
        case {"type": "literal"}:
            return True
        case {"type": "subexpression", "children": children}:
            return tuple(child.get("value") for child in children) in SHOWN and all(
                child["type"] == "field" for child in children
            )
        case {"type": "function_expression" | "multi_select_list" | "or_expression"}:
            return all(map(_is_shown, node["children"]))
        case _:
            return False
