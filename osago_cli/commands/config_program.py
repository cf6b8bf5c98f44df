"""Runs the daemon's program that understands insurers.toml, which is never imported here."""

import json
import subprocess
from collections.abc import Sequence

from osago_cli import processes
from osago_cli.client import Json
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t

_MODULE = "osago_daemon.config"


def ask(*arguments: str) -> Json:
    """The document that it writes. Its talk goes to our stderr. Raises CliError if it fails."""
    found = subprocess.run(  # noqa: S603  # our own program
        processes.command(_MODULE, arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    if found.returncode not in (Exit.OK, Exit.INVALID) or not found.stdout:
        raise CliError(t("config.failed"), Exit.INTERNAL)
    document: Json = json.loads(found.stdout)
    return document


def with_file(command: str, insurers: object, ids: Sequence[str] = ()) -> Json:
    """Ask about a file, by default the one that a daemon would take."""
    where = [] if insurers is None else [f"--insurers={insurers}"]
    return ask(command, *where, "--", *ids) if ids else ask(command, *where)
