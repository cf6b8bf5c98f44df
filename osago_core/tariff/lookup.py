"""Finding the territory of an address: what all codes and words agree on, or why it is not sure.

A place is never guessed: where nothing decides, or two things decide differently, the answer says
so and offers what may have been meant.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from osago_core.tariff.codes import By, Claim, Codes, Town
from osago_core.tariff.elsewhere import Elsewhere, Listed
from osago_core.tariff.located import MAX_SUGGESTIONS, Located, Unsure
from osago_core.tariff.names import RegionName, Words, words_of
from osago_core.tariff.places import PlaceName
from osago_core.tariff.territory import Region, Territory

if TYPE_CHECKING:
    from osago_core.tariff.suggest import Suggester

_LONGEST_TEXT = 300
"""Longer texts are no address; nothing that takes time is done with them."""


class _Said(NamedTuple):
    """What the words for the place say.

    `town`: a listed one. `village`: that it is no town. `near`: the listed ones that may be meant;
    None where the words are clear. A village with towns near is called like one of them.
    """

    town: Town | None = None
    village: bool = False
    near: tuple[Territory, ...] | None = None


class Lookup:
    """The indexes behind `Gazetteer.locate`."""

    def __init__(self, regions: Iterable[Region]) -> None:
        """Index the regions by code and by name, their towns by every name and code."""
        self._regions = {region.code: region for region in regions}
        self._names: dict[Words, list[tuple[RegionName, str]]] = defaultdict(list)
        self._towns: dict[str, dict[Words, Town]] = {}
        for region in self._regions.values():
            for text in (region.ru, *region.aliases, *region.former):
                name = RegionName.official(text, formal=region.ru)
                self._names[name.words].append((name, region.code))
            self._towns[region.code] = dict(_names_of_towns(region))
        towns = chain.from_iterable(named.values() for named in self._towns.values())
        self._codes = Codes(self._regions.values(), towns)
        self._elsewhere = Elsewhere(self._regions.values())

    @cached_property
    def _suggester(self) -> "Suggester":
        from osago_core.tariff.suggest import Suggester

        return Suggester(self._regions.values())

    def locate(
        self,
        region: str | None,
        place: str | None,
        *,
        kladr: str | None,
        fias: str | None,
        oktmo: str | None,
    ) -> Located | Unsure:
        """See `osago_core.tariff.locate`."""
        region, place = (region or "").strip(), (place or "").strip()
        claims = self._codes.read(kladr, fias, oktmo)
        regions: list[tuple[By, str]] = [(claim.by, claim.region) for claim in claims]
        named = self._codes_named(region)
        regions += [("name", code) for code in named]
        codes = {code for _, code in regions}
        if not codes:
            return self._region_unknown(region, place)
        if len(codes) > 1:
            return self._regions_disagree(claims, regions, place)
        by, code = regions[0]
        if region and not named and self._means_another(region, code):
            found = (*self._of_region(code, place), *self._unknown(region, place))
            return _unsure("codes_disagree", found, one=by, other="name")
        answer = self._in_region(self._regions[code], place, claims, by)
        if isinstance(answer, Unsure) or not place or _settles(claims, words=bool(named)):
            return answer
        return self._if_not_elsewhere(answer, self._regions[code], place)

    def _codes_named(self, text: str) -> list[str]:
        if not text or len(text) > _LONGEST_TEXT:
            return []
        name = RegionName.parse(text)
        known = self._names.get(name.words, ())
        return list(dict.fromkeys(code for official, code in known if name.fits(official)))

    def _means_another(self, text: str, code: str) -> bool:
        """Whether words that are no region's name are near to others', and not to this one's."""
        near = [region.code for region in self._suggester.regions(text[:_LONGEST_TEXT])]
        return bool(near) and code not in near

    def _in_region(
        self, region: Region, place: str, claims: tuple[Claim, ...], by: By
    ) -> Located | Unsure:
        if region.rest.scope == "whole":
            return Located(region.rest, by)
        coded = next((claim for claim in claims if claim.town is not None), None)
        said = self._said(region.code, place) if place else _Said()
        town = coded.town if coded is not None else said.town
        if town is not None:
            decided = "name" if coded is None else coded.by
            other = next((claim.by for claim in claims if not claim.fits(town)), None)
            if other is None and coded is not None and place and _denies(said, coded):
                other = "name"
            if other is None:
                return Located(town.territory, decided)
            found = (town.territory, *_claimed(claims), *_meant(said, region))
            return _unsure("codes_disagree", found, one=decided, other=other)
        if not place:
            return self._unsure_of_place("place_needed", region, _ordered(region, claims))
        if said.near is not None and not _is_apart(said, claims):
            return self._unsure_of_place("place_unclear", region, said.near)
        return Located(region.rest, "name")

    def _if_not_elsewhere(self, found: Located, region: Region, place: str) -> Located | Unsure:
        """What was found, unless the place stands under another region only."""
        others = self._others(region, place)
        if not others:
            return found
        listed = [other.territory for other in others]
        if found.territory.scope == "places":  # a code's, and no words say that it is right
            return _unsure("codes_disagree", (found.territory, *listed), one=found.by, other="name")
        same = [other.territory for other in others if other.name == others[0].name]
        names = {
            "place": others[0].name,
            "elsewhere": ", ".join(territory.region for territory in same),
            "elsewhere_en": ", ".join(territory.region_en for territory in same),
        }
        suggested = (*listed[: MAX_SUGGESTIONS - 1], region.rest)
        return _unsure("place_elsewhere", suggested, region=region.ru, region_en=region.en, **names)

    def _others(self, region: Region, place: str) -> tuple[Listed, ...]:
        """The places of other regions that the words name, which do not say it is a village."""
        if len(place) > _LONGEST_TEXT:
            return ()
        if others := self._elsewhere.find(words_of(place), region.code):
            return others
        for text in (place, *place.replace(";", ",").split(",")):  # "Москва, Зеленоград"
            name = PlaceName.parse(text, lambda part: region.code in self._codes_named(part))
            if name is not None:
                others = () if name.village else self._elsewhere.find(name.words, region.code)
                if others or text == place:
                    return others
        return ()

    def _said(self, code: str, place: str) -> _Said:
        towns = self._towns[code]
        if len(place) > _LONGEST_TEXT:
            return _Said(near=())
        if (town := towns.get(words_of(place))) is not None:
            return _Said(town=town)
        alike: list[Territory] = []
        name = PlaceName.parse(place, lambda text: code in self._codes_named(text))
        if name is not None:
            if not name.village and (town := towns.get(name.words)) is not None:
                return _Said(town=town)
            alike = [town.territory for words, town in towns.items() if name.resembles(words)]
            if name.village and (town := towns.get(name.words)) is not None:
                clear = words_of(town.name) != name.words or name.is_adjective
                return _Said(village=True, near=None if clear else (town.territory,))
            if not alike:
                return _Said(village=name.village)
        near = (*self._suggester.places(place, code), *alike)
        return _Said(near=tuple(dict.fromkeys(near)))

    def _region_unknown(self, region: str, place: str) -> Unsure:
        return _unsure("region_unknown", self._unknown(region, place))

    def _unknown(self, region: str, place: str) -> Iterator[Territory]:
        """What a region that is not known may be, or which town stands where the region should."""
        region, place = region[:_LONGEST_TEXT], place[:_LONGEST_TEXT]
        for near in self._suggester.regions(region):
            yield from self._of_region(near.code, place)
        yield from self._suggester.places(place)
        yield from self._suggester.places(region)
        for near in self._suggester.regions(place):
            yield from self._of_region(near.code, "")

    def _regions_disagree(
        self, claims: tuple[Claim, ...], regions: list[tuple[By, str]], place: str
    ) -> Unsure:
        (one, first), *others = regions
        other = next((by for by, code in others if code != first), one)
        towns = {claim.region: claim.town.territory for claim in claims if claim.town is not None}
        sides = [
            iter((towns[code],)) if code in towns else self._of_region(code, place)
            for code in dict.fromkeys(code for _, code in regions)
        ]
        found = (t for turn in zip_longest(*sides) for t in turn if t is not None)
        if other == one:  # one name of two regions
            return _unsure("region_unknown", found)
        return _unsure("codes_disagree", found, one=one, other=other)

    def _of_region(self, code: str, place: str) -> Iterator[Territory]:
        """What it would be if that were the region."""
        region = self._regions[code]
        if region.rest.scope == "whole":
            yield region.rest
        elif not place:
            yield from _few(_ordered(region, ()), region)
        else:
            yield from _meant(self._said(code, place), region)

    def _unsure_of_place(self, why: str, region: Region, found: Iterable[Territory]) -> Unsure:
        names = {"region": region.ru, "region_en": region.en}
        return _unsure(why, _few(found, region), **names)


