"""`osago insurers record ID`: one application's way through an insurer, kept for tests."""

import os
from pathlib import Path
from typing import Annotated

import typer

from osago_cli.client import Json
from osago_cli.commands import trying_program
from osago_cli.commands.insurers_show import InsurerArgument
from osago_cli.commands.insurers_test import DEADLINE_S
from osago_cli.commands.options import DeadlineOption, InsurersOption
from osago_cli.commands.trying_program import ApplicationOption, YesOption
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_cli.output.formats import Format


def record(
    insurer: InsurerArgument,
    application: ApplicationOption = None,
    target: Annotated[  # not `output`: that of `osago insurers -o json` is a format
        Path | None,
        typer.Option("--output", "-o", help=t("trying.record.output"), show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=t("trying.record.force"))] = False,
    yes: YesOption = False,
    deadline: DeadlineOption = DEADLINE_S,
    insurers: InsurersOption = None,
) -> None:
    """Run the command."""
    data = trying_program.application(application)
    file = (target or Path(f"{insurer}.json")).absolute()
    if file.exists() and not force:  # before anything is sent
        raise CliError(t("trying.record.exists", file=file), Exit.INVALID)
    options = [f"--deadline={deadline}", f"--output={os.fspath(file)}"]
    options += ["--force"] if force else []
    found: Json = {}
    with trying_program.running("record", insurer, *options, insurers=insurers) as program:
        program.say(data)
        documents = program.documents()
        ready = trying_program.ready(documents, Format.TABLE)
        trying_program.consent(ready, yes=yes, stdin_taken=application == "-")
        program.go()
        for document in documents:
            if document["type"] == "recorded":
                found = document
    if not found:
        raise CliError(t("trying.failed"), Exit.INTERNAL)
    _tell(found, file)


def _tell(found: Json, file: Path) -> None:
    match found.get("problem"):
        case None:
            text = t(
                "trying.record.written",
                file=file,
                insurer=found["insurer"],
                outcome=_outcome(found["outcome"]),
                count=found["exchanges"],
            )
            typer.echo(text, err=True)
        case "exists":
            raise CliError(t("trying.record.exists", file=file), Exit.INVALID)
        case "unwritable":
            text = t("file.unwritable", file=file, reason=found["reason"])
            raise CliError(text, Exit.INTERNAL)
        case problem:
            values = {name: found.get(name, "") for name in ("step", "why", "where")}
            raise CliError(t(f"trying.record.{problem}", **values), Exit.INTERNAL)


def _outcome(type_: str) -> str:
    return t("trying.no_answer") if type_ == "failed" else t(f"trying.{type_}")
