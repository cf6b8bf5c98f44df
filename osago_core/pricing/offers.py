"""The check of every offer: the base rate behind its premium, and what can't be about it.

Premium = base rate x coefficients, and insurers choose the base rate only, inside a corridor. Owns
what is doubted, how surely, and the English words. Knows neither who offers nor who reads it: a
check says something of an offer, and never hides it.
"""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import prod
from typing import Literal, NamedTuple

from osago_core.money import KOPECK, to_kopecks
from osago_core.offer import Offer
from osago_core.pricing.kbm import classes_of
from osago_core.tariff import Calculation, NoTariff, Tariff
from osago_core.tariff.texts import plain
from osago_core.wire.tariff import Check, OfferFindings, OfferTariff

CHECKS: Mapping[str, str] = {
    "kopecks_suspected": "kopecks? A hundredth of it, {lawful} roubles, would be lawful",
    "roubles_suspected": "read as kopecks? A hundred times as much, {lawful} roubles, would be "
    "lawful",
    "full_year_suspected": "the price of a full year? It fits KS 1.00, not {ks} for {months} "
    "months of use",
    "base_rate_below": "the base rate behind it, {base_rate}, is below the lowest lawful one, "
    "{min}",
    "base_rate_above": "the base rate behind it, {base_rate}, is above the highest lawful one, "
    "{max}",
    "kbm_differs": "KBM: the insurer uses {theirs}, the application gives {ours}",
    "kbm_reported": "KBM: the insurer uses {theirs}; we could only presume {ours}",
    "coefficient_differs": "{name}: the insurer uses {theirs}, the tariff gives {ours}",
    "base_rate_differs": "the insurer names the base rate {theirs}, its premium comes from "
    "{base_rate}",
}
"""English by code, most important first; {names} are params. All numbers are plain: 4184.33."""

APPROXIMATELY = "{text} (approximately: not every coefficient is certain)"
"""How a check of severity `info` is worded, where it would be a warning if all were certain."""

Severity = Literal["info", "warning"]

_FULL_YEAR = "full_year_suspected"
_HUNDREDFOLD = ("kopecks_suspected", "roubles_suspected")
_HUNDRED = Decimal(100)
_ONE = Decimal(1)
_HALF_KOPECK = Decimal("0.005")
_HALF_ROUBLE = Decimal("0.5")
_NOISE = Decimal("0.000001")  # of a binary float; no table has as many decimals
_NAMES = ("kbm", "kt", "kvs", "ko", "km", "ks", "kp")
"""Coefficients that insurers report, in the order in which they are told."""
_TOO_MUCH = Decimal(10) ** 13
"""No amount of the wire is as large, see `Roubles`."""


class _Case(NamedTuple):
    """An offer beside the calculation for the same application."""

    offer: Offer
    calculation: Calculation
    tariff: Tariff | None
    reported: Mapping[str, Decimal]
    """The coefficients of the edict that the insurer reports."""

    def ours(self, name: str) -> Decimal:
        """A coefficient that our formula lacks multiplies by 1."""
        return self.calculation.coefficients.get(name, _ONE)

    def same(self, name: str) -> bool:
        """Whether their value is ours, as far as their decimals go: 1.49 is 1.494.

        Or our table's own one, before what it is multiplied with for a company or a town, where
        their base rate proves that they multiply with it, too.
        """
        theirs = self.reported[name].quantize(_NOISE).normalize()
        told = min(KOPECK, _ONE.scaleb(int(theirs.as_tuple().exponent)))
        lines = [line for line in self.calculation.lines if line.name == name and self.proves_ours]
        tables = [Decimal(line.params["base"]) for line in lines if "base" in line.params]
        found = (one.quantize(told, ROUND_HALF_UP) for one in (self.ours(name), *tables))
        return theirs in found

    @property
    def proves_ours(self) -> bool:
        """Whether their base rate leads to their premium with our coefficients, all of them."""
        rate = self.offer.base_rate
        return rate is not None and self.leads(rate, self.calculation.multiplier)

    def leads(self, rate: Decimal, multiplier: Decimal) -> bool:
        """Whether this base rate gives the premium, as far as rounding hides neither."""
        premium = self.offer.premium
        return abs(premium - rate * multiplier) <= _grain(premium) + _grain(rate) * multiplier

    @property
    def doubtful(self) -> set[str]:
        """What is not certain: names of coefficients, `base_rate`, `formula`."""
        return {doubt.about for doubt in self.calculation.doubts}

    def sure_of(self, *names: str) -> Severity:
        """How surely something follows from these alone."""
        return "info" if self.doubtful & {*names, "formula"} else "warning"

    @property
    def unsure(self) -> Severity:
        """How surely something follows from the whole calculation: not proven if approximate."""
        return "info" if self.calculation.approximate else "warning"


