"""A tariff report in each format. Formats for programs hold the wire's words and plain numbers."""

from collections.abc import Iterator, Sequence
from typing import Any

from osago_cli.output.documents import dump
from osago_cli.output.formats import Format
from osago_cli.output.tariff_words import Json

CSV_COLUMNS = (
    "name",
    "value",
    "changed",
    "confidence",
    "approximate",
    "reason",
    "text",
    "changed_reason",
    "changed_text",
    "source",
)
_MONEY = ("premium_min", "premium_max")


def show(
    report: Json,
    warnings: Sequence[Json],
    changes: Json,
    format_: Format,
    *,
    ahead: bool = False,
) -> None:
    """Write a report, as the wire has it, to stdout.

    `changes` are those that were asked about; `warnings` go into the one document of JSON only.
    `ahead`: whether the tariff is that of a day still to come; for people.
    """
    match format_:
        case Format.JSON:
            dump({**report, "warnings": list(warnings)}, indent=2)
        case Format.NDJSON:
            for line in _ndjson(report):
                dump(line)
        case Format.CSV:
            _csv(report)
        case Format.TABLE:
            from osago_cli.output.tariff_table import lines

            for text in lines(report, changes, ahead=ahead):
                print(text)


def _ndjson(report: Json) -> Iterator[Json]:
    yield {"type": "price", **report["price"]}
    for lever in report.get("levers", ()):
        yield {"type": "lever", **lever}
    if (changed := report.get("changed")) is not None:
        yield {"type": "changed", **changed}


def _csv(report: Json) -> None:
    import csv
    import sys

    rows = csv.DictWriter(sys.stdout, CSV_COLUMNS, restval="", lineterminator="\n")
    rows.writeheader()
    rows.writerows(_rows(report["price"], report.get("changed")))


def _rows(price: Json, changed: Json | None) -> Iterator[dict[str, Any]]:
    for key in _MONEY:
        yield {"name": key, "value": _roubles(price[key]), "changed": _of(changed, key)}
    yield from _base_rate(price, changed)
    before = {line["name"]: line for line in price["coefficients"]}
    after = {line["name"]: line for line in (changed or {}).get("coefficients", ())}
    for name in dict.fromkeys((*before, *after)):
        yield {"name": name, **_line(before.get(name)), **_changed_line(after.get(name))}
    multipliers = {"value": price["multiplier"], "changed": (changed or {}).get("multiplier", "")}
    yield {"name": "multiplier", **multipliers}


def _base_rate(price: Json, changed: Json | None) -> Iterator[dict[str, Any]]:
    rate = price["base_rate"]
    for end in ("min", "max"):
        yield {
            "name": f"base_rate_{end}",
            "value": _roubles(rate[end]),
            "changed": _of(changed and changed["base_rate"], end),
            "confidence": rate["confidence"],
            "source": " ".join(rate.get("source", ())),
        }


def _line(line: Json | None) -> dict[str, Any]:
    if line is None:
        return {}
    return {
        "value": line["value"],
        "confidence": line["confidence"],
        "approximate": "true" if line["approximate"] else "false",
        "reason": line["reason"],
        "text": line["text"],
        "source": " ".join(line.get("source", ())),
    }


def _changed_line(line: Json | None) -> dict[str, Any]:
    if line is None:
        return {}
    return {
        "changed": line["value"],
        "changed_reason": line["reason"],
        "changed_text": line["text"],
    }


def _of(found: Json | None, key: str) -> str:
    return "" if found is None else _roubles(found[key])


def _roubles(amount: float) -> str:
    return f"{amount:.2f}"
