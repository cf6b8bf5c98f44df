"""`osago config init [PATH]`: a commented insurers.toml to begin with; never overwrites one."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from osago_cli.commands import config_program
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import language, t
from osago_core import paths


def init(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[PATH]", help=t("config.init.path"), show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=t("config.init.force"))] = False,
) -> None:
    """Run the command."""
    file = (_users_own() if path is None else path).absolute()
    given = ["--force"] if force else []
    found = config_program.ask("init", f"--language={language()}", *given, "--", os.fspath(file))
    match found.get("error"):
        case None:
            pass
        case "exists":
            raise CliError(t("config.init.exists", file=file), Exit.INVALID)
        case _:
            message = t("file.unwritable", file=file, reason=found["reason"])
            raise CliError(message, Exit.INTERNAL)
    typer.echo(t("config.init.written", file=file), err=True)
    if found["backup"]:
        typer.echo(t("config.init.backup", file=found["backup"]), err=True)
    option = _option(file)
    typer.echo(t("config.init.next", secret=found["secret"], option=option), err=True)


def _users_own() -> Path:
    """The user's file, where a daemon of theirs looks for it."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "osago/insurers.toml"


def _option(file: Path) -> str:
    """What other commands need to hear where they would take another file."""
    if paths.insurers_file().absolute() == file:
        return ""
    return f" --insurers {shlex.quote(os.fspath(file))}"
