"""`osago status`: whether the daemon runs. Looks only, never starts or stops anything."""

import typer

from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t
from osago_cli.output.formats import Format


def status(
    output: OutputOption = Format.TABLE, json: JsonOption = False, socket: SocketOption = None
) -> None:
    """Run the command."""
    with connect(socket) as client:
        found = client.request("daemon.status")
    if chosen(output, json) is not Format.TABLE:
        from osago_cli.output.documents import dump

        dump(found, indent=2 if chosen(output, json) is Format.JSON else None)
        return
    daemon, runs = found["daemon"], found["runs"]
    unavailable = found["insurers_unavailable"]
    rows = {
        "status.state": t(f"status.{found['state']}", pid=daemon["pid"]),
        "status.version": daemon["version"],
        "status.since": daemon["started_at"],
        "status.runs": t("status.runs_value", **runs),
        "status.clients": found["clients"],
        "status.insurers": found["insurers"],
        "status.unavailable": ", ".join(unavailable) or t("status.none"),
        "status.insurers_file": found["insurers_file"],
        "status.socket": found["socket"],
    }
    width = max(len(t(key)) for key in rows)
    for key, value in rows.items():
        typer.echo(f"{t(key):<{width}}  {value}")
