"""`osago tariff -o table`: what an agent reads to a client, and why it costs that.

Lays out a report as the wire has it, for a terminal of some width. The words are elsewhere.
"""

import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from osago_cli.locale import t, t_or
from osago_cli.output import tariff_words as words
from osago_cli.output.columns import PIPE_COLUMNS, Column, fitted
from osago_cli.output.tariff_words import Json

MOST_LEVERS = 8
"""More than this nobody reads out; programs get them all."""

MOST_ALIKE = 2
"""Of one kind, for one driver."""

LEAST_WORDS = 16
"""How narrow a column of words may become; what is to its right is dropped before."""

_UNLIMITED = {"drivers_unlimited", "kbm_unlimited", "kvs_unlimited"}
_LEVERS_UNLIMITED = {"drivers_unlimited", "drivers_unlimited_company"}

_INDENT = "  "
_NONE = "—"


def lines(
    report: Json, changes: Json, width: int | None = None, *, ahead: bool = False
) -> Iterator[str]:
    """The lines to print; `changes` are those that were asked about, empty for none.

    `ahead`: whether the tariff is that of a day still to come.
    """
    if width is None:
        width = shutil.get_terminal_size((PIPE_COLUMNS, 24)).columns
    price, changed = report["price"], report.get("changed")
    for line in _head(price, changed, changes):
        yield from _wrapped(line, width)
    yield ""
    for line in _basis(price, ahead=ahead):
        yield from _wrapped(line, width)
    yield ""
    yield from _coefficients(price, changed, width)
    yield from _legend(price, changed)
    if levers := [each for each in report.get("levers", ()) if not _asked(each, changes)]:
        yield ""
        yield t("tariff.levers" if changed is None else "tariff.levers.before")
        yield from _levers(levers, width)


def _head(price: Json, changed: Json | None, changes: Json) -> Iterator[str]:
    key = "tariff.premium.approximate" if price["approximate"] else "tariff.premium"
    yield t(key, range=words.span(price["premium_min"], price["premium_max"]))
    told = _told_doubts(price)
    yield from _doubts("tariff.approximate", told)
    if changed is not None:
        yield ""
        yield from _change(price, changed, changes)
        unsaid = [doubt for doubt in _told_doubts(changed) if doubt not in told]
        yield from _doubts("tariff.changed.approximate", unsaid)


def _told_doubts(price: Json) -> list[str]:
    drivers = next(
        (int(line["params"]["drivers"]) for line in _lines(price) if "drivers" in line["params"]),
        None,
    )
    return [words.doubt(doubt, drivers=drivers) for doubt in price.get("doubts", ())]


def _lines(price: Json) -> Sequence[Json]:
    found: Sequence[Json] = price["coefficients"]
    return found


def _doubts(title: str, told: list[str]) -> Iterator[str]:
    if told:
        yield t(title)
        yield from (_INDENT + doubt for doubt in told)


def _change(price: Json, changed: Json, changes: Json) -> Iterator[str]:
    asked = [_asked_about(key, value, price) for key, value in changes.items()]
    if asked:
        yield t("tariff.changed.what", changes="; ".join(asked))
    low, high = changed["premium_min"], changed["premium_max"]
    yield t("tariff.changed.premium", range=words.span(low, high))
    by = [words.difference(price[end], changed[end]) for end in ("premium_min", "premium_max")]
    if any(by):
        share = words.percent(by[1] / price["premium_max"], signed=True)
        yield t("tariff.changed.difference", range=words.span(*by, signed=True), share=share)
    else:
        yield t("tariff.changed.none")


def _asked_about(key: str, value: object, price: Json) -> str:
    change = t(f"tariff.change.{key}", value=value)
    return t("tariff.change.already", change=change) if _is_so(key, value, price) else change


def _is_so(key: str, value: object, price: Json) -> bool:
    """Whether a change asks for what is so already."""
    if key == "drivers":
        return any(line["reason"] in _UNLIMITED for line in _lines(price))
    return key == "use_months" and any(
        line["reason"] == "use_months" and line["params"].get("months") == str(value)
        for line in _lines(price)
    )


def _asked(lever: Json, changes: Json) -> bool:
    """Whether a lever is one of the changes, whose price is told above."""
    if lever["code"] in _LEVERS_UNLIMITED:
        return "drivers" in changes
    months = str(changes.get("use_months"))
    return bool(lever["code"] == "use_months" and lever["params"].get("months") == months)


def _basis(price: Json, *, ahead: bool) -> Iterator[str]:
    yield words.edict(price)
    if ahead:
        yield _INDENT + t("tariff.ahead")
    if starts_on := price.get("starts_on"):
        yield t("tariff.starts", day=words.day(starts_on))
    vehicle_class = price["vehicle_class"]
    yield t("tariff.vehicle", vehicle_class=t_or(f"tariff.class.{vehicle_class}", vehicle_class))
    if territory := price.get("territory"):
        by = t_or(f"tariff.by.{territory['by']}", territory["by"])
        yield t("tariff.territory", name=words.place(territory), by=by)


