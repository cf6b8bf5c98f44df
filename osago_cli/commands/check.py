"""`osago check FILE`: everything wrong with an application at once. Needs no daemon."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osago_cli.commands.options import JsonOption, OutputOption, chosen
from osago_cli.documents import read_application
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_cli.output.formats import Format
from osago_cli.problems import problem_lines
from osago_core.moscow import moscow_day

if TYPE_CHECKING:
    from osago_core.application import Application


def check(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=t("check.file"))],
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
) -> None:
    """Run the command."""
    data = read_application(file)
    # pydantic costs more than the rest of the command together: only here, where it works.
    from osago_core.application import Valid
    from osago_core.application import check as check_application

    checked = check_application(data, today=moscow_day(datetime.now(UTC)))
    problems = [] if isinstance(checked, Valid) else list(map(_plain, checked.problems))
    warnings = list(map(_plain, checked.warnings))
    if isinstance(checked, Valid):
        warnings += _unpriced(checked.application)
    _show(problems, warnings, chosen(output, json))
    raise typer.Exit(Exit.INVALID if problems else Exit.OK)


def problems_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything that is wrong with an application of today."""
    from osago_core.application import Valid
    from osago_core.application import check as check_application

    checked = check_application(data, today=moscow_day(datetime.now(UTC)))
    return [] if isinstance(checked, Valid) else list(map(_plain, checked.problems))


def _unpriced(application: "Application") -> list[dict[str, Any]]:
    """Why the tariff can't price it: insurers will ask as well."""
    from osago_core.pricing.facts import Unpriced, rated
    from osago_core.tariff import TariffBook

    found = rated(application, TariffBook())
    return list(map(_plain, found.problems)) if isinstance(found, Unpriced) else []


def _show(problems: list[dict[str, Any]], warnings: list[dict[str, Any]], format_: Format) -> None:
    if format_ is Format.JSON:
        from osago_cli.output.documents import dump

        dump({"valid": not problems, "problems": problems, "warnings": warnings}, indent=2)
        return
    if format_ is Format.NDJSON:
        from osago_cli.output.documents import dump

        for severity, items in (("problem", problems), ("warning", warnings)):
            for item in items:
                dump({"severity": severity, **item})
        return
    if format_ is Format.CSV:
        _csv(problems, warnings)
        return
    for line in problem_lines(problems):
        typer.echo(line)
    for line in problem_lines(warnings):
        typer.echo(t("check.warning", text=line))
    counted = t("application.invalid", count=len(problems)) if problems else t("check.valid")
    typer.echo(counted, err=True)


def _csv(problems: list[dict[str, Any]], warnings: list[dict[str, Any]]) -> None:
    import csv
    import sys

    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("severity", "path", "code", "text"))
    for severity, items in (("problem", problems), ("warning", warnings)):
        rows.writerows((severity, item["path"], item["code"], item["text"]) for item in items)


def _plain(problem: Any) -> dict[str, Any]:
    return {
        "path": problem.path,
        "code": problem.code,
        "text": problem.text,
        "params": dict(problem.params),
    }
