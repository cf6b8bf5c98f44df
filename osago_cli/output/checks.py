"""What the tariff says of an offer, in the user's words. Works on events as they come.

Owns which words are short and which are full; who differs about KBM belongs to `output.kbm`.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from osago_cli.locale import language, roubles, t, t_or

Json = Mapping[str, Any]

KBM_CODES = ("kbm_differs", "kbm_reported")
_REPORTED = "kbm_reported"
_MONEY = {"premium", "lawful", "base_rate", "min", "max"}
_FIGURES = {"theirs", "ours", "ks"}


def doubtful(offer: Json) -> bool:
    """Whether something can't be about it. Information alone casts no doubt."""
    return any(check["severity"] == "warning" for check in offer.get("checks", ()))


def short(offer: Json) -> str:
    """Why an offer is doubtful, for a narrow column; empty where it is not."""
    found = [c for c in offer.get("checks", ()) if c["severity"] == "warning"]
    return ", ".join(_worded(f"check.short.{c['code']}", c["code"], c, _tight) for c in found)


def full(check: Json) -> str:
    """A check in whole words; in the daemon's English where this client does not know it."""
    key = f"check.{check['code']}"
    text = _worded(key, "", check, roubles)
    if not text:
        return str(check["text"])
    unproven = check["severity"] == "info" and check["code"] != _REPORTED
    return t("check.approximately", text=text) if unproven else text


def standing(offer: Json) -> str:
    """The base rate behind it and how far up the corridor that is; empty where that is unknown.

    Empty as well where a warning says it: a premium that can't be stands nowhere.
    """
    tariff = offer.get("tariff")
    if not tariff:
        return ""
    base_rate, position = _tight(Decimal(str(round(tariff["base_rate"])))), tariff["position"]
    if not 0 <= position <= 1:
        return "" if doubtful(offer) else t("offer.standing_outside", base_rate=base_rate)
    key = "offer.standing_approximate" if tariff["approximate"] else "offer.standing"
    return t(key, base_rate=base_rate, percent=round(position * 100))


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
