"""What the tariff says of an offer, in the user's words. Works on events as they come.

Owns which words are short and which are full; who differs about KBM belongs to `output.kbm`.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from osago_cli.locale import language, roubles, t, t_or
from osago_cli.problems import problem_text

Json = Mapping[str, Any]

KBM_CODES = ("kbm_differs", "kbm_reported")
_REPORTED = "kbm_reported"
_UNCHECKED = "not_checked"
_MONEY = {"premium", "lawful", "base_rate", "min", "max"}
_FIGURES = {"theirs", "ours", "ks"}


def doubtful(offer: Json) -> bool:
    """Whether something can't be about it. Information alone casts no doubt."""
    return bool(warnings(offer))


def warnings(offer: Json) -> list[Json]:
    """What can't be about it."""
    return [check for check in offer.get("checks", ()) if check["severity"] == "warning"]


def own(offer: Json) -> list[Json]:
    """What is said of this offer and not of the whole application."""
    return [check for check in offer.get("checks", ()) if check["code"] != _UNCHECKED]


def unchecked(offers: Iterable[Json]) -> list[str]:
    """Why offers could not be checked: the same of all of them, so each reason once."""
    found = (check for offer in offers for check in offer.get("checks", ()))
    return list(dict.fromkeys(full(check) for check in found if check["code"] == _UNCHECKED))


def best_sound(offers: Iterable[Json]) -> Json | None:
    """The first without a warning, of offers that are cheapest first."""
    return next((offer for offer in offers if not doubtful(offer)), None)


def short(offer: Json) -> str:
    """Why an offer is doubtful, for a narrow column; empty where it is not."""
    found = warnings(offer)
    return ", ".join(_worded(f"check.short.{c['code']}", c["code"], c, _tight) for c in found)


def full(check: Json) -> str:
    """A check in whole words; in the daemon's English where this client does not know it."""
    if check["code"] == _UNCHECKED:
        return t("check.not_checked", why=_why_unchecked(check["params"]))
    key = f"check.{check['code']}"
    text = _worded(key, "", check, roubles)
    if not text:
        return str(check["text"])
    unproven = check["severity"] == "info" and check["code"] != _REPORTED
    return t("check.approximately", text=text) if unproven else text


def standing(offer: Json, told: Iterable[Json] = ()) -> str:
    """The base rate behind it and how far up the corridor that is; empty where that is unknown.

    Empty as well where a warning says it, for a premium that can't be stands nowhere; or where one
    of the checks does that are `told` beside it.
    """
    tariff = offer.get("tariff")
    if not tariff or any("base_rate" in check["params"] for check in told):
        return ""
    base_rate, position = _tight(Decimal(str(round(tariff["base_rate"])))), tariff["position"]
    if not 0 <= position <= 1:
        return "" if doubtful(offer) else t("offer.standing_outside", base_rate=base_rate)
    key = "offer.standing_approximate" if tariff["approximate"] else "offer.standing"
    return t(key, base_rate=base_rate, percent=round(position * 100))


def _why_unchecked(params: Mapping[str, str]) -> str:
    if language() != "ru" or "path" not in params:
        return params.get("why", "")
    problem = {"code": params["code"], "text": params.get("why", ""), "params": params}
    return f"{params['path']}: {problem_text(problem)}"


def number(value: Decimal | str) -> str:
    """A coefficient as the language writes it: two decimals at least, no idle zeros."""
    whole, _, decimals = f"{Decimal(value).normalize():f}".partition(".")
    return f"{whole}{',' if language() == 'ru' else '.'}{decimals:0<2}"


def with_class(value: Decimal | str, kbm_class: str | None) -> str:
    """A value of KBM with the class that it stands for, where there is one."""
    text = number(value)
    return t("kbm.with_class", value=text, kbm_class=kbm_class) if kbm_class else text


def _worded(key: str, otherwise: str, check: Json, money: Any) -> str:
    try:
        values = _values(check["code"], check["params"], money)
    except InvalidOperation:  # a newer daemon with other parameters
        return otherwise
    return t_or(key, otherwise, **values)


def _values(code: str, params: Mapping[str, str], money: Any) -> dict[str, str]:
    amounts = _MONEY | ({"theirs"} if code == "base_rate_differs" else set())
    values = dict(params)
    for name, text in params.items():
        if name in amounts:
            values[name] = money(Decimal(text))
        elif name in _FIGURES:
            kbm_class = params.get(f"{name}_class") if money is roubles else None
            values[name] = with_class(text, kbm_class)
        elif name == "name":
            values[name] = t_or(f"tariff.coefficient.{text}", text.upper())
    return values


def _tight(amount: Decimal) -> str:
    """An amount without the currency and without idle kopecks."""
    return roubles(amount)[:-2].removesuffix(",00" if language() == "ru" else ".00")
