"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from osago_cli.locale import t
from osago_cli.output.formats import Format

SocketOption = Annotated[
    Path | None, typer.Option("--socket", help=t("option.socket"), show_default=False)
]
InsurersOption = Annotated[
    Path | None, typer.Option("--insurers", help=t("option.insurers"), show_default=False)
]
StateDirOption = Annotated[
    Path | None, typer.Option("--state-dir", help=t("option.state_dir"), show_default=False)
]
OutputOption = Annotated[Format, typer.Option("--output", "-o", help=t("option.output"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("option.json"))]
StrictOption = Annotated[bool, typer.Option("--strict", help=t("option.strict"))]


def chosen(output: Format, json: bool) -> Format:  # as typer hands it over
    """`--json` is short for `-o json`."""
    return Format.JSON if json else output
