"""The coefficients, one function each: from facts to a line that says its value and reason."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from osago_core.tariff.calculation import CoefficientLine, Doubt
from osago_core.tariff.driver_coefficients import kbm, kvs
from osago_core.tariff.edition import TerritoryRate
from osago_core.tariff.errors import BadFacts
from osago_core.tariff.facts import Registration, VehicleClass
from osago_core.tariff.provenance import GIVEN, Confidence
from osago_core.tariff.rating import Rating, given, line
from osago_core.tariff.tables import Bands, Entry, ForeignTable, KoTable, TermTable, TrailerTable
from osago_core.tariff.territory import Territory
from osago_core.tariff.texts import number, plain

_NEUTRAL = Entry(Decimal(1), GIVEN)


def kt(rating: Rating) -> CoefficientLine:
    """Territory: of the owner's address, or the one value for vehicles registered abroad."""
    facts = rating.facts
    if facts.kt is not None:
        return given("kt", facts.kt)
    if facts.registration is not Registration.RUSSIA:
        return _kt_abroad(rating)
    territory = rating.gazetteer.by_id.get(facts.territory_id or "")
    if territory is None:
        raise BadFacts("territory_id", f"{facts.territory_id!r} is not a known territory")
    column = "tractor" if facts.vehicle_class is VehicleClass.TRACTOR else "car"
    rate = rating.edition.territory_rate(territory.id, column)
    if rate is None:
        raise rating.missing("KT", f"no value for {territory.name} ({column})")
    return _kt_line(rate, territory)


def ko(rating: Rating) -> CoefficientLine:
    """List of drivers or not: a limited list is 1, unlimited use costs more."""
    facts = rating.facts
    unlimited = facts.drivers is None
    entry = rating.edition.table("KO", KoTable).find(unlimited=unlimited, owner=facts.owner)
    reason = "drivers_unlimited" if unlimited else "drivers_limited"
    if entry is None:
        raise rating.missing("KO", f"no row for {facts.owner} owner, {reason}")
    return line("ko", entry, reason)


def km(rating: Rating) -> CoefficientLine:
    """Engine power, in half-open bands: 150 hp is still in the band up to 150."""
    power = rating.facts.power_hp
    if power is None:
        raise BadFacts("power_hp", f"needed for {rating.facts.vehicle_class}")
    name = rating.by_family("KM")
    band = rating.edition.table(name, Bands).find(power)
    if band is None:
        raise rating.missing(name, f"no band for {power} hp")
    params = {"over": number(band.over), "power": number(power)}
    if band.to is None:
        return line("km", band.entry, "power_above", params)
    return line("km", band.entry, "power_band", {**params, "to": number(band.to)})


def ks(rating: Rating) -> CoefficientLine:
    """Period of use within the year."""
    months = rating.facts.use_months
    band = rating.edition.table("KS", Bands).find(Decimal(months))
    if band is None:
        raise rating.missing("KS", f"no band for {months} months")
    return line("ks", band.entry, "use_months", {"months": str(months)})


def kp(rating: Rating) -> CoefficientLine:
    """Term of the policy, for vehicles registered abroad or in transit."""
    facts = rating.facts
    table = rating.edition.table("KP", TermTable)
    if facts.registration is Registration.TRANSIT:
        return line("kp", table.transit, "term_transit")
    entry = table.find(months=facts.term_months, days=facts.term_days)
    if entry is None:
        raise rating.missing("KP", f"no row for {facts.term_months} months")
    if facts.term_days is not None:
        return line("kp", entry, "term_days", {"days": str(facts.term_days)})
    return line("kp", entry, "term_months", {"months": str(facts.term_months)})


def kn(rating: Rating) -> CoefficientLine:
    """Gross violations (editions before September 2020)."""
    if not rating.facts.gross_violations:
        return line("kn", _NEUTRAL, "violations_none")
    return line("kn", rating.edition.table("KN", Entry), "violations")


def kpr(rating: Rating) -> CoefficientLine:
    """Trailer (editions before September 2020)."""
    facts = rating.facts
    if not facts.trailer:
        return line("kpr", _NEUTRAL, "trailer_none")
    entry = rating.edition.table("KPR", TrailerTable).rows.get(facts.vehicle_class)
    if entry is None:
        raise rating.missing("KPR", f"no row for {facts.vehicle_class}")
    return line("kpr", entry, "trailer")


COEFFICIENTS: Mapping[str, Callable[[Rating], CoefficientLine]] = {
    "kt": kt,
    "kbm": kbm,
    "kvs": kvs,
    "ko": ko,
    "km": km,
    "ks": ks,
    "kp": kp,
    "kn": kn,
    "kpr": kpr,
}
"""By the names that formulas in the data use."""


def _kt_abroad(rating: Rating) -> CoefficientLine:
    facts = rating.facts
    table = rating.edition.table("KT.foreign", ForeignTable)
    entry = table.rows.get((facts.registration, facts.vehicle_class.family))
    if entry is None:
        raise rating.missing("KT.foreign", f"no row for {facts.registration}")
    if facts.registration is Registration.FOREIGN_UNFRIENDLY:
        return line("kt", entry, "territory_unfriendly")
    dearer = table.rows.get((Registration.FOREIGN_UNFRIENDLY, facts.vehicle_class.family), entry)
    doubts = tuple[Doubt, ...]()
    if facts.registration is Registration.FOREIGN and dearer.value != entry.value:
        # An application cannot say which state it is.
        doubts = (Doubt("kt", "maybe_unfriendly", {"value": plain(dearer.value)}),)
    return line("kt", entry, "territory_abroad", doubts=doubts)


def _kt_line(rate: TerritoryRate, territory: Territory) -> CoefficientLine:
    params = {"territory": territory.id, "name": territory.name}
    provenance, doubts = rate.provenance, tuple[Doubt, ...]()
    if rate.assumed:  # sure of its own edition perhaps, but not of this one
        provenance = provenance._replace(confidence=Confidence.LOW)
        doubts = (Doubt("kt", "assumed_unchanged", {"since": rate.version}),)
    entry = Entry(rate.value, provenance)
    if rate.multiplier is None:
        return line("kt", entry, "territory", params, doubts)
    base = rate.value / rate.multiplier
    params |= {"base": plain(base), "multiplier": plain(rate.multiplier)}
    return line("kt", entry, "territory_multiplied", params, doubts)
