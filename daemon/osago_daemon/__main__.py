"""`osagod`: the quote daemon."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from osago_core import __version__, paths


def main() -> NoReturn:
    """Read the options and run. Exits 0 after SIGTERM, 1 if it can't run, 2 on bad input."""
    arguments = _parser().parse_args()
    # Heavy imports come after --help and --version.
    import anyio

    from osago_daemon.main import Options, serve
    from osago_daemon.server.listener import SocketRefusedError
    from osago_daemon.settings import ConfigError
    from osago_daemon.telemetry import log

    log.configure(arguments.log_level)
    options = Options(
        socket=paths.socket_path(arguments.socket),
        insurers=paths.insurers_file(arguments.insurers),
        state_dir=paths.state_dir(arguments.state_dir),
    )
    try:
        anyio.run(serve, options, backend_options={"use_uvloop": True})
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(2)
    except (SocketRefusedError, OSError, ValueError) as error:
        print(f"osagod: {error}", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="osagod", description=__doc__, allow_abbrev=False)
    parser.add_argument("--socket", type=Path, help="the Unix socket to serve ($OSAGO_SOCKET)")
    parser.add_argument("--insurers", type=Path, help="the insurers.toml ($OSAGO_INSURERS)")
    parser.add_argument("--state-dir", type=Path, help="where keys are kept ($OSAGO_STATE_DIR)")
    parser.add_argument(
        "--log-level", choices=["debug", "info", "warning", "error"], default="info"
    )
    parser.add_argument("--version", action="version", version=f"osagod {__version__}")
    return parser


if __name__ == "__main__":
    main()
