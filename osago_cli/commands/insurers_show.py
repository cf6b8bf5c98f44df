"""`osago insurers show ID`: one insurer's health, and its whole pipeline with every number."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from osago_cli.client import Json
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t, t_or
from osago_cli.output import health, wording
from osago_cli.output.formats import Format

InsurerArgument = Annotated[str, typer.Argument(metavar="ID", help=t("insurers.insurer"))]

_ELSEWHERE = ("pipeline",)


def show(
    insurer: InsurerArgument,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Run the command."""
    with connect(socket) as client:
        found = client.request("insurers.show", {"insurer": insurer})
    match chosen(output, json):
        case Format.TABLE:
            for line in (*_health(found), "", t("show.pipeline"), *_pipeline(found)):
                typer.echo(line)
        case Format.CSV:
            import csv
            import sys

            rows = csv.writer(sys.stdout, lineterminator="\n")
            rows.writerow(("policy", "key", "value", "source"))
            rows.writerows(_csv_rows(found))
        case Format.JSON | Format.NDJSON as format_:
            from osago_cli.output.documents import dump

            dump(found, indent=2 if format_ is Format.JSON else None)


def _health(found: Json) -> Iterator[str]:
    via, members = found.get("via"), found.get("members")
    rows = {
        "insurers.name": [f"{found['name']} ({found['id']})"],
        **({"show.via": [via]} if via else {}),
        **({"show.members": [", ".join(members)]} if members else {}),
        "show.state": _state(found),
        "show.judged": _judged(found["breaker"]),
        "show.answers": _answers(found),
        "show.outcomes": [
            t("show.outcomes_value", answered=found["answered"], failed=found["failed"])
        ],
        "show.failures": health.failures(found),
        "show.last_error": _last_error(found),
        "show.limits": health.limits(found) or [health.NOTHING],
        "show.adapter": [found["adapter"]],
        "show.file": [found["file"]],
    }
    width = max(len(t(key)) for key in rows)
    for key, values in rows.items():
        for index, value in enumerate(values or [t("show.none")]):
            yield f"{'' if index else t(key):<{width}}  {value}"


def _state(found: Json) -> list[str]:
    first, *others = health.state(found)
    since = found["breaker"].get("since")
    if since:
        first = t("show.since", state=first, time=wording.clock(since))
    return [first, *others]


def _judged(breaker: Json) -> list[str]:
    counts = {key: breaker.get(key, 0) for key in ("judged", "failures", "slow")}
    return [t("show.judged_value", **counts)]


def _answers(found: Json) -> list[str]:
    latency = found.get("latency")
    if not latency:
        return []
    times = {key: wording.seconds(latency[f"{key}_ms"]) for key in ("p50", "p90", "p99")}
    return [t("show.answers_value", answers=latency["answers"], **times)]


def _last_error(found: Json) -> list[str]:
    kind, at = found.get("last_error"), found.get("last_error_at")
    if not kind or not at:
        return []
    return [t("show.last_error_value", kind=t_or(f"failed.{kind}", kind), time=wording.clock(at))]


def _pipeline(found: Json) -> list[str]:
    """A line for every number, the policy's name at its first one."""
    rows = [
        (
            f"{place}. {policy['policy']}" if first else "",
            number.get("key", ""),
            health.number(number.get("value")) if number else "",
            _source(found, number, lambda word: t(f"show.{word}")) if number else "",
        )
        for place, policy in enumerate(found["pipeline"], 1)
        for first, number in _numbered(policy)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    return [
        "  ".join((*(f"{c:<{w}}" for c, w in zip(row, widths, strict=False)), row[3])).rstrip()
        for row in rows
    ]


def _numbered(policy: Json) -> Iterator[tuple[bool, Json]]:
    """Its numbers and whether each is the first; one that has none has a line all the same."""
    for index, number in enumerate(policy.get("numbers") or [{}]):
        yield index == 0, number


def _source(found: Json, number: Json, said: Callable[[str], str]) -> str:
    if number["source"] != "file":
        return said(number["source"])
    name = Path(found["file"]).name
    line = number.get("line")
    return f"{name}:{line}" if line else name


def _csv_rows(found: Json) -> Iterator[tuple[object, ...]]:
    status = {key: value for key, value in found.items() if key not in _ELSEWHERE}
    for key, value in _flat(status):
        yield "", key, value, ""
    for policy in found["pipeline"]:
        for _, number in _numbered(policy):
            source = _source(found, number, str) if number else ""
            yield policy["policy"], number.get("key", ""), _cell(number.get("value")), source


def _flat(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys; a limit stands under its own name, not under its place in the list."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _flat(item, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        if value:
            yield key, " ".join(value)
    elif isinstance(value, list):
        for item in value:
            rest = {name: inner for name, inner in item.items() if name != "limit"}
            yield from _flat(rest, f"{key}.{item['limit']}")
    else:
        yield key, _cell(value)


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
