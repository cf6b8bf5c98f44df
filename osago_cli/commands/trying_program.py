"""Runs the daemon's program that tries insurers out, which is never imported here."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from osago_cli import processes
from osago_cli.client import Json
from osago_cli.commands import config_check
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t
from osago_cli.output.formats import Format
from osago_core import paths

_MODULE = "osago_daemon.trying"
_YES = frozenset({"y", "yes", "д", "да"})

ApplicationOption = Annotated[
    str | None,
    typer.Option("--application", metavar="FILE|-", help=t("trying.file"), show_default=False),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help=t("trying.yes"))]


class Program:
    """The program under way: what it says, a document a line."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def go(self) -> None:
        """Let it send."""
        self._write(b"go\n")

    def say(self, document: Json) -> None:
        """Hand it the application."""
        self._write(json.dumps(document, ensure_ascii=False).encode() + b"\n")

    def documents(self) -> Iterator[Json]:
        """As they come. Raises CliError where it failed."""
        assert self._process.stdout is not None  # noqa: S101  # piped below
        for line in self._process.stdout:
            yield json.loads(line)
        if self._process.wait() not in (Exit.OK, Exit.INVALID):
            raise CliError(t("trying.failed"), Exit.INTERNAL)

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101  # piped below
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:  # it has ended: its last words are read yet
            return


@contextmanager
def running(command: str, insurer: str, *options: str, insurers: Path | None) -> Iterator[Program]:
    """Run it while the block runs. Its talk goes to our stderr."""
    where = [] if insurers is None else [f"--insurers={insurers}"]
    process = subprocess.Popen(  # noqa: S603  # our own program
        processes.command(_MODULE, [command, *where, *options, "--", insurer]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us; we stop it ourselves
    )
    with processes.ended(process):
        yield Program(process)


def application(source: str | None) -> Json:
    """The application, checked as `osago check` does it: all problems at once, exit 2."""
    from osago_cli.commands.check import problems_of
    from osago_cli.documents import read_application
    from osago_cli.problems import problem_lines

    data = read_application(source or os.fspath(paths.shipped("examples/application.json")))
    problems = problems_of(data)
    if problems:
        lines = problem_lines(problems)
        raise CliError(t("application.invalid", count=len(problems)), Exit.INVALID, lines)
    return data


def ready(documents: Iterator[Json], format_: Format) -> Json:
    """What it says first; ends the command where the file or the id is wrong."""
    first: Json = next(documents, {"type": "nothing"})
    match first["type"]:
        case "ready":
            return first
        case "problems":
            config_check.tell(first, format_)
            raise typer.Exit(Exit.INVALID)
        case "unknown":
            text = t("config.unknown", name=first["unknown"], known=", ".join(first["known"]))
            raise CliError(text, Exit.INVALID)
        case _:
            raise CliError(t("trying.failed"), Exit.INTERNAL)


def consent(found: Json, *, yes: bool, stdin_taken: bool) -> None:
    """Say that a real insurer gets a real application, and ask. Raises CliError without consent."""
    if found["local"]:
        return
    values: dict[str, Any] = {"name": found["name"], "server": found["server"] or found["insurer"]}
    typer.echo(t("trying.real", **values), err=True)
    if yes:
        return
    if stdin_taken or sys.stdin is None or not sys.stdin.isatty():
        raise CliError(t("trying.needs_yes"), Exit.INVALID)
    typer.echo(t("trying.confirm") + " ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in _YES:
        raise CliError(t("trying.not_sent"), Exit.INTERRUPTED)
