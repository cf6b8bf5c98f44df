"""`osago cache clear [--insurer ID]`: forget today's answers. Asks for no confirmation."""

from typing import Annotated

import typer

from osago_cli.client import Json
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t
from osago_cli.output.formats import Format


def clear(
    insurer: Annotated[
        str | None,
        typer.Option(metavar="ID", help=t("cache.insurer"), show_default=False),
    ] = None,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    socket: SocketOption = None,
) -> None:
    """Run the command."""
    params: Json = {} if insurer is None else {"insurer": insurer}
    with connect(socket) as client:
        cleared = client.request("cache.clear", params)
    match chosen(output, json):
        case Format.TABLE:
            typer.echo(t("cache.removed", count=cleared["removed"]))
        case Format.CSV:
            typer.echo(f"removed\n{cleared['removed']}")
        case Format.JSON | Format.NDJSON as format_:
            from osago_cli.output.documents import dump

            dump(cleared, indent=2 if format_ is Format.JSON else None)
