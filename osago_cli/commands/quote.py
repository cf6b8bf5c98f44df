"""`osago quote FILE`: ask every insurer, show offers as they arrive."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from osago_cli.client import Client, Refused
from osago_cli.commands.options import (
    DeadlineOption,
    JsonOption,
    OutputOption,
    SocketOption,
    StrictOption,
    chosen,
)
from osago_cli.connection import connect, refused
from osago_cli.documents import read_application
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.follow import follow
from osago_cli.locale import t
from osago_cli.output.formats import Format
from osago_core import paths
from osago_core.wire.protocol import MAX_DEADLINE_S


class Priority(StrEnum):
    """Whose quote goes first."""

    INTERACTIVE = "interactive"
    BATCH = "batch"


def quote(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=t("quote.file"))],
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    deadline: DeadlineOption = MAX_DEADLINE_S,
    insurer: Annotated[
        list[str] | None, typer.Option(help=t("quote.insurer"), show_default=False)
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help=t("quote.refresh"))] = False,
    strict: StrictOption = False,
    priority: Annotated[Priority, typer.Option(help=t("quote.priority"))] = Priority.INTERACTIVE,
    start: Annotated[bool, typer.Option("--start", help=t("quote.start"))] = False,
    socket: SocketOption = None,
) -> None:
    """Run the command."""
    params: dict[str, Any] = {
        "application": read_application(file),
        "deadline_s": deadline,
        "cache": "refresh" if refresh else "use",
        "priority": priority.value,
    }
    if insurer is not None:
        params["insurers"] = _ids(insurer)
    if start:
        from osago_cli.commands.daemon import ensure_running

        ensure_running(paths.socket_path(socket))
    with connect(socket) as client:
        raise typer.Exit(ask(client, params, chosen(output, json), strict=strict))


def _ids(words: list[str]) -> list[str]:
    ids = [id_.strip() for word in words for id_ in word.split(",") if id_.strip()]
    if not ids:
        raise typer.BadParameter(t("quote.no_insurer"), param_hint="--insurer")
    return ids


def ask(client: Client, params: dict[str, Any], format_: Format, *, strict: bool) -> Exit:
    """Start a run and follow it. Raises CliError."""
    asked = client.send("quote.start", params)
    try:
        started = client.answer(asked)
    except Refused as refusal:
        raise refused(refusal) from None
    except KeyboardInterrupt:
        # The run has begun or is about to: nobody would be there to see it.
        client.request("quote.cancel", {"quote_id": client.answer(asked)["quote_id"]})
        raise CliError(t("interrupted"), Exit.INTERRUPTED) from None
    return follow(client, started, format_, strict=strict, owned=True)
