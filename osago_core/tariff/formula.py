"""Which coefficients a premium is made of: by registration, family of the vehicle and owner."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from osago_core.tariff.facts import Owner, Registration
from osago_core.tariff.provenance import Provenance
from osago_core.tariff.tables import Json, once

Case = tuple[Registration, str, Owner]


class Formula(NamedTuple):
    """Names of the coefficients that the base rate is multiplied with.

    `presumed_from` names the older edition it is taken over from without proof, if it is.
    """

    coefficients: tuple[str, ...]
    provenance: Provenance
    presumed_from: str | None


class Formulas(NamedTuple):
    """Exactly one formula per case."""

    rows: Mapping[Case, Formula]

    @classmethod
    def parse(cls, raw: Json) -> "Formulas":
        """Read `{"rows": [{"registration": […], "family": […], "owner": […], "coefficients"}]}`."""
        cells = ((case, _formula(row, raw)) for row in raw["rows"] for case in _cases(row))
        return cls(once(cells, "formulas"))


def _formula(row: Json, table: Json) -> Formula:
    return Formula(tuple(row["coefficients"]), Provenance.of(row, table), row.get("presumed_from"))


def _cases(row: Json) -> Iterator[Case]:
    for registration, family, owner in product(row["registration"], row["family"], row["owner"]):
        yield Registration(registration), family, Owner(owner)
