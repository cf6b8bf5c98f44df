"""What an insurer that gave no answer may ask, in the user's words and columns.

An estimate is never an offer: it stands beside the failure, never in a price's place.
"""

from collections.abc import Mapping
from typing import Any

from osago_cli import plurals
from osago_cli.locale import language, t

COLUMNS = ("estimate_low", "estimate", "estimate_high", "estimate_observations")


def beside(failure: str, event: Mapping[str, Any]) -> str:
    """A failure as it is worded, and the estimate where the event has one."""
    text = words(event)
    return f"{failure}; {text}" if text else failure


def words(event: Mapping[str, Any]) -> str:
    """The median and the range, and that it is no offer but from so many answers; else empty."""
    estimate = event.get("estimate")
    if event["type"] != "failed" or not estimate:
        return ""
    key = "estimate.approximate" if estimate["approximate"] else "estimate.usual"
    answers = _answers(estimate["observations"])
    if estimate.get("wider"):
        answers = t("estimate.wider", answers=answers)
    return t(key, premiums=_premiums(estimate), answers=answers)


def cells(event: Mapping[str, Any]) -> dict[str, str]:
    """`COLUMNS`, for every event: roubles and kopecks, and how many answers."""
    estimate = event.get("estimate")
    if event["type"] != "failed" or not estimate:
        return dict.fromkeys(COLUMNS, "")
    premiums = (estimate[name] for name in ("premium_low", "premium", "premium_high"))
    amounts = [f"{premium:.2f}" for premium in premiums]
    return dict(zip(COLUMNS, [*amounts, str(estimate["observations"])], strict=True))


def _premiums(estimate: Mapping[str, Any]) -> str:
    low, middle, high = (estimate[f"premium{end}"] for end in ("_low", "", "_high"))
    spread = _range(low, high)
    if _whole(low) == _whole(high):
        return spread
    return t("estimate.median", premium=_range(middle, middle), premiums=spread)


def _range(low: float, high: float) -> str:
    """In whole roubles: kopecks would promise too much."""
    ends = dict.fromkeys(_whole(amount) for amount in (low, high))
    return "\N{EN DASH}".join(ends) + "\N{NO-BREAK SPACE}₽"


def _whole(amount: float) -> str:
    text = f"{amount:,.0f}"
    return text.replace(",", "\N{NO-BREAK SPACE}") if language() == "ru" else text


def _answers(count: int) -> str:
    one = plurals.form(count) == "one"
    return t("estimate.answer" if one else "estimate.answers", count=count)
