"""Options that several commands share."""

import math
from pathlib import Path
from typing import Annotated

import typer

from osago_cli.locale import t
from osago_cli.output.formats import Format
from osago_core.wire.protocol import MAX_DEADLINE_S

SocketOption = Annotated[
    Path | None, typer.Option("--socket", help=t("option.socket"), show_default=False)
]
InsurersOption = Annotated[
    Path | None, typer.Option("--insurers", help=t("option.insurers"), show_default=False)
]
StateDirOption = Annotated[
    Path | None, typer.Option("--state-dir", help=t("option.state_dir"), show_default=False)
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="STORE", help=t("option.store"), show_default=False),
]
OutputOption = Annotated[Format, typer.Option("--output", "-o", help=t("option.output"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("option.json"))]
StrictOption = Annotated[bool, typer.Option("--strict", help=t("option.strict"))]


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise typer.BadParameter(t("option.not_a_number"))
    return number


DeadlineOption = Annotated[
    float,
    typer.Option(
        "--deadline", min=0.1, max=MAX_DEADLINE_S, callback=_finite, help=t("quote.deadline")
    ),
]


LatencyScaleOption = Annotated[
    float,
    typer.Option("--latency-scale", min=0, callback=_finite, help=t("sandbox.latency_scale")),
]


def chosen(output: Format, json: bool) -> Format:  # as typer hands it over
    """`--json` is short for `-o json`."""
    return Format.JSON if json else output
