"""The tables of an edition, as typed rows with a lookup each. They know nothing of files."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from osago_core.tariff.facts import Owner, Registration, VehicleClass
from osago_core.tariff.provenance import Provenance

Json = Mapping[str, Any]


class Entry(NamedTuple):
    """A coefficient as its table has it."""

    value: Decimal
    provenance: Provenance

    @classmethod
    def parse(cls, raw: Json, table: Json | None = None) -> "Entry":
        """Read `{"value": "1.50", …}`."""
        return cls(Decimal(raw["value"]), Provenance.of(raw, table))


class BaseRate(NamedTuple):
    """The corridor of the base rate (TB), roubles; the insurer chooses inside it."""

    min: Decimal
    max: Decimal
    provenance: Provenance

    def __contains__(self, rate: object) -> bool:
        return isinstance(rate, Decimal) and self.min <= rate <= self.max


class BaseRates(NamedTuple):
    """TB (annex 1): the corridor per vehicle class; a bound is None where it is not known."""

    rows: Mapping[VehicleClass, tuple[Decimal | None, Decimal, Provenance]]

    @classmethod
    def parse(cls, raw: Json) -> "BaseRates":
        """Read `{"rows": [{"class", "min", "max"}]}`, roubles."""
        return cls({VehicleClass(row["class"]): _corridor(row, raw) for row in raw["rows"]})

    def find(self, vehicle_class: VehicleClass) -> BaseRate | None:
        """Return the corridor of a class; None where the table lacks it or one of its bounds."""
        low, high, provenance = self.rows.get(vehicle_class) or (None, None, None)
        if low is None or high is None or provenance is None:
            return None
        return BaseRate(low, high, provenance)


class Band(NamedTuple):
    """Half-open: over < x ≤ to; `to` is None in the last, open band."""

    over: Decimal
    to: Decimal | None
    entry: Entry


class Bands(NamedTuple):
    """KM (hp) and KS (months): values by half-open bands."""

    rows: tuple[Band, ...]

    @classmethod
    def parse(cls, raw: Json) -> "Bands":
        """Read `{"rows": [{"over", "to", "value"}]}`."""
        return cls(tuple(_band(row, raw) for row in raw["rows"]))

    def find(self, x: Decimal) -> Band | None:
        """Return the band that holds x."""
        return next((b for b in self.rows if b.over < x and (b.to is None or x <= b.to)), None)


class KoTable(NamedTuple):
    """KO: by limited list or unlimited use, and owner. `any` in the data covers both."""

    rows: Mapping[tuple[str, Owner], Entry]

    @classmethod
    def parse(cls, raw: Json) -> "KoTable":
        """Read `{"rows": [{"drivers", "owner", "value"}]}`."""
        cells = [(cell, Entry.parse(row, raw)) for row in raw["rows"] for cell in _ko_cells(row)]
        if len(dict(cells)) != len(cells):
            raise ValueError("two rows of KO cover the same case")
        return cls(dict(cells))

    def find(self, *, unlimited: bool, owner: Owner) -> Entry | None:
        """Return the row for this kind of policy."""
        return self.rows.get(("unlimited" if unlimited else "limited", owner))


class TermTable(NamedTuple):
    """KP: by term, for vehicles registered abroad; one value for transit."""

    days: tuple[tuple[int, Entry], ...]
    months: tuple[tuple[int, Entry], ...]
    transit: Entry

    @classmethod
    def parse(cls, raw: Json) -> "TermTable":
        """Read `{"rows": [{"days" | "months", "value"}], "transit": {"value"}}`, "up to" each."""
        return cls(
            tuple((row["days"], Entry.parse(row, raw)) for row in raw["rows"] if "days" in row),
            tuple((row["months"], Entry.parse(row, raw)) for row in raw["rows"] if "months" in row),
            Entry.parse(raw["transit"], raw),
        )

    def find(self, *, months: int, days: int | None) -> Entry | None:
        """Return the value for a term; days count where they are given and few."""
        if days is not None:
            for up_to, entry in self.days:
                if days <= up_to:
                    return entry
        return next((entry for up_to, entry in self.months if months <= up_to), None)


class TrailerTable(NamedTuple):
    """KPR (until 2020): by vehicle class."""

    rows: Mapping[VehicleClass, Entry]

    @classmethod
    def parse(cls, raw: Json) -> "TrailerTable":
        """Read `{"rows": [{"class": […], "value"}]}`."""
        return cls(
            {VehicleClass(c): Entry.parse(row, raw) for row in raw["rows"] for c in row["class"]}
        )


class ForeignTable(NamedTuple):
    """KT of vehicles registered abroad: by registration and family of the vehicle."""

    rows: Mapping[tuple[Registration, str], Entry]

    @classmethod
    def parse(cls, raw: Json) -> "ForeignTable":
        """Read `{"rows": [{"registration", "family": […], "value"}]}`."""
        return cls(
            {
                (Registration(row["registration"]), family): Entry.parse(row, raw)
                for row in raw["rows"]
                for family in row["family"]
            }
        )


class Cap(NamedTuple):
    """The ceiling of 40-FZ art. 9 in old editions: premium ≤ times x TB x KT. None = no cap."""

    times: Decimal | None
    times_with_violations: Decimal | None
    provenance: Provenance

    @classmethod
    def parse(cls, raw: Json) -> "Cap":
        """Read `{"on", "times", "times_with_violations"}`; the switch is per edition."""
        on = raw["on"]
        return cls(
            Decimal(raw["times"]) if on else None,
            Decimal(raw["times_with_violations"]) if on else None,
            Provenance.of(raw),
        )


def _corridor(row: Json, table: Json) -> tuple[Decimal | None, Decimal, Provenance]:
    low = None if row["min"] is None else Decimal(row["min"])
    return low, Decimal(row["max"]), Provenance.of(row, table)


def _band(row: Json, table: Json) -> Band:
    to = None if row["to"] is None else Decimal(row["to"])
    return Band(Decimal(row["over"]), to, Entry.parse(row, table))


def _ko_cells(row: Json) -> Iterator[tuple[str, Owner]]:
    for drivers in ("limited", "unlimited") if row["drivers"] == "any" else (row["drivers"],):
        for owner in tuple(Owner) if row["owner"] == "any" else (Owner(row["owner"]),):
            yield drivers, owner
