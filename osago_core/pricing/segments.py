"""Kinds of client that insurers tell apart in their base rates. Bands only, nobody's data.

Since August 2020 an insurer may choose its base rate by factors of its own, which it has to
publish (40-FZ, article 9, as amended by 161-FZ). Which ones differs from insurer to insurer; taken
here are the usual ones that an application tells.
"""

from decimal import Decimal

from osago_core.tariff import RatedDriver, RatedFacts
from osago_core.tariff.driver_tables import KBM_CLASSES

_YOUNG, _SENIOR = 25, 60
_NEWCOMER = 3
_POWERFUL_HP = Decimal(150)
_LIKE_NEW = "3"
"""The class of a driver without history."""
_CAREFUL = KBM_CLASSES.index("12")
_UNKNOWN = "-"


def segment_of(facts: RatedFacts) -> str:
    """The segment of an application, as words between bars.

    - vehicle class, owner and registration: each class has a corridor of its own, owners are
      tariffed apart, and for a vehicle from abroad it is another formula;
    - territory: one row of annex 2, as losses differ within a KT as well;
    - limited or unlimited use; of a limited list the youngest age (below 25, 60 and more), the
      least experience (below 3 years) and the dearest bonus-malus class (M-2, 3-11, 12-13): KVS
      and KBM price these, and insurers add or take off on top of that;
    - power above 150 hp.

    Left out: months of use and term, by which nobody chooses; the vehicle's age and make, which
    the tariff does not know. So even within a segment base rates differ, and an estimate has a
    spread.
    """
    return segments_of(facts)[0]


def segments_of(facts: RatedFacts) -> tuple[str, ...]:
    """The segment and the coarser one that it lies in, the finer first.

    Where too little is known of the first, the second may do: the one without drivers and power.
    There is none without the territory, as base rates of one say little of another.
    """
    place = facts.territory_id or _UNKNOWN
    wide = f"{facts.vehicle_class}|{facts.owner}|{facts.registration}|{place}"
    return f"{wide}|{_drivers(facts)}|{_power(facts.power_hp)}", wide


def _drivers(facts: RatedFacts) -> str:
    if not facts.drivers:
        return "unlimited"
    age = min(driver.age for driver in facts.drivers)
    experience = min(driver.experience for driver in facts.drivers)
    return f"{_age(age)}|{_experience(experience)}|{_kbm(facts, facts.drivers)}"


def _age(years: int) -> str:
    if years < _YOUNG:
        return f"<{_YOUNG}"
    return f"{_SENIOR}+" if years >= _SENIOR else f"{_YOUNG}-{_SENIOR - 1}"


def _experience(years: int) -> str:
    return f"<{_NEWCOMER}" if years < _NEWCOMER else f"{_NEWCOMER}+"


def _kbm(facts: RatedFacts, drivers: tuple[RatedDriver, ...]) -> str:
    if facts.kbm is not None:
        return "given"
    dearest = min(KBM_CLASSES.index(driver.kbm_class or _LIKE_NEW) for driver in drivers)
    if dearest < KBM_CLASSES.index(_LIKE_NEW):
        return "M-2"
    return "12-13" if dearest >= _CAREFUL else "3-11"


def _power(hp: Decimal | None) -> str:
    if hp is None:
        return _UNKNOWN
    return f">{_POWERFUL_HP}" if hp > _POWERFUL_HP else f"<={_POWERFUL_HP}"
