"""`python -m osago_daemon.config check|show|init|schema`: one JSON document on stdout.

Exits 0, 2 where the file has mistakes or is in the way, 1 by our own mistake. `osago config` is
made for people and runs this.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from osago_core import paths
from osago_daemon.telemetry import log
from osago_daemon.telemetry.bugs import report_bug


def main() -> NoReturn:
    """Read the options, do it, write the document."""
    arguments = _parser().parse_args()
    log.configure("warning")
    try:
        code = _run(arguments)
    except BrokenPipeError:
        code = 141
    except Exception as bug:  # noqa: BLE001  # its text may quote the file
        sys.stderr.write(f"osagod: our own mistake, {report_bug(bug)} in the log\n")
        code = 1
    sys.exit(code)


def _run(arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "schema":
            from osago_daemon.config import schema

            _write(schema.text())
            return 0
        case "init":
            from osago_daemon.config import starting

            found = starting.document(
                arguments.path, force=arguments.force, language=arguments.language
            )
            return _told(found, fine="written" in found)
        case "show":
            return _show(paths.insurers_file(arguments.insurers), arguments.ids)
        case _:
            from osago_daemon.config import check

            found = check.document(paths.insurers_file(arguments.insurers))
            return _told(found, fine=found["valid"])


def _show(path: Path, ids: list[str]) -> int:
    """What holds; what `check` says where a table has mistakes; or that there is no such id."""
    from osago_daemon.config import check, effective
    from osago_daemon.config.reading import read

    file = read(path)
    if file is None or not file.ids:
        return _told(check.document(path), fine=False)
    unknown = [name for name in ids if name not in file.ids]
    if unknown:
        return _told({"unknown": unknown[0], "known": list(file.ids)}, fine=False)
    wanted = tuple(ids) or file.ids
    if not all(name in file.specs for name in wanted):
        return _told(check.document(path), fine=False)
    return _told(effective.document(path, file, wanted), fine=True)


def _told(found: dict[str, Any], *, fine: bool) -> int:
    _write(json.dumps(found, ensure_ascii=False) + "\n")
    return 0 if fine else 2


def _write(text: str) -> None:
    """UTF-8 whatever the locale says: it is the language of the pipe, not of people."""
    # Halves of surrogate pairs have none: escaped, they are JSON all the same.
    sys.stdout.buffer.write(text.encode(errors="backslashreplace"))
    sys.stdout.buffer.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="osago_daemon.config", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("schema", help="the JSON Schema of insurers.toml")
    check = commands.add_parser("check", help="everything wrong or odd with the file")
    show = commands.add_parser("show", help="every value that holds, and where it comes from")
    for command in (check, show):
        command.add_argument("--insurers", type=Path, help="the insurers.toml ($OSAGO_INSURERS)")
    show.add_argument("ids", nargs="*", metavar="ID", help="only these insurers")
    from osago_daemon.config.starting import LANGUAGES

    init = commands.add_parser("init", help="write a file to begin with")
    init.add_argument("path", type=Path)
    init.add_argument("--force", action="store_true", help="keep what is there as a backup")
    init.add_argument("--language", choices=LANGUAGES, default="en", help="of the comments")
    return parser


if __name__ == "__main__":
    main()