def _unsure(why: str, found: Iterable[Territory], **params: str) -> Unsure:
    known = {territory.id: territory for territory in found}
    return Unsure(why, params, tuple(islice(known.values(), MAX_SUGGESTIONS)))


def _few(found: Iterable[Territory], region: Region) -> Iterator[Territory]:
    """As many as there is room for, with the rest of the region last."""
    listed = (territory for territory in found if territory.scope == "places")
    yield from islice(dict.fromkeys(listed), MAX_SUGGESTIONS - 1)
    yield region.rest


def _names_of_towns(region: Region) -> Iterator[tuple[Words, Town]]:
    """The names of listed towns: those of today come last, since they hold if two are the same."""
    towns = [town for territory in region.territories for town in Town.all_of(territory)]
    for territory in region.territories:
        for town in Town.all_of(territory):
            former = territory.former[territory.places.index(town.name)]
            yield from ((words_of(name), town) for name in former)
    yield from ((words_of(town.name), town) for town in towns)


def _denies(said: _Said, coded: Claim) -> bool:
    """Whether the words surely mean another place than the code of a listed town.

    A FIAS id is never another town's by a slip of the pen, and a name that is not listed may be
    that of a part of the town; digits may be, so there the words must name the town.
    """
    town = coded.town
    if said.town is not None:
        return town is None or said.town.territory is not town.territory
    if said.near is not None and not said.village:
        return bool(said.near) and (town is None or town.territory not in said.near)
    return said.village or coded.by != "fias"


