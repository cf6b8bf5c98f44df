"""The tariff's files: read lazily, each at most once. The shipped ones, or a folder of one's own.

A new edict is a new file in `editions/` (and `kt/` where territories change); see data/README.md.
"""

import json
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NoReturn

from osago_core.tariff.edition import Edition
from osago_core.tariff.errors import NoTariff
from osago_core.tariff.located import Located, Unsure
from osago_core.tariff.tariff import Tariff
from osago_core.tariff.territory import Gazetteer, Territory

SHIPPED = Path(__file__).parent / "data"


class TariffBook:
    """All editions of the tariff in one folder, laid out like `data/`."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        """Nothing is read yet."""
        self.folder = folder
        self._editions: dict[str, Edition] = {}
        self._rates: dict[str, dict[str, Any]] = {}

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """The editions there are, oldest first, as ISO dates: the names of their files."""
        return tuple(sorted(path.stem for path in (self.folder / "editions").glob("*.json")))

    def on(self, day: date) -> Tariff:
        """Return the tariff in force on a day. Raises NoTariff where none can be used."""
        version = max((v for v in self.versions if v <= day.isoformat()), default=None)
        if version is None:
            raise NoTariff("edition", None, f"none in force on {day}")
        edition = self.edition(version)
        if not edition.has("TB"):
            raise NoTariff("TB", version, f"the base rates of {edition.edict} are not known")
        return Tariff(edition, self.gazetteer)

    def edition(self, version: str) -> Edition:
        """Return an edition by its version."""
        if version not in self._editions:
            self._editions[version] = Edition(self, self.read(f"editions/{version}.json"))
        return self._editions[version]

    def territory_rows(self, version: str) -> dict[str, Any]:
        """Return the rows of KT by territory id, as in the file."""
        if version not in self._rates:
            rows = self.read(f"kt/{version}.json")["rows"]
            self._rates[version] = {row["id"]: row for row in rows}
        return self._rates[version]

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The territories and their index."""
        return Gazetteer(self.read("territories.json"))

    def hold(self) -> None:
        """Read everything now: what becomes of the folder later changes nothing.

        Raises what reading raises; not where `validate.problems` has none.
        """
        for version in self.versions:
            self.edition(version)
        for path in sorted((self.folder / "kt").glob("*.json")):
            self.territory_rows(path.stem)
        self.gazetteer.by_id  # noqa: B018  # read with the first use

    def read(self, name: str) -> dict[str, Any]:
        """Read a file of the folder. Binary floats are refused: coefficients are strings."""
        text = (self.folder / name).read_text(encoding="utf-8")
        content: dict[str, Any] = json.loads(text, parse_float=_refuse_float)
        return content


def tariff_on(day: date) -> Tariff:
    """Return the shipped tariff in force on `day`.

    Raises NoTariff where no edition is in force or its base rates are not known.
    """
    return _shipped().on(day)


def territories() -> tuple[Territory, ...]:
    """Every territory of annex 2, in the order of the edict."""
    return _shipped().gazetteer.territories


def locate(
    region: str | None,
    place: str | None,
    *,
    kladr: str | None = None,
    fias: str | None = None,
    oktmo: str | None = None,
) -> Located | Unsure:
    """Find the territory of an address: what its codes and words agree on, never a guess.

    `region` and `place` are names ("Респ. Татарстан", "г Казань"); former ones count as well
    ("Горький") where they are in the data. `kladr` (13, 17 or 19 digits; its first two name the
    region), `fias` and `oktmo` (11 digits; 8 name only the municipality) decide where they are
    those of a listed place; others must only not contradict. An unlisted place is in the rest of
    its region. Anything less sure than that is Unsure and says why: typos ("Казнь"), parts of
    names ("Н. Новгород"), Latin letters ("Kazan"), more than one place, no place.
    """
    found = _shipped().gazetteer
    return found.locate(region, place, kladr=kladr, fias=fias, oktmo=oktmo)


def find_territory(
    region: str | None,
    place: str | None,
    *,
    kladr: str | None = None,
    fias: str | None = None,
    oktmo: str | None = None,
) -> Territory | None:
    """Find the territory as `locate` does; None where that is not sure."""
    found = locate(region, place, kladr=kladr, fias=fias, oktmo=oktmo)
    return found.territory if isinstance(found, Located) else None


@cache
def _shipped() -> TariffBook:
    return TariffBook()


def _refuse_float(text: str) -> NoReturn:
    raise ValueError(f"a number with a point in the tariff's data: {text}; write it as a string")
