"""`osago quote FILE`: ask every insurer, show offers as they arrive."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from osago_cli import resume
from osago_cli.client import Client, Refused
from osago_cli.commands.options import (
    DeadlineOption,
    JsonOption,
    OutputOption,
    SocketOption,
    StoreOption,
    StrictOption,
    chosen,
)
from osago_cli.connection import refused
from osago_cli.documents import read_application
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.follow import follow, say_once
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
    store: StoreOption = None,
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
    path = paths.socket_path(socket)
    if start:
        from osago_cli.commands.daemon import ensure_running, name_store

        name_store(store)
        ensure_running(path)
    elif store is not None:
        raise typer.BadParameter(t("quote.store_without_start"), param_hint="--store")
    raise typer.Exit(ask(lambda: Client.connect(path), params, chosen(output, json), strict=strict))


def _ids(words: list[str]) -> list[str]:
    ids = [id_.strip() for word in words for id_ in word.split(",") if id_.strip()]
    if not ids:
        raise typer.BadParameter(t("quote.no_insurer"), param_hint="--insurer")
    return ids


def ask(dial: resume.Dial, params: dict[str, Any], format_: Format, *, strict: bool) -> Exit:
    """Start a run and follow it. Raises CliError, Unreachable."""
    try:
        run = resume.start(resume.Link(dial, say_once()), params)
    except Refused as refusal:
        raise refused(refusal) from None
    except resume.GaveUp as error:
        message = t("daemon.lost_start", socket=error.path)
        raise CliError(message, Exit.UNREACHABLE) from None
    except KeyboardInterrupt:
        raise CliError(t("interrupted"), Exit.INTERRUPTED) from None
    with run:
        return follow(run, format_, strict=strict, owned=True)
