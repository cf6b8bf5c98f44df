"""`python -m osago_daemon.trying test|record ID`: tries an insurer out, a JSON document a line.

Reads the application from the first line of stdin, and sends nothing beyond this machine before a
second line says `go`. `osago insurers test` and `record` are made for people and run this.

    {"type": "problems", …}  what is wrong with the file, as `osago config check` says it
    {"type": "unknown", "unknown", "known"}
    {"type": "ready", "insurer", "name", "file", "line", "server", "local", "secrets"}
    {"type": "step", …}      an exchange, as soon as it is over
    {"type": "outcome", "outcome": {…}}
    {"type": "recorded", …}  what became of the record
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import anyio

from osago_core import paths
from osago_core.application import Application, Valid, check
from osago_core.moscow import moscow_day
from osago_daemon.config_problems import ConfigError
from osago_daemon.insurers.exact import for_json
from osago_daemon.telemetry import log
from osago_daemon.telemetry.bugs import report_bug

_INVALID = 2


def main() -> NoReturn:
    """Read the options, do it."""
    arguments = _parser().parse_args()
    log.configure("error")
    try:
        code = _run(arguments)
    except BrokenPipeError:
        code = 141
    except KeyboardInterrupt:
        code = 130
    except Exception as bug:  # noqa: BLE001  # its text may be personal
        sys.stderr.write(f"osagod: our own mistake, {report_bug(bug)} in the log\n")
        code = 1
    sys.exit(code)


def _run(arguments: argparse.Namespace) -> int:
    from osago_daemon.trying.opening import Tried, UnknownInsurerError, opened

    application = _application()
    path = paths.insurers_file(arguments.insurers)
    try:
        tried: Tried = opened(path, arguments.id)
    except ConfigError as error:
        problems = [
            {"line": p.line, "column": p.column, "key": p.key, "text": p.text}
            for p in error.problems
        ]
        told = {"valid": False, "file": str(path), "problems": problems, "warnings": []}
        return _told("problems", told) or _INVALID
    except UnknownInsurerError as error:
        return _told("unknown", {"unknown": error.insurer, "known": error.known}) or _INVALID
    ready = {
        "insurer": tried.id,
        "name": tried.spec.name,
        "file": str(path),
        "line": tried.place(())["line"],
        "server": tried.base_url,
        "local": tried.is_local,
        "secrets": tried.references,
    }
    _told("ready", ready)
    return anyio.run(partial(_walk, arguments, tried, application))


async def _walk(arguments: argparse.Namespace, tried: Any, application: Application) -> int:
    from osago_daemon.trying.dry import rehearse
    from osago_daemon.trying.walking import Trip, walk

    def tell(step: dict[str, Any]) -> None:
        _told("step", step)

    trip = Trip(tried, application, arguments.deadline, tell)
    if arguments.command == "test" and arguments.dry_run:
        await rehearse(trip)
        return 0
    if sys.stdin.buffer.readline().strip() != b"go":
        return 0
    transport = tried.transport()
    try:
        if arguments.command == "record":
            from osago_daemon.trying.recording import record

            told = await record(trip, transport, arguments.output, force=arguments.force)
            return _told("recorded", told)
        walked = await walk(trip, transport)
    finally:
        await transport.aclose()
    return _told("outcome", {"outcome": walked.told})


def _application() -> Application:
    """As `osago check` has passed it."""
    checked = check(json.loads(sys.stdin.buffer.readline()), today=moscow_day(datetime.now(UTC)))
    if not isinstance(checked, Valid):
        raise TypeError("an application that was not checked")
    return checked.application


def _told(kind: str, found: Any) -> int:
    text = json.dumps({"type": kind, **found}, ensure_ascii=False, default=for_json)
    # UTF-8 whatever the locale says: it is the language of the pipe, not of people.
    # Halves of surrogate pairs have none: escaped, they are JSON all the same.
    sys.stdout.buffer.write(f"{text}\n".encode(errors="backslashreplace"))
    sys.stdout.buffer.flush()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="osago_daemon.trying", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    test = commands.add_parser("test", help="show every exchange")
    record = commands.add_parser("record", help="keep them as a fixture")
    for command in (test, record):
        command.add_argument("id", metavar="ID")
        command.add_argument("--insurers", type=Path, help="the insurers.toml ($OSAGO_INSURERS)")
        command.add_argument("--deadline", type=float, default=60.0, help="seconds")
    test.add_argument("--dry-run", action="store_true", help="send nothing")
    record.add_argument("--output", type=Path, required=True, help="the file to write")
    record.add_argument("--force", action="store_true", help="over a file that is there")
    return parser


if __name__ == "__main__":
    main()
