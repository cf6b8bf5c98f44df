"""`osago config check`: every mistake of insurers.toml at once, and what is odd in it."""

from typing import Any

import typer

from osago_cli.client import Json
from osago_cli.commands import config_program
from osago_cli.commands.options import InsurersOption, JsonOption, OutputOption, chosen
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_cli.output import config
from osago_cli.output.formats import Format

CSV_COLUMNS = ("severity", "file", "line", "column", "key", "code", "text")


def check(
    insurers: InsurersOption = None, output: OutputOption = Format.TABLE, json: JsonOption = False
) -> None:
    """Run the command."""
    found = config_program.with_file("check", insurers)
    tell(found, chosen(output, json))
    raise typer.Exit(Exit.OK if found["valid"] else Exit.INVALID)


def tell(found: Json, format_: Format) -> None:
    """What was found, in a format."""
    match format_:
        case Format.JSON:
            from osago_cli.output.documents import dump

            dump(found, indent=2)
        case Format.NDJSON:
            from osago_cli.output.documents import dump

            for row in _rows(found):
                dump(row)
        case Format.CSV:
            import csv
            import sys

            rows = csv.DictWriter(sys.stdout, CSV_COLUMNS, restval="", lineterminator="\n")
            rows.writeheader()
            rows.writerows(_rows(found))
        case Format.TABLE:
            for line in config.findings(found):
                typer.echo(line)
            if not found["valid"]:
                typer.echo(t("config.invalid", count=len(found["problems"])), err=True)


def _rows(found: Json) -> list[dict[str, Any]]:
    return [
        {"severity": severity, "file": found["file"], **item}
        for severity, items in (("problem", found["problems"]), ("warning", found["warnings"]))
        for item in items
    ]
