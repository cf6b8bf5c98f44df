"""`osago insurers list`: how each insurer is doing."""

import typer

from osago_cli.client import Json
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t
from osago_cli.output import health
from osago_cli.output.formats import Format

LIMITS = ("per_second", "per_minute", "per_day", "at_once")
FAILURES = (
    "timeout",
    "connection",
    "server_error",
    "throttled",
    "bad_answer",
    "rejected_request",
    "auth",
)
"""Those that say something about an insurer."""

CSV_COLUMNS = (
    "id",
    "name",
    "breaker",
    "p50_ms",
    "p90_ms",
    "last_error",
    "last_error_at",
    "p99_ms",
    "answers",
    "since",
    "open_until",
    "breaker_judged",
    "breaker_failures",
    "breaker_slow",
    "answered",
    "failed",
    *(f"share_{kind}" for kind in FAILURES),
    *(f"{limit}_{what}" for limit in LIMITS for what in ("left", "of", "free_at")),
    "paused_until",
    "waiting",
    "via",
)


def list_(
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
            for line in table(found):
                typer.echo(line)


def table(found: list[Json], width: int | None = None) -> list[str]:
    """The lines of the table; what does not fit the terminal is in `show`."""
    from osago_cli.output.columns import Column, fitted

    columns = (
        Column(t("insurers.id"), least=7, worth=9),
        Column(t("insurers.name"), least=12, worth=1),
        Column(t("insurers.breaker"), least=14, worth=8),
        Column(t("insurers.answers"), least=18, worth=5),
        Column(t("insurers.failures"), least=16, worth=7),
        Column(t("insurers.limits"), least=16, worth=4),
    )
    return fitted(columns, [_cells(insurer) for insurer in found], width)


def _cells(insurer: Json) -> tuple[str, ...]:
    last = health.last_error(insurer)
    failures = health.failures(insurer) + ([t("insurers.last", error=last)] if last else [])
    return (
        insurer["id"],
        "\n".join(health.name(insurer)),
        "\n".join(health.state(insurer)),
        health.answers(insurer),
        "\n".join(failures) or health.NOTHING,
        "\n".join(health.limits(insurer)) or health.NOTHING,
    )


def _csv(found: list[Json]) -> None:
    import csv
    import sys

    rows = csv.DictWriter(sys.stdout, CSV_COLUMNS, restval="", lineterminator="\n")
    rows.writeheader()
    rows.writerows(map(csv_row, found))


def csv_row(insurer: Json) -> Json:
    """One row; a newer daemon's further words have no column and are left out."""
    breaker = insurer["breaker"]
    everything = {
        **insurer,
        **(insurer.get("latency") or {}),
        **breaker,
        **{f"breaker_{key}": value for key, value in breaker.items()},
        **{f"share_{kind}": share for kind, share in (insurer.get("failures") or {}).items()},
        **{
            f"{limit['limit']}_{key}": value
            for limit in insurer.get("limits") or ()
            for key, value in limit.items()
        },
        "breaker": breaker["state"],
    }
    return {key: value for key, value in everything.items() if key in CSV_COLUMNS}
