"""How a misconfigured insurer prices: as the edict says, but for one mistake.

Each mistake takes the right price and gives the wrong one, at the same base rate. It knows nothing
of applications and HTTP; which request meets which mistake is the business of the orders.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

from osago_core.tariff import RatedFacts, Tariff, tariff_on
from osago_core.tariff.facts import MONTHS_OF_A_YEAR
from osago_sandbox.faults import Fault
from osago_sandbox.outcome import Outcome, Price, Refusal
from osago_sandbox.pricing import price_at
from osago_sandbox.rates import Rates

Mistake = Callable[[Price, Rates], Price]
Misread = Callable[[RatedFacts, Tariff], RatedFacts]

KBM_WITHOUT_HISTORY = "3"
"""What an insurer rates everybody with when its query to the register fails unnoticed."""
_KOPECKS_OF_A_ROUBLE = 100


def mistake_of(fault: Fault | None) -> Mistake | None:
    """The mistake that an order asks for; None where it asks for another fault or none."""
    match fault:
        case Fault(fault="kopecks"):
            return _kopecks
        case Fault(fault="full_year"):
            return partial(_misread, _full_year)
        case Fault(fault="wrong_kbm", params=params):
            kbm = params.get("kbm", KBM_WITHOUT_HISTORY)
            return partial(_misread, partial(_wrong_kbm, kbm))
        case _:
            return None


def mistaken(outcome: Outcome, mistake: Mistake | None, rates: Rates) -> Outcome:
    """The outcome with the mistake in it; a price beside a refusal is as wrong as an offer's."""
    match outcome:
        case Price() as price if mistake is not None:
            return mistake(price, rates)
        case Refusal(words, Price() as price) if mistake is not None:
            return Refusal(words, mistake(price, rates))
        case _:
            return outcome


def _kopecks(price: Price, _: Rates) -> Price:
    """Every amount in kopecks, under names that promise roubles."""
    return replace(
        price,
        premium=price.premium * _KOPECKS_OF_A_ROUBLE,
        base_rate=price.base_rate * _KOPECKS_OF_A_ROUBLE,
        commission=price.commission * _KOPECKS_OF_A_ROUBLE,
    )


def _misread(misread: Misread, price: Price, rates: Rates) -> Price:
    """The edict's arithmetic with facts that are not the application's."""
    tariff = tariff_on(price.day)
    calculation = tariff.calculate(misread(price.facts, tariff))
    wrong = price_at(price.base_rate, calculation, rates, price.day)
    return replace(wrong, preliminary=price.preliminary)


def _full_year(facts: RatedFacts, _: Tariff) -> RatedFacts:
    return replace(facts, use_months=MONTHS_OF_A_YEAR)


def _wrong_kbm(kbm: str | float, facts: RatedFacts, tariff: Tariff) -> RatedFacts:
    value = tariff.kbm(kbm) if isinstance(kbm, str) else Decimal(str(kbm))
    return replace(facts, kbm=value)
