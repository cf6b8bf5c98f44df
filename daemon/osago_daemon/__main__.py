"""`osagod`: the quote daemon."""

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from osago_core import __version__, paths
from osago_daemon.hangup import Terminal


def main() -> NoReturn:
    """Read the options and run. Exits 0 after SIGTERM, 1 if it can't run, 2 on bad input."""
    arguments = _parser().parse_args()
    terminal = Terminal()
    terminal.stand_by()
    # Heavy imports come after --help and --version.
    import anyio

    from osago_daemon.main import Options, serve
    from osago_daemon.server.listener import SocketPathError, SocketRefusedError
    from osago_daemon.settings import ConfigError
    from osago_daemon.storage.address import parse
    from osago_daemon.storage.errors import StoreRefusedError
    from osago_daemon.telemetry import log
    from osago_daemon.telemetry.bugs import report_bug

    log.configure(arguments.log_level)
    state_dir = paths.state_dir(arguments.state_dir)
    try:
        store = parse(arguments.store or os.environ.get("OSAGO_STORE"), state_dir)
    except ValueError as error:
        _leave(2, f"osagod: {error}")
    options = Options(
        socket=paths.own_socket_path(arguments.socket),
        insurers=paths.insurers_file(arguments.insurers),
        state_dir=state_dir,
        store=store,
    )
    try:
        anyio.run(serve, options, terminal, backend_options={"use_uvloop": True})
    except KeyboardInterrupt:  # before it was ready to take signals
        _leave(130)
    except ConfigError as error:
        _leave(2, *map(str, error.problems))
    except SocketPathError as error:
        _leave(2, f"osagod: {error}")
    except (SocketRefusedError, StoreRefusedError, OSError, ValueError) as error:
        _leave(1, f"osagod: {error}")
    except Exception as bug:  # noqa: BLE001  # its text may quote an application
        _leave(1, f"osagod: our own mistake, {report_bug(bug)} in the log")
    _leave(0)


def _leave(code: int, *lines: str) -> NoReturn:
    try:
        for line in lines:
            print(line, file=sys.stderr)
        sys.stderr.flush()
    except OSError:  # the log's reader has gone; that must not become the exit code
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="osagod", description=__doc__, allow_abbrev=False)
    parser.add_argument("--socket", type=Path, help="the Unix socket to serve ($OSAGO_SOCKET)")
    parser.add_argument("--insurers", type=Path, help="the insurers.toml ($OSAGO_INSURERS)")
    parser.add_argument("--state-dir", type=Path, help="where keys are kept ($OSAGO_STATE_DIR)")
    parser.add_argument(
        "--store",
        help="what instances share: disk, disk:PATH, redis://…, rediss://…, redis+sentinel://…, "
        "redis+cluster://… ($OSAGO_STORE, where a password does not show in the process list)",
    )
    parser.add_argument(
        "--log-level", choices=["debug", "info", "warning", "error"], default="info"
    )
    parser.add_argument("--version", action="version", version=f"osagod {__version__}")
    return parser


if __name__ == "__main__":
    main()
