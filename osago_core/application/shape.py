"""The shape of an application, read once off the models: places, what they hold, their marks.

Serves whoever walks applications by path: problems, the fingerprint, the redactor.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Tag

from osago_core.application.base import Model
from osago_core.application.marks import PUBLIC, UNRATED, Openness, Personal, Rating

Mark = Personal | Openness | Rating
_SEQUENCES = (list, tuple)


@dataclass(frozen=True)
class Place:
    """What stands under a key: a leaf, or an object of one of several models, or a list of them.

    `tagged` says that pydantic puts the chosen variant into the path of an error.
    """

    marks: frozenset[Mark]
    variants: Mapping[str, type[Model]]
    tagged: bool

    @cached_property
    def personal(self) -> Personal | None:
        """How the value is personal, or None."""
        return next((mark for mark in self.marks if isinstance(mark, Personal)), None)

    @cached_property
    def public(self) -> bool:
        """Whether the place was said to hold nothing personal."""
        return PUBLIC in self.marks

    @cached_property
    def rated(self) -> bool:
        """Whether the value can change the price."""
        return UNRATED not in self.marks


@dataclass
class _Findings:
    marks: set[Mark] = field(default_factory=set)
    variants: dict[str, type[Model]] = field(default_factory=dict)
    tagged: bool = False


@cache
def places_of(model: type[Model]) -> Mapping[str, Place]:
    """Return the places of one model by their keys."""
    places = {}
    for key, info in model.model_fields.items():
        found = _Findings(marks={mark for mark in info.metadata if isinstance(mark, Mark)})
        _look_into(info.annotation, "", found)
        places[key] = Place(frozenset(found.marks), MappingProxyType(found.variants), found.tagged)
    return MappingProxyType(places)


def leaves(model: type[Model], path: str = "") -> Iterator[tuple[str, Place]]:
    """Yield every leaf with its path, such as `drivers[].license.number`.

    A place that is a leaf in one variant and an object in another is yielded as well.
    """
    for key, place in places_of(model).items():
        here = f"{path}.{key}" if path else key
        if place.marks or not place.variants:
            yield here, place
        below = f"{here}[]" if key == "drivers" else here
        for variant in dict.fromkeys(place.variants.values()):
            yield from leaves(variant, below)


def _look_into(annotation: Any, tag: str, found: _Findings) -> None:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        found.marks.update(mark for mark in metadata if isinstance(mark, Mark))
        tags = [item.tag for item in metadata if isinstance(item, Tag)]
        found.tagged = found.tagged or bool(tags)
        _look_into(inner, tags[0] if tags else tag, found)
    elif origin in {Union, UnionType, *_SEQUENCES}:
        for argument in get_args(annotation):
            _look_into(argument, tag, found)
    elif isinstance(annotation, type) and issubclass(annotation, Model):
        found.variants[tag] = annotation