def check_offer(
    offer: Offer, calculation: Calculation | None, tariff: Tariff | None = None
) -> OfferFindings:
    """Say where an offer stands in the corridor, and what is doubtful about it.

    `tariff` is the one that calculated; it names the bonus-malus classes behind the values that
    insurers report. Warnings come first, then what is only information. Preliminary offers are
    checked alike. Without a calculation there is nothing to say. Never raises.

    What depends on a coefficient that is not certain proves nothing and is information. A factor
    of a hundred is a warning even so: no doubt about a coefficient explains that much. So is what
    follows from the insurer's own numbers alone.
    """
    if calculation is None:
        return OfferFindings()
    told = {name.strip().lower(): value for name, value in (offer.coefficients or {}).items()}
    reported = {name: told[name] for name in _NAMES if name in told}
    checks = sorted(
        _checks(_Case(offer, calculation, tariff, reported)), key=lambda c: c.severity != "warning"
    )
    return OfferFindings(tariff=_stands(offer, calculation), checks=tuple(checks))


def _checks(case: _Case) -> Iterator[Check]:
    whole = _corridor(case) or _full_year(case)
    if whole is not None:
        yield whole
    cause = whole.code if whole is not None else None
    for name in case.reported:
        said_already = name == "ks" and cause == _FULL_YEAR and case.reported[name] == _ONE
        if not case.same(name) and not said_already:
            yield _kbm(case) if name == "kbm" else _coefficient(case, name)
    if cause not in _HUNDREDFOLD:  # which says already why the numbers don't agree
        yield from _base_rate(case, full_year=cause == _FULL_YEAR)


def _corridor(case: _Case) -> Check | None:
    """The one thing to say of a premium that no lawful base rate gives; the cause, if it shows."""
    premium, calculation = case.offer.premium, case.calculation
    side = _side(premium, calculation)
    if not side:
        return None
    for code, lawful in zip(_HUNDREDFOLD, (premium / _HUNDRED, premium * _HUNDRED), strict=True):
        if not _side(lawful, calculation):
            return _check(code, {"premium": str(premium), "lawful": str(to_kopecks(lawful))})
    ks = case.ours("ks")
    if ks < _ONE and not _side(premium, calculation, _ONE / ks):
        return _check(_FULL_YEAR, _months(case), case.unsure)
    bounds = {
        "base_rate": str(_implied(premium, calculation.multiplier)),
        "min": str(calculation.base_rate.min),
        "max": str(calculation.base_rate.max),
    }
    return _check("base_rate_below" if side < 0 else "base_rate_above", bounds, case.unsure)


def _full_year(case: _Case) -> Check | None:
    """The price of a year for some months of use, where it is lawful for both.

    Told by the insurer's KS, or by its base rate, which leads to the premium without ours. Where
    it leads there with ours, the premium is no year's, whatever KS the insurer names.
    """
    ks, rate = case.ours("ks"), case.offer.base_rate
    if ks >= _ONE:
        return None
    by_ks = case.reported.get("ks") == _ONE and not case.proves_ours
    by_rate = rate is not None and (
        not _explained(case, rate) and _explained(case, rate, _ONE / ks)
    )
    return _check(_FULL_YEAR, _months(case), case.sure_of("ks")) if by_ks or by_rate else None


def _kbm(case: _Case) -> Check:
    line = next((one for one in case.calculation.lines if one.name == "kbm"), None)
    theirs = case.reported["kbm"]
    params = {"theirs": plain(theirs), "ours": plain(case.ours("kbm"))}
    if found := _classes(theirs, case.tariff):
        params["theirs_class"] = "/".join(found)
    if line is not None and "kbm_class" in line.params:  # not so where the drivers are unlimited
        params["ours_class"] = line.params["kbm_class"]
    severity = case.sure_of("kbm")
    return _check("kbm_differs" if severity == "warning" else "kbm_reported", params, severity)


def _coefficient(case: _Case, name: str) -> Check:
    theirs, ours = case.reported[name], case.ours(name)
    params = {"name": name, "theirs": plain(theirs), "ours": plain(ours)}
    return _check("coefficient_differs", params, case.sure_of(name))


