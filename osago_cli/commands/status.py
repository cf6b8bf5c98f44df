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
from osago_cli.problems import config_lines


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
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for index, item in enumerate(value):
                yield from _flat(item, f"{prefix}{key}[{index}].")
        else:
            yield prefix + key, " ".join(value) if isinstance(value, list) else value


def _table(found: Json) -> None:
    daemon, runs = found["daemon"], found["runs"]
    unavailable = found["insurers_unavailable"]
    rows = {
        "status.state": t(f"status.{found['state']}", pid=daemon["pid"]),
        "status.version": daemon["version"],
        "status.since": _moment(daemon["started_at"]),
        "status.runs": _runs(runs),
        "status.clients": found["clients"],
        **_store(found.get("store")),
        "status.insurers": found["insurers"],
        "status.unavailable": ", ".join(unavailable) or t("status.none"),
        "status.insurers_file": found["insurers_file"],
        **_reloaded(found.get("reloaded_at")),
        "status.socket": found["socket"],
    }
    if alarm := store.alarm(found.get("store")):
        typer.echo(f"{alarm}\n")
    if refused := found.get("config_refused"):
        typer.echo("\n".join(_refused(refused)) + "\n")
    width = max(len(t(key)) for key in rows)
    for key, value in rows.items():
        typer.echo(f"{t(key):<{width}}  {value}")


def _moment(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%F %T}"


def _reloaded(at: str | None) -> Json:
    """Nothing where the file is that of the start."""
    return {"status.reloaded": _moment(at)} if at else {}


def _refused(refused: Json) -> Iterator[str]:
    """That another file waits, since when, and what is wrong with it in the first place."""
    yield t("status.refused", count=refused["problems"], time=_moment(refused["since"]))
    for line in config_lines(refused["first"]):
        yield f"  {line}"
    if more := refused["problems"] - len(refused["first"]):
        yield f"  {t('status.refused_more', count=more)}"


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
