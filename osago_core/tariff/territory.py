"""The territories of annex 2 as the data has them, by region.

What finds the one of an address is `lookup`, which is built only when something is looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from osago_core.tariff.located import Located, Unsure
    from osago_core.tariff.lookup import Lookup

Scope = Literal["whole", "places", "rest"]


@dataclass(frozen=True, slots=True)
class Territory:
    """A row of annex 2.

    `scope`: the whole region, the listed places, or the rest of the region. `region_code` is the
    first two digits of KLADR. `fias`, `kladr` (13 digits), `oktmo` (11 digits) and `former` names
    are those of the listed places, in their order; None = no source has that code.
    """

    id: str
    scope: Scope
    region_code: str
    region: str
    region_en: str
    iso: str
    region_fias: str | None
    places: tuple[str, ...] = ()
    fias: tuple[str | None, ...] = ()
    kladr: tuple[str | None, ...] = ()
    oktmo: tuple[str | None, ...] = ()
    former: tuple[tuple[str, ...], ...] = ()

    @property
    def name(self) -> str:
        """A short label: "Tatarstan: Казань", "Tatarstan: other places", "Moscow"."""
        if self.scope == "whole":
            return self.region_en
        return f"{self.region_en}: {', '.join(self.places) or 'other places'}"

    @property
    def name_ru(self) -> str:
        """The same for a Russian reader: "Республика Татарстан: Казань", "Москва"."""
        if self.scope == "whole":
            return self.region
        return f"{self.region}: {', '.join(self.places) or 'прочие города и населённые пункты'}"


@dataclass(frozen=True, slots=True)
class Region:
    """A region and its territories. `oktmo` is what all its OKTMO codes begin with, if known.

    `aliases` are other names of today, `former` those of former times.
    """

    code: str
    ru: str
    en: str
    fias: str | None
    oktmo: str | None
    aliases: tuple[str, ...]
    former: tuple[str, ...]
    territories: tuple[Territory, ...]

    @property
    def rest(self) -> Territory:
        """The territory of every place that is not listed: the rest, or the whole region."""
        return next(t for t in self.territories if t.scope != "places")


class Gazetteer:
    """All territories."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        """Read `territories.json`."""
        self.regions = tuple(map(_region, raw["regions"]))
        self.territories = tuple(t for region in self.regions for t in region.territories)
        self.by_id = {territory.id: territory for territory in self.territories}

    def locate(
        self,
        region: str | None,
        place: str | None,
        *,
        kladr: str | None = None,
        fias: str | None = None,
        oktmo: str | None = None,
    ) -> "Located | Unsure":
        """See `osago_core.tariff.locate`."""
        return self._lookup.locate(region, place, kladr=kladr, fias=fias, oktmo=oktmo)

    @cached_property
    def _lookup(self) -> "Lookup":
        from osago_core.tariff.lookup import Lookup  # which knows territories

        return Lookup(self.regions)


def _region(raw: Mapping[str, Any]) -> Region:
    return Region(
        code=raw["code"],
        ru=raw["ru"],
        en=raw["en"],
        fias=raw["fias"],
        oktmo=raw.get("oktmo"),
        aliases=tuple(raw["aliases"]),
        former=tuple(raw.get("former", ())),
        territories=tuple(_territory(raw, row) for row in raw["territories"]),
    )


def _territory(region: Mapping[str, Any], row: Mapping[str, Any]) -> Territory:
    places = tuple(row.get("places", ()))
    former = row.get("former", {})

    def column(name: str) -> tuple[Any, ...]:  # as long as the places, whatever is missing
        return tuple(islice(chain(row.get(name, ()), repeat(None)), len(places)))

    return Territory(
        id=row["id"],
        scope=row["scope"],
        region_code=region["code"],
        region=region["ru"],
        region_en=region["en"],
        iso=region["iso"],
        region_fias=region["fias"],
        places=places,
        fias=column("fias"),
        kladr=column("kladr"),
        oktmo=column("oktmo"),
        former=tuple(tuple(former.get(place, ())) for place in places),
    )
