"""`osago cache show`: what is kept of today's answers; counts, ages, bytes, nothing of anybody."""

from collections.abc import Iterator
from datetime import datetime

import typer

from osago_cli.client import Json
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t
from osago_cli.output import health, store, wording
from osago_cli.output.formats import Format

CSV_COLUMNS = ("insurer", "answers", "bytes", "oldest_at", "newest_at", "journal")


def show(
    output: OutputOption = Format.TABLE, json: JsonOption = False, socket: SocketOption = None
) -> None:
    """Run the command."""
    with connect(socket) as client:
        found = client.request("cache.show")
    match chosen(output, json):
        case Format.TABLE:
            for line in table(found):
                typer.echo(line)
        case Format.CSV:
            _csv(found)
        case Format.JSON | Format.NDJSON as format_:
            from osago_cli.output.documents import dump

            dump(found, indent=2 if format_ is Format.JSON else None)


def table(found: Json, width: int | None = None) -> Iterator[str]:
    """What is kept, insurer by insurer and in total, and where."""
    from osago_cli.output.columns import Column, fitted

    if alarm := store.alarm(found["store"]):
        yield from (alarm, "")
    columns = (
        Column(t("cache.insurers"), least=7, worth=9),
        Column(t("cache.answers"), least=7, worth=8),
        Column(t("cache.size"), least=8, worth=5),
        Column(t("cache.oldest"), least=10, worth=6),
        Column(t("cache.newest"), least=10, worth=4),
        Column(t("cache.journal"), least=6, worth=7),
    )
    insurers: list[Json] = found["insurers"]
    yield from fitted(columns, [*map(_cells, insurers), _totals(found)], width)
    yield ""
    yield t("cache.store", place=store.place(found["store"]), state=store.state(found["store"]))


def _cells(kept: Json) -> tuple[str, ...]:
    return (
        kept["insurer"],
        str(kept["answers"]),
        store.size(kept["bytes"]),
        _age(kept.get("oldest_at")),
        _age(kept.get("newest_at")),
        str(kept["journal"]),
    )


def _totals(found: Json) -> tuple[str, ...]:
    oldest = [at for kept in found["insurers"] if (at := kept.get("oldest_at"))]
    newest = [at for kept in found["insurers"] if (at := kept.get("newest_at"))]
    return (
        t("cache.total"),
        str(found["answers"]),
        store.size(found["bytes"]),
        _age(min(oldest, key=datetime.fromisoformat, default=None)),
        _age(max(newest, key=datetime.fromisoformat, default=None)),
        str(sum(kept["journal"] for kept in found["insurers"])),
    )


def _age(at: str | None) -> str:
    return wording.age_of(at) if at else health.NOTHING


def _csv(found: Json) -> None:
    import csv
    import sys

    rows = csv.DictWriter(
        sys.stdout, CSV_COLUMNS, restval="", extrasaction="ignore", lineterminator="\n"
    )
    rows.writeheader()
    rows.writerows(found["insurers"])
