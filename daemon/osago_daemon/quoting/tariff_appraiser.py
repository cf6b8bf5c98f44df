"""Appraises outcomes by the tariff: checks offers, estimates for who gives none. An `Appraiser`.

An application is priced once, when its first outcome comes, and never if it has none.
"""

from dataclasses import replace
from datetime import date
from functools import cached_property

from osago_core.application import Application
from osago_core.offer import Failed, Offer, Outcome
from osago_core.pricing.estimates import LearnedRates, base_rate_of
from osago_core.pricing.facts import UnpricedError, price
from osago_core.pricing.offers import check_offer
from osago_core.tariff import Calculation, NoTariff, TariffBook
from osago_core.wire.tariff import Check, FailureFindings, Findings, OfferFindings


class TariffAppraiser:
    """For every application of this process."""

    def __init__(self, book: TariffBook, rates: LearnedRates) -> None:
        """`rates` learn from every live offer that comes by."""
        self._book = book
        self._rates = rates

    def __call__(self, application: Application, day: date) -> "TariffAppraisal":
        """By the tariff of `day`."""
        return TariffAppraisal(application, day, self._book, self._rates)


class TariffAppraisal:
    """Of one application. Implements `Appraisal`."""

    def __init__(
        self, application: Application, day: date, book: TariffBook, rates: LearnedRates
    ) -> None:
        """Nothing is calculated yet."""
        self._application = application
        self._day = day
        self._book = book
        self._rates = rates
        self._unpriced: OfferFindings | None = None
        """Why there are no checks, once that is known."""

    def of(self, insurer: str, outcome: Outcome) -> Findings | None:
        """What is to be said; of an application that the tariff can't price, that it is so."""
        if self._calculation is None:
            return self._unpriced if isinstance(outcome, Offer) else None
        if isinstance(outcome, Offer):
            return self._of_offer(insurer, outcome, self._calculation)
        if isinstance(outcome, Failed):
            estimate = self._rates.estimate(insurer, self._calculation, self._day)
            return None if estimate is None else FailureFindings(estimate=estimate)
        return None

    def _of_offer(self, insurer: str, offer: Offer, calculation: Calculation) -> OfferFindings:
        findings = check_offer(offer, calculation, self._book.on(self._day))
        base_rate = base_rate_of(calculation, offer, findings.checks)
        # Another insurer's base rate says nothing of this one's.
        if base_rate is not None and offer.offered_by is None:
            self._rates.learn(insurer, calculation, base_rate, self._day)
        return findings

    @cached_property
    def _calculation(self) -> Calculation | None:
        """None: the application says too little, or a table is not known."""
        try:
            rated, calculation = price(self._application, book=self._book, on=self._day)
        except UnpricedError as error:
            found = (
                _unchecked(
                    f"{problem.path}: {problem.text}",
                    path=problem.path,
                    code=problem.code,
                    **problem.params,
                )
                for problem in error.problems
            )
            self._unpriced = OfferFindings(checks=tuple(found))
            return None
        except NoTariff as gap:
            check = _unchecked(str(gap), code="no_tariff", table=gap.table, detail=gap.detail)
            self._unpriced = OfferFindings(checks=(check,))
            return None
        return replace(calculation, doubts=(*rated.doubts, *calculation.doubts))


def _unchecked(why: str, **params: str) -> Check:
    text = f"not checked against the tariff: {why}"
    return Check(code="not_checked", severity="info", text=text, params={"why": why, **params})
