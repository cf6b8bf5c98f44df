"""Which names expressions can read: those of an application are known before there is any.

Only what a path says plainly is judged. What functions, `||` or `*` give may be anything.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from osago_core.application.base import Model
from osago_core.application.model import Application
from osago_core.application.shape import places_of
from osago_daemon.insurers import attempts

_LIST = "drivers"
"""The one list of an application."""


class UnknownNameError(ValueError):
    """A path that leads nowhere, whatever the application."""


@dataclass(frozen=True, slots=True)
class Known:
    """The names of an object, or of every item of a list. None stands for anything."""

    names: Mapping[str, "Known | None"]
    listed: bool = False


def _names_of(models: Iterable[type[Model]]) -> dict[str, Known]:
    """The names of one place; a person, a company and so on share it."""
    below: dict[str, dict[type[Model], None]] = {}
    for model in models:
        for name, place in places_of(model).items():
            below.setdefault(name, {}).update(dict.fromkeys(place.variants.values()))
    return {name: Known(_names_of(found), name == _LIST) for name, found in below.items()}


def _application() -> dict[str, Known]:
    """What `Application.normal_form` gives: two names more than the model has."""
    names = _names_of([Application])
    leaf = Known({})
    period = Known({**names["period"].names, "end_date": leaf})
    return {**names, "period": period, "policyholder_is_owner": leaf}


CALL = ("key", "uuid", "today", "now")
SENT = ("method", "path", "body")


def _known(names: Iterable[str]) -> Known:
    return Known(dict.fromkeys(names, Known({})))


REQUEST = Known(
    {
        **_application(),
        "call": _known(CALL),
        **dict.fromkeys(("kept", "item", "secret")),
        "auth": _known(("token",)),
        attempts.ROOT: _known(attempts.NAMES),
        "index": Known({}),
        "request": _known(SENT),
    }
)
"""What the expressions of a request see: the application, the call, what earlier steps kept, item
and its number in a step with `each`, secrets, the login's token, what is new each time; headers see
what else is sent."""
ANSWER = Known(
    {**dict.fromkeys(("status", "headers", "body", "kept", "item")), "call": _known(CALL)}
)
"""What the expressions over an answer see."""


def did_you_mean(name: str, known: Iterable[str], *, before: str = "") -> str:
    """`; did you mean …?` where a known name is close, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{before}{close[0]}`?" if close else ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a path has come to."""

    path: str
    known: Known


def check_names(node: Mapping[str, Any], known: Known) -> None:
    """Follow every plain path of a syntax tree; raises `UnknownNameError`."""
    _follow(node, _Place("", known))


def _follow(node: Mapping[str, Any], at: _Place | None) -> _Place | None:
    """Where a node leads from a place; None is anywhere."""
    children = node["children"]
    match node["type"]:
        case "field":
            return _named(node["value"], at)
        case "identity" | "current" | "slice":
            return at
        case "index":
            return _item(at)
        case "subexpression" | "index_expression" | "pipe" | "flatten":
            for child in children:
                at = _follow(child, at)
            return at
        case "projection" | "filter_projection":
            item = _item(_follow(children[0], at))
            for condition in children[2:]:
                _follow(condition, item)
            return _list_of(_follow(children[1], item))
        case "value_projection":
            _follow(children[0], at)
        case kind:
            for child in children:  # of an expref, its function decides what it sees
                _follow(child, None if kind == "expref" else at)
    return None


def _named(name: str, at: _Place | None) -> _Place | None:
    if at is None:
        return None
    before = f"{at.path}." if at.path else ""
    if at.known.listed:
        raise UnknownNameError(f"`{at.path}` is a list: write `{at.path}[].{name}`")
    if name not in at.known.names:
        hint = did_you_mean(name, at.known.names, before=before)
        if not hint and at.known.names:
            hint = f"; there is {', '.join(at.known.names)}"
        raise UnknownNameError(f"`{before}{name}` is not known here{hint}")
    known = at.known.names[name]
    return None if known is None else _Place(f"{before}{name}", known)


def _item(at: _Place | None) -> _Place | None:
    if at is None or not at.known.listed:
        return None
    return _Place(f"{at.path.removesuffix('[]')}[]", Known(at.known.names))


def _list_of(at: _Place | None) -> _Place | None:
    return None if at is None else _Place(at.path, Known(at.known.names, listed=True))
