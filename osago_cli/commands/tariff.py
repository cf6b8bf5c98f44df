"""`osago tariff FILE`: what the law lets a policy cost, and why. Needs no daemon, asks nobody."""

import os
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osago_cli.commands.options import JsonOption, OutputOption, chosen
from osago_cli.documents import read_application
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_cli.output.formats import Format
from osago_cli.problems import problem_lines
from osago_core import paths
from osago_core.moscow import moscow_day

if TYPE_CHECKING:  # pydantic and the tables cost more than all the rest: only where they work
    from osago_core.application import Application, Problem
    from osago_core.tariff import TariffBook
    from osago_core.wire.tariff import TariffReport

KBM_CLASSES = ("M", *map(str, range(14)))
_CYRILLIC_M = "М"
_DAYS = ("%Y-%m-%d", "%d.%m.%Y")


class Drivers(StrEnum):
    """Who may drive, if not those of the application."""

    UNLIMITED = "unlimited"


def _kbm_class(text: str | None) -> str | None:
    if text is None:
        return None
    named = text.strip().upper().replace(_CYRILLIC_M, "M")
    if named not in KBM_CLASSES:
        raise typer.BadParameter(t("tariff.kbm_class_bad", choices=", ".join(KBM_CLASSES)))
    return named


def _day(text: str) -> date:
    """`2025-11-01` or `01.11.2025`. Raises BadParameter."""
    for form in _DAYS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    raise typer.BadParameter(t("tariff.on_bad"))


def tariff(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=t("check.file"))],
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    on: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="DATE", help=t("tariff.on"), show_default=False),
    ] = None,
    drivers: Annotated[
        Drivers | None, typer.Option(help=t("tariff.drivers"), show_default=False)
    ] = None,
    months: Annotated[
        int | None, typer.Option(min=1, max=12, help=t("tariff.months"), show_default=False)
    ] = None,
    kbm_class: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS", callback=_kbm_class, help=t("tariff.kbm_class"), show_default=False
        ),
    ] = None,
    claims: Annotated[
        int | None, typer.Option(min=0, help=t("tariff.claims"), show_default=False)
    ] = None,
) -> None:
    """Run the command."""
    data = read_application(file)
    today = moscow_day(datetime.now(UTC))
    asked = {
        "drivers": drivers.value if drivers else None,
        "use_months": months,
        "kbm_class": kbm_class,
        "claims": claims,
    }
    changes = {key: value for key, value in asked.items() if value is not None}
    application, warnings = _checked(data, today)
    day = on or today
    report = _report(application, changes, on=day, today=today)
    _show(report, warnings, changes, chosen(output, json), ahead=day > today)


def _checked(data: dict[str, Any], today: date) -> "tuple[Application, list[dict[str, Any]]]":
    """The application and its warnings. Raises CliError with every problem."""
    from osago_core.application import Invalid, check

    checked = check(data, today=today)
    if isinstance(checked, Invalid):
        problems = problem_lines(map(_plain, checked.problems))
        raise CliError(t("application.invalid", count=len(problems)), Exit.INVALID, problems)
    return checked.application, list(map(_plain, checked.warnings))


def _report(
    application: "Application", changes: dict[str, Any], *, on: date, today: date
) -> "TariffReport":
    from osago_cli.output import tariff_problems
    from osago_core.pricing.facts import UnpricedError
    from osago_core.pricing.report import report
    from osago_core.tariff import NoTariff, TariffBook
    from osago_core.wire.tariff import TariffChanges

    own = _own_folder()
    book = TariffBook() if own is None else _sound(TariffBook(own))
    asked = TariffChanges(**changes)
    try:
        book.on(on)  # where no tariff is, ages of that day would be told first, and are no help
        return report(application, book=book, on=on, changes=asked, today=today)
    except UnpricedError as unpriced:
        problems = [tariff_problems.line(problem) for problem in unpriced.problems]
        message = t("tariff.unpriced", count=len(problems))
        raise CliError(message, Exit.INVALID, problems) from None
    except NoTariff as gap:
        edict = book.edition(gap.version).edict if gap.version else ""
        message = tariff_problems.gap(gap, on, edict, _priced_since(application, book))
        raise CliError(message, Exit.INVALID) from None


def _priced_since(application: "Application", book: "TariffBook") -> date | None:
    """From when on there is a price for it by every edition; None where there is none."""
    from osago_core.pricing.facts import Unpriced, UnpricedError, calculate, rated
    from osago_core.tariff import NoTariff

    of, since = rated(application, book), None
    if isinstance(of, Unpriced):
        return None
    for version in reversed(book.versions):
        try:
            calculate(of.facts, book.on(date.fromisoformat(version)))
        except (NoTariff, UnpricedError):
            break
        since = date.fromisoformat(version)
    return since


def _own_folder() -> Path | None:
    """The folder of tables that insurers.toml names, where there is one. Raises CliError."""
    file = paths.insurers_file(None)
    if not os.path.exists(file):  # noqa: PTH110  # False where we may not look; Path's raises
        return None
    if not os.access(file, os.R_OK):  # the service's, with passwords in it
        typer.echo(t("tariff.own_unreadable", file=file), err=True)
        return None
    from osago_core.tariff.own import own_directory

    try:
        return own_directory(file)
    except ValueError as error:
        raise CliError(t("tariff.own_not_found", file=file), Exit.INVALID, [str(error)]) from None


def _sound(book: "TariffBook") -> "TariffBook":
    """A book of the user's own, after a look at all of it. Raises CliError with every mistake.

    A table with a mistake may well calculate, and then nobody would see that the figure is wrong.
    """
    from osago_core.tariff.validate import problems

    if found := problems(book):
        message = t("tariff.own_broken", folder=book.folder, count=len(found))
        raise CliError(message, Exit.INVALID, list(found))
    return book


def _show(
    report: "TariffReport",
    warnings: list[dict[str, Any]],
    changes: dict[str, Any],
    format_: Format,
    *,
    ahead: bool,
) -> None:
    from osago_cli.output.tariff import show

    document = report.model_dump(mode="json", exclude_none=True)
    show(document, warnings, changes, format_, ahead=ahead)
    if format_ is not Format.JSON:  # the document has them
        for line in problem_lines(warnings):
            typer.echo(t("check.warning", text=line), err=True)


def _plain(problem: "Problem") -> dict[str, Any]:
    return problem.model_dump()
