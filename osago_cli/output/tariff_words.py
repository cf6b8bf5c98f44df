"""What the tariff says, in the user's words: reasons, doubts, levers, edicts, numbers.

From the wire's codes and params. A code of a newer core speaks the English that comes with it.
Knows nothing of how it is laid out.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from osago_cli.locale import language, roubles, t, t_or
from osago_core.money import to_kopecks

Json = Mapping[str, Any]

ARROW = "→"

_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DECIMAL = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?![\d.])")
_COEFFICIENT = re.compile(r"\b(TB|KT|KBM|KVS|KO|KM|KS|KP|KN|KPR)\b")
_EDICT = re.compile(r"\b(\d+)-U\b")
_AMENDED_BY = re.compile(r"(\S+) as amended by (\S+)")
_AMENDED = re.compile(r"(\S+) as amended\b.*")
_AMENDS = re.compile(r"(\S+) \(amends (\S+)\)")

_SPACE = "\N{NO-BREAK SPACE}"
_ROUBLES = f"{_SPACE}₽"
_NO_KOPECKS = re.compile(rf"[.,]00(?={_ROUBLES}$)")
_FEWEST, _MOST = 4, 6
"""Decimals of a total."""
_MARKS = {"medium": "~", "low": "?"}


def name(of: str) -> str:
    """A coefficient as its readers write it (`КБМ`), or what else a doubt is about."""
    return t_or(f"tariff.coefficient.{of}", t_or(f"tariff.about.{of}", of))


def mark(confidence: str) -> str:
    """How a value stands out whose source is not of the best."""
    return _MARKS.get(confidence, "")


def reason(line: Json, territory: Json | None) -> str:
    """Why a coefficient has its value."""
    params = _params(line["params"])
    if territory is not None and "name" in params:
        params["name"] = place(territory)
    said = str(line["text"]).partition(": ")[2]
    return t_or(f"tariff.reason.{line['reason']}", said, **params)


def doubt(found: Json, *, drivers: int | None = None) -> str:
    """Why a figure is approximate, and which: `КТ: …`. `drivers`: how many, where it is known."""
    said, params = str(found["text"]).removeprefix(f"{found['about']}: "), _params(found["params"])
    text = t_or(f"tariff.doubt.{found['code']}", said, **params)
    if drivers == 1:
        text = t_or(f"tariff.one_driver.{found['code']}", text, **params)
    return f"{name(found['about'])}: {text}"


def lever(found: Json) -> str:
    """What makes it cheaper, and by which coefficients; a coefficient stays on its line."""
    params = _params(found["params"])
    if "changed" in params:
        each = params["changed"].split(", ")
        params["changed"] = ", ".join(part.replace(" ", _SPACE) for part in each)
    return t_or(f"tariff.lever.{found['code']}", found["text"], **params)


def problem(code: str, text: str, params: Mapping[str, str]) -> str:
    """What to do about an application or a change that the tariff has no price for."""
    values = _params(params)
    return t_or(f"tariff.problem.{code}", t_or(f"problem.{code}", text, **values), **values)


def place(territory: Json) -> str:
    """The territory's name."""
    return str(territory["name_ru" if language() == "ru" else "name"])


def edict(price: Json) -> str:
    """The edict, since when it is in force, and the tables where they are younger."""
    text = t("tariff.edict", edict=edict_name(price["edict"]), date=day(price["effective_from"]))
    if price["edition"] == price["effective_from"]:
        return text
    return t("tariff.edition", edict=text, date=day(price["edition"]))


def day(iso: str) -> str:
    """`09.12.2025` in Russian, `2025-12-09` in English."""
    return f"{date.fromisoformat(iso):%d.%m.%Y}" if language() == "ru" else iso


def tables(text: str) -> str:
    """The core's words on its tables, with the names and days that our readers know."""
    return _in_the_users_way(text)


def number(value: float, *, signed: bool = False, least: int = 2, most: int = 4) -> str:
    """A coefficient: at least `least` decimals, at most `most`."""
    text = f"{Decimal(str(value)):{'+' if signed else ''}.{most}f}"
    whole, _, decimals = text.partition(".")
    return _comma(f"{whole}.{decimals.rstrip('0'):0<{least}}")


def total(price: Json) -> str:
    """The multiplier, with as many decimals as it takes to get both premiums from it; else ≈."""
    for decimals in range(_FEWEST, _MOST + 1):
        if _comes_out(price, decimals):
            return number(price["multiplier"], most=decimals)
    return f"≈{_SPACE}{number(price['multiplier'])}"


def _comes_out(price: Json, decimals: int) -> bool:
    told = Decimal(f"{Decimal(str(price['multiplier'])):.{decimals}f}")
    return all(
        to_kopecks(Decimal(str(price["base_rate"][end])) * told)
        == Decimal(str(price[f"premium_{end}"]))
        for end in ("min", "max")
    )


def span(low: float, high: float, *, signed: bool = False) -> str:
    """`от 3 130,12 ₽ до 19 387,07 ₽`."""
    plus = ["+" if signed and amount > 0 else "" for amount in (low, high)]
    return t("tariff.range", low=plus[0] + roubles(low), high=plus[1] + roubles(high))


def between(low: float, high: float) -> str:
    """The same where there is less room: `3 130,12–19 387,07 ₽`."""
    return f"{roubles(low).removesuffix(_ROUBLES)}–{roubles(high)}"


def corridor(low: float, high: float) -> str:
    """Base rates, which the edict gives in whole roubles: `1 399–8 665 ₽`."""
    return f"{_short(low).removesuffix(_ROUBLES)}–{_short(high)}"


def percent(share: float, *, signed: bool = False) -> str:
    """A share of 1, to a tenth of a percent."""
    return _comma(f"{share * 100:{'+' if signed else ''}.1f}") + f"{_SPACE}%"


def difference(one: float, other: float) -> float:
    """What is added, without the noise of binary floats."""
    return float(Decimal(str(other)) - Decimal(str(one)))


def _short(amount: float) -> str:
    return _NO_KOPECKS.sub("", roubles(amount))


def _params(params: Mapping[str, str]) -> dict[str, str]:
    return {key: _in_the_users_way(value) for key, value in params.items()}


def _in_the_users_way(text: str) -> str:
    """Numbers, days and coefficients in a param, which the wire has in English."""
    if language() != "ru":
        return text
    text = _DAY.sub(r"\3.\2.\1", text)
    text = _COEFFICIENT.sub(lambda found: name(_named(found[1])), text)
    return _DECIMAL.sub(r"\1,\2", text)


def _named(table: str) -> str:
    return "base_rate" if table == "TB" else table.lower()


def edict_name(title: str) -> str:
    """The edict's title; what the data say of amendments is English."""
    if language() != "ru":
        return title
    text = _EDICT.sub(r"\1-У", title)
    for key, pattern in (("amended_by", _AMENDED_BY), ("amended", _AMENDED), ("amends", _AMENDS)):
        if found := pattern.fullmatch(text):
            both = {"edict": found[1], "other": found[2] if pattern.groups > 1 else ""}
            return t(f"tariff.edict.{key}", **both)
    return text


def _comma(text: str) -> str:
    return text.replace(".", ",") if language() == "ru" else text
