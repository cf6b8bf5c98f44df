"""The `osago` command: its subcommands, and what every one of them does about errors."""

import io
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer

from osago_cli.client import Refused, Unreachable
from osago_cli.commands import (
    cache,
    check,
    config,
    daemon,
    demo,
    insurers,
    quote,
    sandbox,
    status,
    tariff,
    watch,
)
from osago_cli.connection import refused, unreachable
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_core import __version__

# Plain help and plain errors: rich would cost every command its import.
app = typer.Typer(
    help=t("app.help"),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("quote", help=t("quote.help"))(quote.quote)
app.command("watch", help=t("watch.help"))(watch.watch)
app.command("check", help=t("check.help"))(check.check)
app.command("tariff", help=t("tariff.help"))(tariff.tariff)
app.add_typer(insurers.app, name="insurers")
app.add_typer(cache.app, name="cache")
app.add_typer(config.app, name="config")
app.command("status", help=t("status.help"))(status.status)
app.add_typer(daemon.app, name="daemon")
app.command("sandbox", help=t("sandbox.help"))(sandbox.sandbox)
app.command("demo", help=t("demo.help"))(demo.demo)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=t("app.version"))] = False,
) -> None:
    """Say the version, or help where no command is given."""
    if version:
        typer.echo(f"osago {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def main() -> NoReturn:
    """Run, and turn every way to end into an exit code; Ctrl-C is 130 by typer itself."""
    sys.stdout = sys.stdout or _nowhere()  # None where it was closed: osago … >&-
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):  # a terminal of the nineties has no rouble sign
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    code = Exit.OK
    try:
        _run()
    except CliError as error:
        code = _explained(error)
    except Unreachable as error:
        code = _explained(unreachable(error))
    except Refused as error:
        code = _explained(refused(error))
    except BrokenPipeError:
        code = _pipe_closed()
    except SystemExit as leaving:
        if not isinstance(leaving.__context__, BrokenPipeError):
            raise
        code = _pipe_closed()  # typer has made exit code 1 of it
    except OSError as error:  # stdout can't be written to, for one
        print(f"osago: {error.strerror}", file=sys.stderr)
        _drop(sys.stdout)
        code = Exit.INTERNAL
    sys.exit(code)


def _run() -> None:
    """Run the command, and find out here, not at exit, whether its output could be written."""
    try:
        app()  # always ends in an exception, SystemExit at the least
    finally:
        sys.stdout.flush()


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _explained(error: CliError) -> Exit:
    try:
        print(error.message, *error.details, sep="\n", file=sys.stderr, flush=True)
    except OSError:  # nobody reads it; that must not become the exit code
        _drop(sys.stderr)
    return error.code


def _pipe_closed() -> Exit:
    """The reader has gone: nothing to say."""
    _drop(sys.stdout)
    return Exit.PIPE_CLOSED


def _drop(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, or Python would complain of it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
