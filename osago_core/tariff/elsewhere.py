"""Names that stand under one region of the tariff, asked for under another.

"Новосибирская область, Кемерово": one of the two is wrong, or it is a village of the same name.
Nothing in the data tells how likely a namesake is, so every such name is asked about. The price is
a question for real namesakes ("Калужская область, Киров"); their kind ("пос. Октябрьский") or a
code of the region answers it. Not asking would cost a wrong figure that nobody notices.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from osago_core.tariff.names import RegionName, Words, words_of
from osago_core.tariff.territory import Region, Territory

NICKNAMES = {"78": ("Питер", "СПб")}
"""What people call cities that are regions, by code of the region; official nowhere."""


class Listed(NamedTuple):
    """A place of the tariff: its name of today, its territory."""

    name: str
    territory: Territory


class Elsewhere:
    """All places of the tariff by every name: listed ones, and regions that are cities."""

    def __init__(self, regions: Iterable[Region]) -> None:
        """Index them, names of today before former ones."""
        regions = tuple(regions)
        self._known: dict[Words, dict[str, Listed]] = defaultdict(dict)
        for name, listed in chain(_of_today(regions), _of_old(regions)):
            self._known[words_of(name)].setdefault(listed.territory.region_code, listed)

    def find(self, name: Words, region: str) -> tuple[Listed, ...]:
        """The places of other regions called so; none where this region has one as well."""
        known = self._known.get(name)
        return () if known is None or region in known else tuple(known.values())


def _of_today(regions: Iterable[Region]) -> Iterator[tuple[str, Listed]]:
    for region in regions:
        if _is_city(region):
            names = (region.ru, *region.aliases, *NICKNAMES.get(region.code, ()))
            yield from ((name, Listed(region.ru, region.rest)) for name in names)
        for territory in region.territories:
            yield from ((place, Listed(place, territory)) for place in territory.places)


def _of_old(regions: Iterable[Region]) -> Iterator[tuple[str, Listed]]:
    for region in regions:
        if _is_city(region):
            yield from ((name, Listed(region.ru, region.rest)) for name in region.former)
        for territory in region.territories:
            for place, former in zip(territory.places, territory.former, strict=True):
                yield from ((name, Listed(place, territory)) for name in former)


def _is_city(region: Region) -> bool:
    return RegionName.official(region.ru, formal=region.ru).kinds == {"city"}
