"""Connecting, with every way to fail told apart and the one command that helps."""

from pathlib import Path

from osago_cli import client as wire
from osago_cli.client import Client
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t, t_or
from osago_cli.problems import config_lines, problem_lines
from osago_core import paths

_CODES = {
    "parse_error": Exit.INVALID,
    "invalid_application": Exit.INVALID,
    "invalid_params": Exit.INVALID,
    "unknown_insurer": Exit.INVALID,
    "unknown_quote": Exit.INVALID,
    "draining": Exit.UNREACHABLE,
    "overloaded": Exit.UNREACHABLE,
    "not_allowed": Exit.UNREACHABLE,
    "store_away": Exit.UNREACHABLE,
    "config_invalid": Exit.INVALID,
}


def connect(socket: Path | None) -> Client:
    """A connection to the daemon. Raises CliError (exit 3) that says which way it failed."""
    try:
        return Client.connect(paths.socket_path(socket))
    except wire.Unreachable as error:
        raise unreachable(error) from None


def unreachable(error: wire.Unreachable) -> CliError:
    """What to tell a person about a daemon that can't be talked to."""
    if isinstance(error, wire.PathTooLong):
        limit = paths.MAX_SOCKET_PATH_BYTES
        return CliError(t("daemon.path_too_long", socket=error.path, limit=limit), Exit.INVALID)
    key = {
        wire.NotRunning: "daemon.not_running",
        wire.NoPermission: "daemon.no_permission",
        wire.OtherProtocol: "daemon.other_protocol",
    }.get(type(error), "daemon.lost")
    return CliError(t(key, socket=error.path, detail=error.detail), Exit.UNREACHABLE)


def refused(refusal: wire.Refused) -> CliError:
    """What to tell a person about a request that the daemon refused."""
    code = _CODES.get(refusal.kind, Exit.INTERNAL)
    if refusal.kind == "config_invalid":
        message = t("error.config_invalid", count=len(refusal.problems))
        return CliError(message, code, config_lines(refusal.problems))
    if refusal.kind == "invalid_application":
        message = t("application.invalid", count=len(refusal.problems))
        return CliError(message, code, problem_lines(refusal.problems))
    return CliError(t_or(f"error.{refusal.kind}", refusal.message), code, _details(refusal))


def _details(refusal: wire.Refused) -> list[str]:
    """What the sentence for the kind does not say: which insurer, which parameter."""
    if refusal.kind == "unknown_insurer":
        return problem_lines(refusal.problems)
    return []