def _base_rate(case: _Case, *, full_year: bool) -> Iterator[Check]:
    rate = case.offer.base_rate
    if rate is None or _explained(case, rate):
        return
    if full_year and _explained(case, rate, _ONE / case.ours("ks")):
        return
    premium, ours = case.offer.premium, case.calculation.multiplier
    multiplier = ours * _differing(case)
    if premium >= _TOO_MUCH * multiplier:  # nothing can come of such coefficients
        multiplier = ours
    params = {"theirs": str(rate), "base_rate": str(_implied(premium, multiplier))}
    # The corridor's bounds play no part in it, and coefficients that the insurer told are certain.
    doubtful = case.doubtful - {"base_rate", *case.reported}
    yield _check("base_rate_differs", params, "info" if doubtful else "warning")


def _explained(case: _Case, rate: Decimal, times: Decimal = _ONE) -> bool:
    """Whether this base rate leads to the premium, with our coefficients or with theirs.

    Both amounts may have been rounded before they were told, to kopecks or to whole roubles; a
    coefficient that is told as 1.49 may be 1.494 in their arithmetic.
    """
    told = prod((value / case.ours(name) for name, value in case.reported.items()), start=_ONE)
    multiplier = case.calculation.multiplier * times
    return any(case.leads(rate, multiplier * by) for by in (_ONE, _differing(case), told))


def _differing(case: _Case) -> Decimal:
    """What becomes of the product with their values where they are not ours."""
    theirs = {name: value for name, value in case.reported.items() if not case.same(name)}
    return prod((value / case.ours(name) for name, value in theirs.items()), start=_ONE)


def _side(premium: Decimal, calculation: Calculation, times: Decimal = _ONE) -> int:
    """0 where some lawful base rate gives the premium, -1 below those, 1 above.

    Insurers tell premiums in whole roubles, too: 2518 may stand for the lawful 2518.20. So a whole
    number may be beside the corridor by half a rouble, and nothing else by anything.
    """
    multiplier = calculation.multiplier * times
    slack = _HALF_ROUBLE if premium == premium.to_integral_value() else Decimal(0)
    if premium + slack < to_kopecks(calculation.base_rate.min * multiplier):
        return -1
    return int(premium - slack > to_kopecks(calculation.base_rate.max * multiplier))


def _stands(offer: Offer, calculation: Calculation) -> OfferTariff | None:
    """None where the wire has no room for the number, which is then no premium anyway."""
    implied = _implied(offer.premium, calculation.multiplier)
    if implied >= _TOO_MUCH:
        return None
    low, high = calculation.base_rate.min, calculation.base_rate.max
    return OfferTariff(
        base_rate=implied,
        min=to_kopecks(low),
        max=to_kopecks(high),
        position=_position(offer.premium, calculation),
        approximate=calculation.approximate,
    )


def _position(premium: Decimal, calculation: Calculation) -> float:
    """0 … 1 for a lawful premium and only for one, whatever rounding would make of it."""
    low, high = calculation.base_rate.min, calculation.base_rate.max
    width = high - low or low  # one's own table may leave insurers no choice
    exact = round(float((calculation.implied_base_rate(premium) - low) / width), 3)
    side = _side(premium, calculation)
    if side < 0:
        return min(exact, -0.001)
    return max(exact, 1.001) if side else min(1.0, max(0.0, exact))


def _grain(amount: Decimal) -> Decimal:
    """How far rounding may have moved an amount."""
    return _HALF_ROUBLE if amount == amount.to_integral_value() else _HALF_KOPECK


def _implied(premium: Decimal, multiplier: Decimal) -> Decimal:
    return to_kopecks(premium / multiplier)


def _months(case: _Case) -> dict[str, str]:
    return {"months": str(case.calculation.facts.use_months), "ks": plain(case.ours("ks"))}


def _classes(value: Decimal, tariff: Tariff | None) -> tuple[str, ...]:
    try:
        return () if tariff is None else classes_of(value, tariff)
    except NoTariff:
        return ()


def _check(code: str, params: Mapping[str, str], severity: Severity = "warning") -> Check:
    words = dict(params)
    for whose in ("theirs", "ours"):
        if kbm_class := params.get(f"{whose}_class"):
            words[whose] = f"{params[whose]} (class {kbm_class})"
    words["name"] = params.get("name", "").upper()
    text = CHECKS[code].format_map(words)
    if severity == "info" and code != "kbm_reported":
        text = APPROXIMATELY.format(text=text)
    return Check(code=code, severity=severity, text=text, params=dict(params))
