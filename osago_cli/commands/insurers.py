"""`osago insurers`: how each insurer is doing."""

import typer

from osago_cli.client import Json
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t, t_or
from osago_cli.output import wording
from osago_cli.output.formats import Format


def insurers(
    output: OutputOption = Format.TABLE, json: JsonOption = False, socket: SocketOption = None
) -> None:
    """Run the command."""
    with connect(socket) as client:
        found: list[Json] = client.request("insurers.list")["insurers"]
    match chosen(output, json):
        case Format.JSON:
            from osago_cli.output.documents import dump

            dump(found, indent=2)
        case Format.NDJSON:
            from osago_cli.output.documents import dump

            for insurer in found:
                dump(insurer)
        case Format.CSV:
            _csv(found)
        case Format.TABLE:
            _table(found)


def _table(found: list[Json]) -> None:
    head = tuple(t(f"insurers.{key}") for key in ("id", "name", "breaker", "latency", "error"))
    rows = [head, *(_row(insurer) for insurer in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _row(insurer: Json) -> tuple[str, ...]:
    latency = insurer.get("latency")
    error = insurer.get("last_error")
    return (
        insurer["id"],
        insurer["name"],
        t_or(f"breaker.{insurer['breaker']['state']}", insurer["breaker"]["state"]),
        f"{wording.seconds(latency['p50_ms'])} / {wording.seconds(latency['p90_ms'])}"
        if latency
        else "—",
        t_or(f"failed.{error}", error) if error else "—",
    )


def _csv(found: list[Json]) -> None:
    import csv
    import sys

    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("id", "name", "breaker", "p50_ms", "p90_ms", "last_error"))
    for insurer in found:
        latency = insurer.get("latency") or {}
        rows.writerow(
            (
                insurer["id"],
                insurer["name"],
                insurer["breaker"]["state"],
                latency.get("p50_ms", ""),
                latency.get("p90_ms", ""),
                insurer.get("last_error", ""),
            )
        )
