"""Territories of annex 2 and finding the one of an address: exactly, never by a guess."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from osago_core.tariff.names import RegionName, Words, words_of
from osago_core.tariff.places import PlaceName

Scope = Literal["whole", "places", "rest"]


@dataclass(frozen=True, slots=True)
class Territory:
    """A row of annex 2.

    `scope`: the whole region, the listed places, or the rest of the region. `region_code` is the
    first two digits of KLADR; `fias` are ids of the listed places, in their order.
    """

    id: str
    scope: Scope
    region_code: str
    region: str
    region_en: str
    iso: str
    region_fias: str | None
    places: tuple[str, ...] = ()
    fias: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A short label: "Tatarstan: Казань", "Tatarstan: other places", "Moscow"."""
        if self.scope == "whole":
            return self.region_en
        return f"{self.region_en}: {', '.join(self.places) or 'other places'}"


class Gazetteer:
    """All territories, with indexes for looking one up."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        """Index `territories.json`."""
        self.territories = tuple(t for region in raw["regions"] for t in _territories(region))
        self.by_id = {territory.id: territory for territory in self.territories}
        self._names: dict[Words, list[tuple[RegionName, str]]] = {}
        self._region_fias: dict[str, str] = {}
        self._towns: dict[str, dict[Words, Territory]] = defaultdict(dict)
        self._else: dict[str, Territory] = {}
        self._fias: dict[str, Territory] = {}
        for region in raw["regions"]:
            self._add_region(region)
        for territory in self.territories:
            self._add_territory(territory)

    def find(
        self, region: str | None, place: str | None, kladr: str | None, fias: str | None
    ) -> Territory | None:
        """See `osago_core.tariff.find_territory`."""
        listed = self._fias.get(fias.lower()) if fias else None
        codes = set(self._region_codes(region, kladr, fias))
        if listed is not None:
            return listed if codes <= {listed.region_code} else None
        if len(codes) != 1:
            return None
        return self._in_region(codes.pop(), place)

    def _region_codes(self, region: str | None, kladr: str | None, fias: str | None) -> list[str]:
        found = []
        if kladr and kladr[:2] in self._else:
            found.append(kladr[:2])
        if fias and fias.lower() in self._region_fias:
            found.append(self._region_fias[fias.lower()])
        if region:
            found += self._codes_named(region)
        return found

    def _codes_named(self, text: str) -> list[str]:
        name = RegionName.parse(text)
        known = self._names.get(name.words, ())
        return [code for official, code in known if name.fits(official)]

    def _in_region(self, code: str, place: str | None) -> Territory | None:
        other = self._else[code]
        if other.scope == "whole":
            return other
        if place is None or not place.strip():
            return None  # a town of its own or the rest: nobody can tell
        name = PlaceName.parse(place, lambda text: code in self._codes_named(text))
        if name is None:
            return None
        towns = self._towns[code]
        if not name.village and name.words in towns:
            return towns[name.words]
        return None if any(map(name.resembles, towns)) else other

    def _add_region(self, region: Mapping[str, Any]) -> None:
        code = region["code"]
        if region["fias"]:
            self._region_fias[region["fias"]] = code
        for text in (region["ru"], *region["aliases"]):
            name = RegionName.official(text, formal=region["ru"])
            self._names.setdefault(name.words, []).append((name, code))

    def _add_territory(self, territory: Territory) -> None:
        if territory.scope != "places":
            self._else[territory.region_code] = territory
        self._fias.update(dict.fromkeys(territory.fias, territory))
        for place in territory.places:
            self._towns[territory.region_code][words_of(place)] = territory


def _territories(region: Mapping[str, Any]) -> list[Territory]:
    return [
        Territory(
            id=row["id"],
            scope=row["scope"],
            region_code=region["code"],
            region=region["ru"],
            region_en=region["en"],
            iso=region["iso"],
            region_fias=region["fias"],
            places=tuple(row.get("places", ())),
            fias=tuple(row.get("fias", ())),
        )
        for row in region["territories"]
    ]