def _settles(claims: Iterable[Claim], *, words: bool) -> bool:
    """Whether codes leave no doubt of the region: beside its name, or naming a place in it."""
    return any(words or claim.digits for claim in claims)


def _is_apart(said: _Said, claims: Iterable[Claim]) -> bool:
    """Whether a code says that a village called like a town is not that town."""
    towns = [town for territory in said.near or () for town in Town.all_of(territory)]
    return said.village and any(
        claim.is_village or not any(map(claim.fits, towns)) for claim in claims
    )


def _claimed(claims: Iterable[Claim]) -> Iterator[Territory]:
    return (claim.town.territory for claim in claims if claim.town is not None)


def _meant(said: _Said, region: Region) -> Iterator[Territory]:
    """What the words mean by themselves."""
    if said.town is not None:
        yield said.town.territory
    else:
        yield from _few(said.near or (), region)


def _ordered(region: Region, claims: tuple[Claim, ...]) -> list[Territory]:
    """Territories as one would offer them: what the codes point at, then the chief towns.

    KLADR numbers the chief town of a region first, towns of districts last.
    """

    def rank(territory: Territory) -> tuple[bool, str]:
        towns = tuple(Town.all_of(territory))
        pointed = any(claim.narrows(town) for claim in claims for town in towns)
        return not pointed, min((town.kladr for town in towns if town.kladr), default="9")

    return sorted((t for t in region.territories if t.scope == "places"), key=rank)
