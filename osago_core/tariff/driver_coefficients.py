"""KBM and KVS: what the drivers make of a premium. The worst driver of a list counts."""

from decimal import Decimal

from osago_core.tariff.calculation import CoefficientLine, Doubt
from osago_core.tariff.driver_tables import AgeTable, KbmTable
from osago_core.tariff.facts import Owner, RatedDriver, Registration
from osago_core.tariff.provenance import Confidence, Provenance, weaker
from osago_core.tariff.rating import Rating, given, line
from osago_core.tariff.tables import Entry
from osago_core.tariff.texts import plain

_ABROAD = (Registration.FOREIGN, Registration.FOREIGN_UNFRIENDLY)
_KVS_UNLIMITED = Entry(Decimal(1), Provenance(("TCO", "CALCAPI", "YOU"), Confidence.HIGH))
"""Annex 4 par. 10 of 7204-U: KVS does not apply to unlimited use."""


def kbm(rating: Rating) -> CoefficientLine:
    """Bonus-malus: the worst class of a list; unlimited 1, or the class of the organisation."""
    facts = rating.facts
    if facts.kbm is not None:
        return given("kbm", facts.kbm)
    table = rating.edition.table("KBM", KbmTable)
    if facts.drivers is None:
        return _unlimited_kbm(rating, table)
    worst = max(facts.drivers, key=lambda driver: table.find(driver.kbm_class))
    return _listed_kbm(table, worst, facts.drivers)


def kvs(rating: Rating) -> CoefficientLine:
    """Age and experience: the dearest driver of a list; unlimited use is not rated by it."""
    facts = rating.facts
    abroad = _kvs_abroad(rating)
    if abroad is not None:
        return abroad
    if facts.drivers is None:  # needs no table, so it works for editions whose KVS is not known
        return line("kvs", _KVS_UNLIMITED, "kvs_unlimited")
    table = rating.edition.table(rating.by_family("KVS"), AgeTable)
    worst = max(facts.drivers, key=lambda driver: table.find(driver.age, driver.experience))
    return _listed_kvs(table, worst, len(facts.drivers), facts.owner)


def _kvs_abroad(rating: Rating) -> CoefficientLine | None:
    if rating.facts.registration not in _ABROAD or not rating.edition.has("KVS"):
        return None
    entry = rating.edition.table("KVS", AgeTable).foreign
    return line("kvs", entry, "kvs_abroad") if entry else None


def _unlimited_kbm(rating: Rating, table: KbmTable) -> CoefficientLine:
    facts = rating.facts
    if facts.owner is Owner.INDIVIDUAL:
        return line("kbm", table.unlimited, "kbm_unlimited")
    if facts.owner_kbm_class is None:
        doubt = Doubt("kbm", "owner_kbm_unknown", {})
        return line("kbm", table.unlimited, "kbm_unlimited", doubts=(doubt,))
    entry = Entry(table.find(facts.owner_kbm_class), table.provenance)
    return line("kbm", entry, "kbm_organisation", {"kbm_class": facts.owner_kbm_class})


def _listed_kbm(
    table: KbmTable, worst: RatedDriver, drivers: tuple[RatedDriver, ...]
) -> CoefficientLine:
    unknown = any(driver.kbm_class is None for driver in drivers)
    doubts = (Doubt("kbm", "kbm_class_unknown", {}),) if unknown else ()
    value = table.find(worst.kbm_class)
    if worst.kbm_class is None:
        entry = Entry(value, table.no_history_provenance)
        return line("kbm", entry, "kbm_no_history", {"kbm_class": table.no_history}, doubts)
    reason = "kbm_class" if len(drivers) == 1 else "kbm_worst"
    params = {"kbm_class": worst.kbm_class, "drivers": str(len(drivers))}
    return line("kbm", Entry(value, table.provenance), reason, params, doubts)


def _listed_kvs(table: AgeTable, worst: RatedDriver, drivers: int, owner: Owner) -> CoefficientLine:
    base = table.find(worst.age, worst.experience)
    reason = "kvs_driver" if drivers == 1 else "kvs_worst"
    params = {
        "age": str(worst.age),
        "experience": str(worst.experience),
        "drivers": str(drivers),
    }
    factor = table.legal_factor if owner is Owner.LEGAL else None
    if factor is None:
        return line("kvs", Entry(base, table.provenance), reason, params)
    params |= {"base": plain(base), "factor": plain(factor.value)}
    provenance = weaker(table.provenance, factor.provenance)
    return line("kvs", Entry(base * factor.value, provenance), f"{reason}_legal", params)
