"""`osago daemon run|start|stop|reload`: in the foreground, in the background, no more, anew."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from osago_cli import client as wire
from osago_cli import processes
from osago_cli.commands import daemon_reload
from osago_cli.commands.options import (
    InsurersOption,
    SocketOption,
    StateDirOption,
    StoreOption,
)
from osago_cli.connection import unreachable
from osago_cli.locale import t
from osago_core import paths


class LogLevel(StrEnum):
    """How much the daemon says."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


LogLevelOption = Annotated[LogLevel, typer.Option("--log-level", help=t("daemon.log_level"))]

app = typer.Typer(help=t("daemon.help"), no_args_is_help=True)
app.command("reload", help=t("daemon.reload.help"))(daemon_reload.reload)


@app.command(help=t("daemon.run.help"))
def run(
    socket: SocketOption = None,
    insurers: InsurersOption = None,
    state_dir: StateDirOption = None,
    store: StoreOption = None,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Become osagod."""
    name_store(store)
    arguments = _arguments(insurers, state_dir, log_level)
    if socket is not None:
        arguments += ["--socket", os.fspath(socket)]
    processes.become(processes.DAEMON, arguments)


@app.command(help=t("daemon.start.help"))
def start(
    socket: SocketOption = None,
    insurers: InsurersOption = None,
    state_dir: StateDirOption = None,
    store: StoreOption = None,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Start osagod in the background unless it runs."""
    path = paths.own_socket_path(socket)
    name_store(store)
    ensure_running(path, state_dir, _arguments(insurers, state_dir, log_level))


@app.command(help=t("daemon.stop.help"))
def stop(socket: SocketOption = None) -> None:
    """Stop the daemon and wait until it is gone."""
    path = paths.socket_path(socket)
    try:
        pid = processes.stop_daemon(path)
    except wire.Unreachable as error:
        raise unreachable(error) from None
    key = "daemon.stopped" if pid else "daemon.none_to_stop"
    typer.echo(t(key, pid=pid, socket=path), err=True)


def ensure_running(
    socket: Path, state_dir: Path | None = None, arguments: list[str] | None = None
) -> None:
    """Start a daemon unless one runs, and say which of the two it was. Raises CliError."""
    try:
        log = processes.ensure_running(socket, paths.state_dir(state_dir), arguments or [])
    except wire.Unreachable as error:
        raise unreachable(error) from None
    if log is None:
        typer.echo(t("daemon.runs_already", socket=socket), err=True)
    else:
        typer.echo(t("daemon.started", socket=socket, log=log), err=True)


def name_store(store: str | None) -> None:
    """Tell osagod of the store, as it was given here; it alone understands it.

    By the environment: in the list of processes everybody on the machine would read its password
    for as long as the daemon runs.
    """
    if store is not None:
        os.environ["OSAGO_STORE"] = store


def _arguments(insurers: Path | None, state_dir: Path | None, log_level: LogLevel) -> list[str]:
    arguments = ["--log-level", log_level.value]
    if insurers is not None:
        arguments += ["--insurers", os.fspath(insurers)]
    if state_dir is not None:
        arguments += ["--state-dir", os.fspath(state_dir)]
    return arguments
