"""`osago daemon reload`: have the daemon take insurers.toml as it is now, all of it or nothing."""

from collections.abc import Iterator

import typer

from osago_cli.client import Json
from osago_cli.commands.options import JsonOption, OutputOption, SocketOption, chosen
from osago_cli.connection import connect
from osago_cli.locale import t
from osago_cli.output.formats import Format

PATIENCE_S = 300.0
"""Programs that give secrets have ten seconds each, and other reloads go first."""

_LISTS = ("added", "removed", "changed", "unchanged")


def reload(
    output: OutputOption = Format.TABLE, json: JsonOption = False, socket: SocketOption = None
) -> None:
    """Run the command."""
    with connect(socket) as client:
        told = client.answer(client.send("daemon.reload"), PATIENCE_S)
    match chosen(output, json):
        case Format.TABLE:
            typer.echo(sentence(told))
        case Format.CSV:
            typer.echo("insurer,what")
            for what in _LISTS:
                for insurer in told[what]:
                    typer.echo(f"{insurer},{what}")
        case Format.JSON | Format.NDJSON as format_:
            from osago_cli.output.documents import dump

            dump(told, indent=2 if format_ is Format.JSON else None)


def sentence(told: Json) -> str:
    """What changed, in one sentence."""
    return t("reload.done", file=told["file"], what="; ".join(_parts(told)))


def _parts(told: Json) -> Iterator[str]:
    for what in ("added", "removed", "changed"):
        if told[what]:
            yield t(f"reload.{what}", insurers=", ".join(told[what]))
    if told["tariff"] == "changed":
        yield t("reload.tariff")
    if not any(told[what] for what in _LISTS[:3]):
        yield t("reload.no_insurer")
    else:
        yield t("reload.unchanged", count=len(told["unchanged"]))
