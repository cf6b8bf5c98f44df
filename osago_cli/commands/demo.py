"""`osago demo`: sandbox, private daemon, one quote; nothing to configure, nothing left behind."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Annotated

import typer

from osago_cli import processes
from osago_cli.client import Client
from osago_cli.commands.options import (
    DeadlineOption,
    JsonOption,
    LatencyScaleOption,
    OutputOption,
    chosen,
)
from osago_cli.commands.quote import ask
from osago_cli.commands.sandbox import Profile
from osago_cli.documents import read_application
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_cli.output.formats import Format
from osago_cli.resume import Dial
from osago_core import paths


def demo(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE|-]", help=t("demo.file"), show_default=False)
    ] = None,
    output: OutputOption = Format.TABLE,
    json: JsonOption = False,
    deadline: DeadlineOption = 25.0,
    latency_scale: LatencyScaleOption = 0.4,
    seed: Annotated[int, typer.Option(help=t("sandbox.seed"))] = 1,
    profile: Annotated[Profile, typer.Option(help=t("sandbox.profile"))] = Profile.CALM,
) -> None:
    """Run the command."""
    import signal
    import tempfile

    # As Ctrl-C does, so that the processes and the folder below are cleared away.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))

    application = read_application(file or str(paths.shipped("examples/application.json")))
    sandbox = [
        "--port=0",
        f"--latency-scale={latency_scale}",
        f"--seed={seed}",
        f"--profile={profile.value}",
    ]
    with tempfile.TemporaryDirectory(prefix="osago-demo-") as name:
        home = Path(name)
        sandbox.append(f"--write-config={home / 'insurers.toml'}")
        with processes.sandbox(sandbox), _daemon(home) as dial:
            typer.echo(t("demo.started"), err=True)
            params = {"application": application, "deadline_s": deadline}
            code = ask(dial, params, chosen(output, json), strict=False)
    raise typer.Exit(code)


@contextmanager
def _daemon(home: Path) -> Iterator[Dial]:
    socket, log = home / "osago.sock", home / "osagod.log"
    arguments = [
        f"--socket={socket}",
        f"--insurers={home / 'insurers.toml'}",
        f"--state-dir={home}",
    ]
    # Its store is its own, too, whatever the environment says of another one.
    process = processes.start_daemon(arguments, log=log, without=("OSAGO_STORE",))
    with processes.ended(process):
        processes.wait_until_ready(process, socket, log)
        yield lambda: _connected(process, socket)


def _connected(process: "Popen[bytes]", socket: Path) -> Client:
    if process.poll() is not None:  # nobody starts this one again: nothing to wait for
        raise CliError(t("daemon.lost", socket=socket, detail=process.returncode), Exit.UNREACHABLE)
    return Client.connect(socket)
