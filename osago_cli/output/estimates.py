"""What an insurer that gave no answer may ask, in the user's words and columns.

An estimate is never an offer: it stands beside the failure, never in a price's place.
"""

from collections.abc import Mapping
from typing import Any

from osago_cli.locale import language, t

COLUMNS = ("estimate_low", "estimate", "estimate_high", "estimate_observations")

_TEN, _HUNDRED = 10, 100


def beside(failure: str, event: Mapping[str, Any]) -> str:
    """A failure as it is worded, and the estimate where the event has one."""
    text = words(event)
    return f"{failure}; {text}" if text else failure


def words(event: Mapping[str, Any]) -> str:
    """The range, and that it is no offer but learned from so many answers; else empty."""
    estimate = event.get("estimate")
    if event["type"] != "failed" or not estimate:
        return ""
    key = "estimate.approximate" if estimate["approximate"] else "estimate.usual"
    premiums = _range(estimate["premium_low"], estimate["premium_high"])
    return t(key, premiums=premiums, answers=_answers(estimate["observations"]))


def cells(event: Mapping[str, Any]) -> dict[str, str]:
    """`COLUMNS`, for every event: roubles and kopecks, and how many answers."""
    estimate = event.get("estimate")
    if event["type"] != "failed" or not estimate:
        return dict.fromkeys(COLUMNS, "")
    premiums = (estimate[name] for name in ("premium_low", "premium", "premium_high"))
    amounts = [f"{premium:.2f}" for premium in premiums]
    return dict(zip(COLUMNS, [*amounts, str(estimate["observations"])], strict=True))


def _range(low: float, high: float) -> str:
    """In whole roubles: kopecks would promise too much."""
    ends = dict.fromkeys(_whole(amount) for amount in (low, high))
    return "\N{EN DASH}".join(ends) + "\N{NO-BREAK SPACE}₽"


def _whole(amount: float) -> str:
    text = f"{amount:,.0f}"
    return text.replace(",", "\N{NO-BREAK SPACE}") if language() == "ru" else text


def _answers(count: int) -> str:
    one = count == 1
    if language() == "ru":
        one = count % _TEN == 1 and count % _HUNDRED != _TEN + 1
    return t("estimate.answer" if one else "estimate.answers", count=count)
