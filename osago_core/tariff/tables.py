"""The tables of an edition, as typed rows with a lookup each. They know nothing of files."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from osago_core.tariff.facts import Owner, Registration, VehicleClass
from osago_core.tariff.provenance import Provenance

Json = Mapping[str, Any]
K = TypeVar("K")
V = TypeVar("V")

LARGEST = Decimal(10_000_000)
"""No coefficient and no base rate comes near."""
MOST_DECIMALS = 6
_NOTHING = Decimal("NaN")


def decimal_of(raw: object) -> Decimal:
    """A coefficient or an amount as the files write it: a text, or a whole number.

    Raises ValueError for anything else, also for what no tariff says (NaN, 1e99, a whole page of
    decimals): arithmetic with it would end in places that cannot say which row it came from.
    """
    try:
        value = Decimal(raw) if isinstance(raw, str) or type(raw) is int else _NOTHING
    except ArithmeticError:
        value = _NOTHING
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_DECIMALS or abs(value) > LARGEST:
        raise ValueError(f"{raw!r} is no number as a tariff has them")
    return value


def once(cells: Iterable[tuple[K, V]], what: str) -> dict[K, V]:
    """A table by its keys. Raises ValueError where two rows cover the same case."""
    rows = list(cells)
    if len(dict(rows)) != len(rows):
        raise ValueError(f"two rows of {what} cover the same case")
    return dict(rows)


class Entry(NamedTuple):
    """A coefficient as its table has it."""

    value: Decimal
    provenance: Provenance

    @classmethod
    def parse(cls, raw: Json, table: Json | None = None) -> "Entry":
        """Read `{"value": "1.50", …}`."""
        return cls(decimal_of(raw["value"]), Provenance.of(raw, table))


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
        return cls(once(((VehicleClass(r["class"]), _corridor(r, raw)) for r in raw["rows"]), "TB"))

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
        cells = ((cell, Entry.parse(row, raw)) for row in raw["rows"] for cell in _ko_cells(row))
        return cls(once(cells, "KO"))

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
            _terms(raw, "days"),
            _terms(raw, "months"),
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
        cells = (
            (VehicleClass(c), Entry.parse(row, raw)) for row in raw["rows"] for c in row["class"]
        )
        return cls(once(cells, "KPR"))


class ForeignTable(NamedTuple):
    """KT of vehicles registered abroad: by registration and family of the vehicle."""

    rows: Mapping[tuple[Registration, str], Entry]

    @classmethod
    def parse(cls, raw: Json) -> "ForeignTable":
        """Read `{"rows": [{"registration", "family": […], "value"}]}`."""
        cells = (
            ((Registration(row["registration"]), family), Entry.parse(row, raw))
            for row in raw["rows"]
            for family in row["family"]
        )
        return cls(once(cells, "KT.foreign"))


class Cap(NamedTuple):
    """The ceiling of 40-FZ art. 9 in old editions: premium ≤ times x TB x KT. None = no cap."""

    times: Decimal | None
    times_with_violations: Decimal | None
    provenance: Provenance

    @classmethod
    def parse(cls, raw: Json) -> "Cap":
        """Read `{"on", "times", "times_with_violations"}`; the switch is per edition."""
        on = raw["on"]
        if not isinstance(on, bool):
            raise ValueError("the switch of the cap is neither true nor false")  # noqa: TRY004  # data
        return cls(
            decimal_of(raw["times"]) if on else None,
            decimal_of(raw["times_with_violations"]) if on else None,
            Provenance.of(raw),
        )


def _corridor(row: Json, table: Json) -> tuple[Decimal | None, Decimal, Provenance]:
    low = None if row["min"] is None else decimal_of(row["min"])
    return low, decimal_of(row["max"]), Provenance.of(row, table)


def _band(row: Json, table: Json) -> Band:
    to = None if row["to"] is None else decimal_of(row["to"])
    return Band(decimal_of(row["over"]), to, Entry.parse(row, table))


def _terms(table: Json, unit: str) -> tuple[tuple[int, Entry], ...]:
    rows = [row for row in table["rows"] if unit in row]
    if not all(type(row[unit]) is int for row in rows):
        raise ValueError(f"a term in {unit} is no whole number")
    return tuple((row[unit], Entry.parse(row, table)) for row in rows)


def _ko_cells(row: Json) -> Iterator[tuple[str, Owner]]:
    known = ("limited", "unlimited")
    if row["drivers"] not in (*known, "any"):
        raise ValueError(f"{row['drivers']!r} is no list of drivers")
    for drivers in known if row["drivers"] == "any" else (row["drivers"],):
        for owner in tuple(Owner) if row["owner"] == "any" else (Owner(row["owner"]),):
            yield drivers, owner
