"""Finding the personal values in an application, right or wrong, by the marks on its fields."""

from collections.abc import Iterable, Mapping

from osago_core.application.base import Model
from osago_core.application.model import Application
from osago_core.application.redaction.names import words_of
from osago_core.application.redaction.needles import Needles
from osago_core.application.shape import Place, places_of

# Python refuses to print integers of thousands of digits.
_NO_NUMBER_OF_ANYBODY = 10**30

_Models = tuple[type[Model], ...]


def needles_of(raw: object) -> Needles:
    """Collect what must not be seen. In unknown places everything is taken for personal."""
    needles = Needles()
    # A stack instead of recursion: what users send may be nested as deep as they like.
    stack: list[tuple[object, _Models]] = [(raw, (Application,))]
    while stack:
        value, models = stack.pop()
        if isinstance(value, Mapping):
            _add_series_with_number(value, needles)
            _add_glued_names(value, needles)
            for key, inner in value.items():
                places = [places_of(model)[key] for model in models if key in places_of(model)]
                if not _add_leaf(inner, places, needles):
                    stack.append((inner, _models_in(places)))
        elif isinstance(value, list | tuple):
            stack.extend((inner, models) for inner in value)
        elif text := _text_of(value):
            needles.add_code(text)
            needles.names.add(text)
    needles.settle()
    return needles


def _models_in(places: Iterable[Place]) -> _Models:
    return tuple(dict.fromkeys(model for place in places for model in place.variants.values()))


def _add_leaf(value: object, places: list[Place], needles: Needles) -> bool:
    """Take a value in a known place; False if it is none that its place accounts for."""
    if isinstance(value, Mapping | list | tuple):
        return False
    personal = next((place.personal for place in places if place.personal), None)
    if personal is not None:
        if text := _text_of(value):
            needles.add(personal, text)
        return True
    if any(place.public for place in places):
        if isinstance(value, str):
            needles.common.update(words_of(value))
        return True
    return False


def _add_series_with_number(group: Mapping[object, object], needles: Needles) -> None:
    series, number = group.get("series"), group.get("number")
    if isinstance(series, str) and isinstance(number, str):
        needles.add_code(series + number)


def _add_glued_names(group: Mapping[object, object], needles: Needles) -> None:
    """Take a full name as one word: nothing tells where one part of it ends."""
    names = [group.get(f"{part}_name") for part in ("last", "first", "middle")]
    last, first, middle = (name if isinstance(name, str) else "" for name in names)
    if first and last:
        for glued in (last + first + middle, first + middle + last, last + first, first + last):
            needles.add_code(glued)


def _text_of(value: object) -> str:
    """Return how a value shows up in a text; empty for what says nothing about anybody."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int) and abs(value) >= _NO_NUMBER_OF_ANYBODY:
        return ""
    return str(value)
