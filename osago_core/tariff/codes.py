"""What KLADR, FIAS and OKTMO codes say about a place: the region, a listed town, or less.

Of codes that are not those of listed towns only what contradicts a town is used: KLADR no longer
grows, OKTMO codes change with every reform of municipalities, so that a code which is not known
here is no proof that a place is not listed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from osago_core.tariff.territory import Region, Territory

By = Literal["fias", "kladr", "oktmo", "name"]

_KLADR = re.compile(r"[0-9]{2,19}")
_KLADR_OBJECT, _KLADR_STREET, _KLADR_HOUSE = 13, 17, 19
_KLADR_PLACE = 11
"""Digits of region, district, town and settlement; the street follows, or 2 digits of age."""
_KLADR_LEVELS = (8, 5)
_OKTMO = re.compile(r"[0-9]{8}(?:[0-9]{3})?")
_OKTMO_LEVELS = (8, 6, 5, 3)
"""Municipality, group of them, district, group of them. Sources: see data/README.md."""


@dataclass(frozen=True, slots=True)
class Town:
    """A listed place."""

    name: str
    territory: Territory
    fias: str | None
    kladr: str | None
    oktmo: str | None

    @classmethod
    def all_of(cls, territory: Territory) -> "Iterator[Town]":
        """Every listed place of a territory."""
        columns = (territory.places, territory.fias, territory.kladr, territory.oktmo)
        for name, fias, kladr, oktmo in zip(*columns, strict=True):
            yield cls(name, territory, fias, kladr, oktmo)


class Claim(NamedTuple):
    """What one code says. `digits`: how the codes of the places begin that it may mean."""

    by: By
    region: str
    town: Town | None = None
    digits: str = ""

    def fits(self, town: Town) -> bool:
        """Whether it may be that town for all this code says."""
        if self.town is not None:
            return self.town.territory is town.territory
        known = {"kladr": town.kladr, "oktmo": town.oktmo}.get(self.by)
        return known is None or known.startswith(self.digits)

    @property
    def is_village(self) -> bool:
        """Whether it is KLADR's for a settlement below the level where all towns stand."""
        return self.by == "kladr" and self.town is None and len(self.digits) == _KLADR_PLACE

    def narrows(self, town: Town) -> bool:
        """Whether it says more than the region, and that fits."""
        return bool(self.digits) and self.fits(town)


class Codes:
    """The codes of all regions and listed towns."""

    def __init__(self, regions: Iterable[Region], towns: Iterable[Town]) -> None:
        """Index them."""
        regions, towns = tuple(regions), tuple(towns)
        self._kladr_regions = {region.code for region in regions}
        self._fias_regions = {region.fias: region.code for region in regions if region.fias}
        self._oktmo_regions = {region.oktmo: region.code for region in regions if region.oktmo}
        self._kladr = {town.kladr[:_KLADR_PLACE]: town for town in towns if town.kladr}
        self._fias = {town.fias: town for town in towns if town.fias}
        self._oktmo = {town.oktmo: town for town in towns if town.oktmo}

    def read(self, kladr: str | None, fias: str | None, oktmo: str | None) -> tuple[Claim, ...]:
        """What each code says, the surest first. Codes that say nothing here are left out."""
        said = (
            self._read_fias(fias.strip().lower()) if fias else None,
            self._read_kladr(kladr.strip()) if kladr else None,
            self._read_oktmo(oktmo.strip()) if oktmo else None,
        )
        return tuple(claim for claim in said if claim is not None)

    def _read_fias(self, code: str) -> Claim | None:
        town = self._fias.get(code)
        if town is not None:
            return Claim("fias", town.territory.region_code, town)
        region = self._fias_regions.get(code)
        return None if region is None else Claim("fias", region)

    def _read_kladr(self, code: str) -> Claim | None:
        region = code[:2]
        if region not in self._kladr_regions or not _KLADR.fullmatch(code):
            return None
        if not _is_whole_kladr(code):
            return Claim("kladr", region)
        place = code[:_KLADR_PLACE]
        digits = _without_zeros(place, _KLADR_LEVELS, region)
        return Claim("kladr", region, self._kladr.get(place), digits)

    def _read_oktmo(self, code: str) -> Claim | None:
        if not _OKTMO.fullmatch(code):
            return None
        start = next((s for s in (code[:3], code[:2]) if s in self._oktmo_regions), None)
        if start is None:
            return None
        digits = _without_zeros(code, _OKTMO_LEVELS, start)
        return Claim("oktmo", self._oktmo_regions[start], self._oktmo.get(code), digits)


def _is_whole_kladr(code: str) -> bool:
    if len(code) == _KLADR_OBJECT:
        return code.endswith("00")  # else a record out of date: what became of it nobody can tell
    return len(code) in {_KLADR_STREET, _KLADR_HOUSE}


def _without_zeros(code: str, levels: Iterable[int], region: str) -> str:
    """A code without the levels it leaves open; "" where it names no more than the region."""
    if not code[len(region) :].strip("0"):
        return ""
    for level in levels:
        if not code[level:].strip("0"):
            code = code[:level]
    return code
