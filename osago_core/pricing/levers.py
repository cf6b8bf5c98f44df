"""Lawful changes that make a policy cheaper, and what each saves at the same base rate.

Each is priced on its own, by calculating anew. What nobody can change (power, territory) is none;
what saves nothing is none.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from osago_core.application import Application
from osago_core.pricing.facts import Rated
from osago_core.pricing.ideas import Idea, ideas
from osago_core.pricing.texts import LEVERS
from osago_core.tariff import BadFacts, Calculation, NoTariff, RatedFacts, Tariff
from osago_core.tariff.texts import plain
from osago_core.wire.tariff import Lever

_SHARE = Decimal("0.0001")
_ONE = Decimal(1)
_WITHOUT_KBM = {
    "driver_birthday_april": "driver_birthday",
    "driver_experience_april": "driver_experience",
    "drivers_unlimited_company": "drivers_unlimited",
}
"""Codes that name KBM, and what is told where the formula has none (vehicles in transit)."""
_NAMES_KBM = {*_WITHOUT_KBM, "kbm_april"}


def levers(application: Application, of: Rated, tariff: Tariff, today: date) -> tuple[Lever, ...]:
    """Return what saves something, the greatest saving first, of equal ones the earliest.

    `of` is the application as rated. Birthdays and anniversaries are those of the year after its
    start; the coming 1 April is that after `today`, and who waits longer has the class of that day,
    too. Raises what `tariff.calculate` raises for the
    application as it is.
    """
    now = tariff.calculate(of.facts)
    found = _levers(ideas(application, of.facts, tariff, today), now, tariff)
    ordered = sorted(found, key=lambda lever: (lever.multiplier, lever.from_date or today))
    return tuple(_each_day_once(ordered))


def _levers(found: Iterable[Idea], now: Calculation, tariff: Tariff) -> Iterator[Lever]:
    for idea in found:
        then = _calculated(idea.facts, tariff)
        if then is not None and then.multiplier < min(now.multiplier, _besides(idea, now, tariff)):
            yield _lever(idea, now, then)


def _besides(idea: Idea, now: Calculation, tariff: Tariff) -> Decimal:
    other = None if idea.besides is None else _calculated(idea.besides, tariff)
    return now.multiplier if other is None else other.multiplier


def _calculated(facts: RatedFacts, tariff: Tariff) -> Calculation | None:
    """Price a variant; one that the tariff has no price for is no advice."""
    try:
        return tariff.calculate(facts)
    except (BadFacts, NoTariff):
        return None


def _lever(idea: Idea, now: Calculation, then: Calculation) -> Lever:
    code = idea.code if "kbm" in then.coefficients else _WITHOUT_KBM.get(idea.code, idea.code)
    changed = _changed(now, then)
    params = {**idea.params, "changed": changed}
    if idea.day is not None:
        params["day"] = idea.day.isoformat()
    if code in _NAMES_KBM:
        params["kbm"] = plain(then.coefficients["kbm"])
    return Lever(
        code=code,
        params=params,
        text=f"{LEVERS[code].format_map(params)} ({changed})",
        from_date=idea.day,
        multiplier=then.multiplier,
        saving_share=(_ONE - then.multiplier / now.multiplier).quantize(_SHARE),
        saving_min=now.premium_min - then.premium_min,
        saving_max=now.premium_max - then.premium_max,
    )


def _changed(now: Calculation, then: Calculation) -> str:
    before, after = now.coefficients, then.coefficients
    return ", ".join(
        f"{name.upper()} {plain(value)} → {plain(after[name])}"
        for name, value in before.items()
        if after[name] != value
    )


def _each_day_once(found: Iterable[Lever]) -> Iterator[Lever]:
    """Of two birthdays on one day that need each other, tell one.

    One on 1 April is cheaper than the classes of that day alone, so these are told beside it.
    """
    told = set()
    for lever in found:
        key = (lever.from_date, lever.multiplier)
        if lever.from_date is None or key not in told:
            yield lever
        told.add(key)
