"""What if: changes that a user asks about, applied to what is rated.

Knows which changes make no sense for a policy; how they are priced belongs to the tariff.
"""

from collections.abc import Iterator
from dataclasses import replace

from osago_core.application import Application
from osago_core.application.fields.alphabet import to_latin
from osago_core.pricing.facts import ApplicationDoubt, Problem, Rated, Unpriced, calculate
from osago_core.pricing.ideas import least_months, may_limit_use
from osago_core.pricing.kbm import no_history_class
from osago_core.tariff import Doubt, Owner, RatedDriver, RatedFacts, Registration, Tariff
from osago_core.tariff.driver_tables import KBM_CLASSES
from osago_core.wire.tariff import TariffChanges

CHANGES = "changes"
"""Problems of changes have paths below this."""


def change(
    application: Application, of: Rated, changes: TariffChanges, tariff: Tariff
) -> Rated | Unpriced:
    """Return what would be rated after the changes, all at once, or why that makes no sense.

    `of` is the application as rated, with a price; what changes nothing always makes sense.

    A class is that of every driver; with unlimited use of a company's vehicle it is that of the
    company. Claims count from that class, or from the one that each driver has. Raises NoTariff
    where the table of transitions is not known, or what `calculate` raises for `of`.
    """
    facts = _drivers(of.facts, changes)
    use_problems = _use_problems(application, facts, changes.use_months)
    problems = (*use_problems, *_kbm_problems(facts, changes, tariff))
    if problems:
        return Unpriced(problems)
    doubts = of.doubts
    if changes.use_months is not None:
        facts = replace(facts, use_months=changes.use_months)
    if changes.kbm_class is not None:
        facts = _with_class(facts, _tidy(changes.kbm_class))
    if changes.claims is not None:
        doubts += tuple(_presumed(facts, tariff))
        facts = _after(facts, changes.claims, tariff)
    return replace(of, facts=facts, doubts=doubts)


def _drivers(facts: RatedFacts, changes: TariffChanges) -> RatedFacts:
    return facts if changes.drivers is None else replace(facts, drivers=None)


def use_doubts(application: Application, facts: RatedFacts) -> Iterator[Doubt]:
    """Doubt months of use that the law does not know; an application may say so all the same."""
    if facts.registration is Registration.RUSSIA:
        for code, params in _unlawful(application, facts, facts.use_months):
            yield ApplicationDoubt("ks", code, params)


def _kbm_problems(facts: RatedFacts, changes: TariffChanges, tariff: Tariff) -> Iterator[Problem]:
    asked = [name for name in ("kbm_class", "claims") if getattr(changes, name) is not None]
    if not asked:
        return
    if "kbm" not in calculate(facts, tariff).coefficients:
        yield from (_problem(name, "kbm_not_counted") for name in asked)
        return
    unlimited = facts.drivers is None
    company = facts.owner is Owner.LEGAL
    if changes.kbm_class is not None:
        if unlimited and not company:
            yield _problem("kbm_class", "kbm_class_unlimited")
        elif _tidy(changes.kbm_class) not in KBM_CLASSES:
            yield _problem("kbm_class", "kbm_class_unknown", choices=", ".join(KBM_CLASSES))
    if changes.claims is not None and unlimited and not (company and changes.kbm_class):
        yield _problem("claims", "claims_unlimited")


def _use_problems(
    application: Application, facts: RatedFacts, months: int | None
) -> Iterator[Problem]:
    if months is None or months == facts.use_months:
        return
    if facts.registration is not Registration.RUSSIA:
        yield _problem("use_months", "use_months_abroad")
    elif months > facts.term_months:
        yield _problem("use_months", "use_months_beyond_term", months=str(facts.term_months))
    else:
        for code, params in _unlawful(application, facts, months):
            yield _problem("use_months", code, **params)


def _unlawful(
    application: Application, facts: RatedFacts, months: int
) -> Iterator[tuple[str, dict[str, str]]]:
    """Tell with code and params why the law knows no use of so many months, if it doesn't."""
    least = least_months(application, facts)
    if months < least:
        limited = may_limit_use(application, facts)
        code = "months_below_least" if limited else "months_of_company"
        yield code, {"least": str(least), "months": str(months)}


def _problem(field: str, code: str, **params: str) -> Problem:
    return Problem(f"{CHANGES}.{field}", code, params)


def _tidy(kbm_class: str) -> str:
    return to_latin(kbm_class.strip())


def _with_class(facts: RatedFacts, kbm_class: str) -> RatedFacts:
    if facts.drivers is None:
        return replace(facts, owner_kbm_class=kbm_class)
    return replace(facts, drivers=tuple(replace(d, kbm_class=kbm_class) for d in facts.drivers))


def _after(facts: RatedFacts, claims: int, tariff: Tariff) -> RatedFacts:
    if facts.owner_kbm_class is not None:
        after = tariff.next_kbm_class(facts.owner_kbm_class, claims)
        return replace(facts, owner_kbm_class=after)
    drivers = facts.drivers or ()
    return replace(facts, drivers=tuple(_driver_after(d, claims, tariff) for d in drivers))


def _driver_after(driver: RatedDriver, claims: int, tariff: Tariff) -> RatedDriver:
    known = driver.kbm_class or no_history_class(tariff)
    return replace(driver, kbm_class=tariff.next_kbm_class(known, claims))


def _presumed(facts: RatedFacts, tariff: Tariff) -> Iterator[Doubt]:
    """Keep the doubt about a class that is not known: the engine sees the next one only."""
    if any(driver.kbm_class is None for driver in facts.drivers or ()):
        params = {"kbm_class": no_history_class(tariff)}
        yield ApplicationDoubt("kbm", "kbm_class_presumed", params)
