"""`osago watch QUOTE_ID`: pick a run up again."""

from typing import Annotated

import typer

from osago_cli.client import Json, Refused
from osago_cli.commands.options import (
    JsonOption,
    OutputOption,
    SocketOption,
    StrictOption,
    chosen,
)
from osago_cli.connection import connect, refused
from osago_cli.follow import follow
from osago_cli.locale import t
from osago_cli.output.formats import Format


def watch(
    quote_id: Annotated[str, typer.Argument(metavar="QUOTE_ID", help=t("watch.quote_id"))],
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    after_seq: Annotated[int, typer.Option(min=0, help=t("watch.after_seq"))] = 0,
    strict: StrictOption = False,
    socket: SocketOption = None,
) -> None:
    """Run the command."""
    with connect(socket) as client:
        try:
            params: Json = {"quote_id": quote_id, "after_seq": after_seq}
            watched = client.request("quote.watch", params)
            if watched["state"] == "done" and after_seq >= watched["seq"]:
                # Nothing more will come: tell the end again rather than wait for ever.
                params["after_seq"] = watched["seq"] - 1
                watched = client.request("quote.watch", params)
        except Refused as refusal:
            raise refused(refusal) from None
        raise typer.Exit(follow(client, watched, chosen(output, json), strict=strict, owned=False))
