"""`osago status`: whether the daemon runs. Looks only, never starts or stops anything."""

from collections.abc import Iterator
from datetime import datetime

import typer

from osago_cli.client import Json
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t
from osago_cli.output import store
from osago_cli.output.formats import Format


def status(
    output: OutputOption = Format.TABLE, json: JsonOption = False, socket: SocketOption = None
) -> None:
    """Run the command."""
    with connect(socket) as client:
        found = client.request("daemon.status")
    match chosen(output, json):
        case Format.TABLE:
            _table(found)
        case Format.CSV:
            import csv
            import sys

            rows = csv.writer(sys.stdout, lineterminator="\n")
            rows.writerow(("key", "value"))
            rows.writerows(_flat(found))
        case Format.JSON | Format.NDJSON as format_:
            from osago_cli.output.documents import dump

            dump(found, indent=2 if format_ is Format.JSON else None)


def _flat(found: Json, prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, " ".join(value) if isinstance(value, list) else value


def _table(found: Json) -> None:
    daemon, runs = found["daemon"], found["runs"]
    unavailable = found["insurers_unavailable"]
    rows = {
        "status.state": t(f"status.{found['state']}", pid=daemon["pid"]),
        "status.version": daemon["version"],
        "status.since": f"{datetime.fromisoformat(daemon['started_at']).astimezone():%F %T}",
        "status.runs": _runs(runs),
        "status.clients": found["clients"],
        **_store(found.get("store")),
        "status.insurers": found["insurers"],
        "status.unavailable": ", ".join(unavailable) or t("status.none"),
        "status.insurers_file": found["insurers_file"],
        "status.socket": found["socket"],
    }
    if alarm := store.alarm(found.get("store")):
        typer.echo(f"{alarm}\n")
    width = max(len(t(key)) for key in rows)
    for key, value in rows.items():
        typer.echo(f"{t(key):<{width}}  {value}")


def _runs(found: Json) -> str:
    text = t("status.runs_value", active=found["active"], known=found["known"])
    reason = found.get("not_kept")
    return f"{text}; {t('status.not_kept', reason=reason)}" if reason else text


def _store(found: Json | None) -> Json:
    """Nothing of a daemon from before there was a store."""
    if found is None:
        return {}
    return {
        "status.store": store.place(found),
        "status.store_state": store.state(found),
        "status.instances": found["instances"],
    }
