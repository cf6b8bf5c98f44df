"""`osago insurers test ID`: one application through one insurer's steps, everything shown."""

from collections.abc import Iterator
from typing import Annotated

import typer

from osago_cli.client import Json
from osago_cli.commands import trying_program
from osago_cli.commands.insurers_show import InsurerArgument
from osago_cli.commands.options import (
    DeadlineOption,
    InsurersOption,
    JsonOption,
    OutputOption,
    chosen,
)
from osago_cli.commands.trying_program import ApplicationOption, YesOption
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_cli.output import trying
from osago_cli.output.formats import Format

DEADLINE_S = 60.0
CSV_COLUMNS = ("step", "key", "line", "item", "expression", "value", "came_to", "error")


def try_out(
    insurer: InsurerArgument,
    application: ApplicationOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("trying.dry_run"))] = False,
    yes: YesOption = False,
    deadline: DeadlineOption = DEADLINE_S,
    insurers: InsurersOption = None,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
) -> None:
    """Run the command."""
    data = trying_program.application(application)
    format_ = chosen(output, json)
    options = [f"--deadline={deadline}", *(["--dry-run"] if dry_run else [])]
    with trying_program.running("test", insurer, *options, insurers=insurers) as program:
        program.say(data)
        documents = program.documents()
        found = trying_program.ready(documents, format_)
        if not dry_run:
            trying_program.consent(found, yes=yes, stdin_taken=application == "-")
            program.go()
        code = _show(found, documents, format_, dry_run=dry_run)
    raise typer.Exit(code)


def _show(found: Json, documents: Iterator[Json], format_: Format, *, dry_run: bool) -> Exit:
    """Show what comes, as it comes; Ctrl-C ends it with what is known."""
    report = trying.Report(found, dry_run=dry_run)
    told = _teller(report, format_)
    code = Exit.OK
    try:
        for document in documents:
            report.add(document)
            told(document)
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    match format_:
        case Format.TABLE:
            for line in report.end():
                typer.echo(line)
        case Format.JSON:
            from osago_cli.output.documents import dump

            dump(report.document(), indent=2)
        case Format.CSV:
            import csv
            import sys

            rows = csv.DictWriter(
                sys.stdout, CSV_COLUMNS, restval="", extrasaction="ignore", lineterminator="\n"
            )
            rows.writeheader()
            rows.writerows(report.rows())
        case Format.NDJSON:
            pass
    if code is Exit.INTERRUPTED:
        typer.echo(t("interrupted"), err=True)
        return code
    return code if dry_run else report.exit()


def _teller(report: trying.Report, format_: Format) -> "trying.Tell":
    """What is shown of a document at once."""
    if format_ is Format.TABLE:
        for line in report.head():
            typer.echo(line)

        def lines(document: Json) -> None:
            for line in report.lines(document):
                typer.echo(line)

        return lines
    if format_ is Format.NDJSON:
        from osago_cli.output.documents import dump

        return dump
    return lambda _: None
