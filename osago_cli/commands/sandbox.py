"""`osago sandbox`: the ten pretend insurers."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from osago_cli import processes
from osago_cli.commands.options import LatencyScaleOption
from osago_cli.locale import t


class Profile(StrEnum):
    """How sick the insurers are."""

    CALM = "calm"
    ROUGH = "rough"
    STORM = "storm"


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help=t("sandbox.port"))] = 8787,
    host: Annotated[str, typer.Option(help=t("sandbox.host"))] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help=t("sandbox.seed"))] = 1,
    latency_scale: LatencyScaleOption = 1.0,
    profile: Annotated[Profile, typer.Option(help=t("sandbox.profile"))] = Profile.CALM,
    write_config: Annotated[
        Path | None, typer.Option(help=t("sandbox.write_config"), show_default=False)
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help=t("sandbox.verbose"))] = False,
) -> None:
    """Become the sandbox."""
    arguments = [
        f"--port={port}",
        f"--host={host}",
        f"--seed={seed}",
        f"--latency-scale={latency_scale}",
        f"--profile={profile.value}",
    ]
    if write_config is not None:
        arguments.append(f"--write-config={write_config}")
    if verbose:
        arguments.append("--verbose")
    processes.become(processes.SANDBOX, arguments)
