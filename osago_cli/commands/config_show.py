"""`osago config show [ID]`: every value that holds, defaults included; `--origin`: whence."""

from typing import Annotated, Any

import typer

from osago_cli.client import Json
from osago_cli.commands import config_check, config_program
from osago_cli.commands.options import InsurersOption, JsonOption, OutputOption, chosen
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_cli.output import config
from osago_cli.output.formats import Format

CSV_COLUMNS = ("insurer", "key", "value", "origin")


def show(
    insurer: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help=t("config.show.insurer"), show_default=False),
    ] = None,
    origin: Annotated[bool, typer.Option("--origin", help=t("config.show.origin"))] = False,
    insurers: InsurersOption = None,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
) -> None:
    """Run the command."""
    found = config_program.with_file("show", insurers, [insurer] if insurer is not None else [])
    format_ = chosen(output, json)
    if "problems" in found:
        config_check.tell(found, format_)
        raise typer.Exit(Exit.INVALID)
    if "unknown" in found:
        known = ", ".join(found["known"])
        raise CliError(t("config.unknown", name=found["unknown"], known=known), Exit.INVALID)
    _tell(found, format_, origin=origin)


def _tell(found: Json, format_: Format, *, origin: bool) -> None:
    match format_:
        case Format.TABLE:
            for line in config.effective(found, origin=origin):
                typer.echo(line)
        case Format.JSON:
            from osago_cli.output.documents import dump

            dump(config.nested(found, origin=origin), indent=2)
        case Format.NDJSON:
            from osago_cli.output.documents import dump

            for row in config.rows(found):
                dump(row)
        case Format.CSV:
            import csv
            import sys

            writer = csv.DictWriter(sys.stdout, CSV_COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows({**row, "value": _cell(row["value"])} for row in config.rows(found))


def _cell(value: Any) -> str:
    """Text as it is, anything else as JSON has it, nothing for what is not set."""
    import json

    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
