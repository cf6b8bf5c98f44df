"""One edition: which tables are in force from a day on, and where each one stands."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self, TypeVar, cast

from osago_core.tariff.errors import NoTariff
from osago_core.tariff.provenance import Provenance
from osago_core.tariff.tables import Json, decimal_of

if TYPE_CHECKING:
    from osago_core.tariff.book import TariffBook


class Table(Protocol):
    """What every table's class can do."""

    @classmethod
    def parse(cls, raw: Json) -> Self:
        """Build it from its JSON."""


T = TypeVar("T", bound=Table)


class TerritoryRate(NamedTuple):
    """KT of a territory. `value` includes the `multiplier`, where there is one.

    `version` is the edition whose table has the row; `assumed` says that the row is older than
    the edict in force and nobody knows whether it still holds.
    """

    value: Decimal
    multiplier: Decimal | None
    provenance: Provenance
    version: str
    assumed: bool


class Edition:
    """The tables in force from `version` (an ISO date) until the next edition."""

    def __init__(self, book: "TariffBook", raw: Json) -> None:
        """Take one file of `data/editions`; tables are parsed when first used."""
        self.version: str = raw["version"]
        self.edict: str = raw["edict"]
        self.edict_from = date.fromisoformat(raw["edict_from"])
        self.raw = raw
        self._book = book
        self._tables: dict[str, object] = {}
        self._territory_rates: dict[tuple[str, str], TerritoryRate | None] = {}

    def table(self, name: str, kind: type[T]) -> T:
        """Return the table in force. Raises NoTariff where this edition's is not known."""
        found = self._tables.get(name)
        if found is None:
            found = self._tables[name] = kind.parse(self._locate(name))
        return cast("T", found)

    def has(self, name: str) -> bool:
        """Whether the edition has such a table."""
        return name in self.raw["tables"] or name in self.raw["tables_from"]

    def territory_rate(self, territory_id: str, column: str) -> TerritoryRate | None:
        """KT of a territory, column `car` (all but tractors) or `tractor`; None = not known."""
        key = (territory_id, column)
        if key not in self._territory_rates:
            self._territory_rates[key] = self._find_rate(territory_id, column)
        return self._territory_rates[key]

    def _locate(self, name: str) -> Json:
        tables = self.raw["tables"]
        if name in tables:
            return cast("Json", tables[name])
        origin = self.raw["tables_from"].get(name)
        if origin is None:
            raise NoTariff(name, self.version, f"not known for {self.edict}")
        return cast("Json", self._book.edition(origin).raw["tables"][name])

    def _find_rate(self, territory_id: str, column: str) -> TerritoryRate | None:
        where: dict[str, list[str]] = self.raw.get("kt", {})
        certain = where.get("rows_from", [])
        for version in [*certain, *where.get("assumed_from", [])]:
            row = self._book.territory_rows(version).get(territory_id)
            if row and row[column] is not None:
                multiplier = row.get("multiplier")
                return TerritoryRate(
                    decimal_of(row[column]),
                    decimal_of(multiplier) if multiplier else None,
                    Provenance.of(row),
                    version,
                    assumed=version not in certain,
                )
        return None
