"""`osago watch QUOTE_ID`: pick a run up again."""

from typing import Annotated

import typer

from osago_cli import resume
from osago_cli.client import Client, Refused
from osago_cli.commands.options import (
    JsonOption,
    OutputOption,
    SocketOption,
    StrictOption,
    chosen,
)
from osago_cli.connection import refused
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.follow import follow, say_once
from osago_cli.locale import t
from osago_cli.output.formats import Format
from osago_core import paths


def watch(
    quote_id: Annotated[str, typer.Argument(metavar="QUOTE_ID", help=t("watch.quote_id"))],
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    after_seq: Annotated[int, typer.Option(min=0, help=t("watch.after_seq"))] = 0,
    strict: StrictOption = False,
    socket: SocketOption = None,
) -> None:
    """Run the command."""
    path = paths.socket_path(socket)
    link = resume.Link(lambda: Client.connect(path), say_once())
    try:
        run = resume.watch(link, quote_id, after_seq)
    except Refused as refusal:
        raise refused(refusal) from None
    except resume.GaveUp as error:
        message = t("daemon.lost_run", socket=error.path, quote_id=quote_id)
        raise CliError(message, Exit.UNREACHABLE) from None
    with run:
        raise typer.Exit(follow(run, chosen(output, json), strict=strict, owned=False))