def _coefficients(price: Json, changed: Json | None, width: int) -> list[str]:
    titles = [
        "",
        t("tariff.column.value"),
        t("tariff.column.changed"),
        t("tariff.column.difference"),
        t("tariff.column.reason"),
    ]
    rows = list(_rows(price, changed))
    if changed is None:
        titles = titles[:2] + titles[-1:]
        rows = [row[:2] + row[-1:] for row in rows]
    return _fitted(titles, rows, width, flowing=len(titles) - 1)


def _fitted(
    titles: Sequence[str], rows: Sequence[tuple[str, ...]], width: int, *, flowing: int
) -> list[str]:
    """A table where only one column, the `flowing` one, may wrap: nobody reads half a number."""
    columns = [
        Column(title, least=LEAST_WORDS if i == flowing else _longest(title, rows, i), worth=-i)
        for i, title in enumerate(titles)
    ]
    return fitted(columns, rows, width)


def _longest(title: str, rows: Sequence[tuple[str, ...]], column: int) -> int:
    return max(len(title), *(len(row[column]) for row in rows))


def _rows(price: Json, changed: Json | None) -> Iterator[tuple[str, ...]]:
    now = changed or price
    yield (
        words.name("base_rate"),
        _corridor(price),
        _corridor(now),
        "",
        t("tariff.corridor"),
    )
    before = {line["name"]: line for line in price["coefficients"]}
    after = {line["name"]: line for line in now["coefficients"]}
    for name in dict.fromkeys((*before, *after)):
        was, is_ = before.get(name), after.get(name)
        yield (
            words.name(name),
            _value(was),
            _value(is_),
            _difference(was, is_),
            _reason(
                was and words.reason(was, price.get("territory")),
                is_ and words.reason(is_, now.get("territory")),
            ),
        )
    yield (
        t("tariff.multiplier"),
        words.total(price),
        words.total(now),
        _added(price["multiplier"], now["multiplier"]),
        t("tariff.multiplier.why"),
    )


def _corridor(price: Json) -> str:
    rate = price["base_rate"]
    return f"{words.corridor(rate['min'], rate['max'])} {words.mark(rate['confidence'])}".rstrip()


def _value(line: Json | None) -> str:
    if line is None:
        return _NONE
    return f"{words.number(line['value'])} {words.mark(line['confidence'])}".rstrip()


def _difference(was: Json | None, is_: Json | None) -> str:
    return _added(was["value"], is_["value"]) if was and is_ else ""


def _added(was: float, is_: float) -> str:
    by = words.difference(was, is_)
    return words.number(by, signed=True) if by else ""


def _reason(was: str | None, is_: str | None) -> str:
    if was == is_ or is_ is None:
        return was or _NONE
    return f"{was or _NONE}\n{words.ARROW} {is_}"


def _legend(price: Json, changed: Json | None) -> Iterator[str]:
    used = {
        row["confidence"]
        for of in (price, changed)
        if of is not None
        for row in (of["base_rate"], *of["coefficients"])
    }
    told = [t(f"tariff.{confidence}") for confidence in ("medium", "low") if confidence in used]
    if told:
        yield "   ".join(told)


def _levers(levers: list[Json], width: int) -> Iterator[str]:
    titles = [t("tariff.column.what"), t("tariff.column.saving"), "", t("tariff.column.from")]
    told = _told(levers)
    yield from _fitted(titles, list(map(_lever, told)), width, flowing=0)
    if more := len(levers) - len(told):
        yield t("tariff.levers.more", count=more)


def _told(levers: Iterable[Json]) -> list[Json]:
    """The best, without those that are much alike: fewer months of use crowd out all others."""
    seen: Counter[tuple[str, str]] = Counter()
    told = []
    for lever in levers:
        kind = (lever["code"], lever["params"].get("driver", ""))
        seen[kind] += 1
        if seen[kind] <= MOST_ALIKE:
            told.append(lever)
    return told[:MOST_LEVERS]


def _lever(lever: Json) -> tuple[str, ...]:
    start = lever.get("from_date")
    return (
        words.lever(lever),
        words.between(lever["saving_min"], lever["saving_max"]),
        words.percent(lever["saving_share"]),
        words.day(start) if start else t("tariff.levers.now"),
    )


def _wrapped(line: str, width: int) -> list[str]:
    indent = _INDENT * (2 if line.startswith(_INDENT) else 1)
    return textwrap.wrap(line, max(width, 20), subsequent_indent=indent) or [""]
