"""The sandbox's command line. Exit codes: 0 stopped by a signal, 2 bad options or no port."""

import argparse
import asyncio
import errno
import logging
import signal
import sys
from pathlib import Path

import uvloop

from osago_sandbox.config import insurers_toml
from osago_sandbox.insurers import INSURERS
from osago_sandbox.profiles import PROFILES
from osago_sandbox.server import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    DEFAULT_SEED,
    Settings,
    base_url,
    running,
)

STDOUT = Path("-")
MAX_PORT = 65535


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.write_config == STDOUT:
        if options.port == 0:
            parser.error("--write-config - needs a fixed --port")
        sys.stdout.write(insurers_toml(base_url(options.host, options.port), options.latency_scale))
        return
    if options.verbose:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = Settings(
        host=options.host,
        port=options.port,
        seed=options.seed,
        latency_scale=options.latency_scale,
        profile=options.profile,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(settings, options.write_config))
        except OSError as error:
            parser.exit(2, f"{parser.prog}: {_reason(error, settings)}\n")


async def _serve(settings: Settings, config: Path | None) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(settings) as sandbox:
        if config is not None:
            _write(config, insurers_toml(sandbox.url, settings.latency_scale))
        print(  # noqa: T201  # the line that whoever started it waits for
            f"sandbox ready: {sandbox.url} ({len(INSURERS)} insurers)", flush=True
        )
        await stopped.wait()


def _write(config: Path, text: str) -> None:
    config.write_text(text, encoding="utf-8")


def _reason(error: OSError, settings: Settings) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {settings.port} on {settings.host} is already in use;"
            " choose another with --port, or 0 for a free one"
        )
    if error.filename is not None:
        return f"can't write {error.filename}: {error.strerror}"
    return f"can't listen on {settings.host} port {settings.port}: {error.strerror or error}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="osago sandbox",
        description="Ten pretend insurers over real HTTP on one port.",
        epilog="Faults and counts: see GET / of the running sandbox.",
    )
    add = parser.add_argument
    add("--host", default=DEFAULT_HOST, help="address to listen on (%(default)s)")
    add("--port", type=_port, default=DEFAULT_PORT, help="0 = any free one (%(default)s)")
    add(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        help="same seed, same requests: same latencies, prices and faults (%(default)s)",
    )
    add(
        "--latency-scale",
        type=_scale,
        default=1.0,
        metavar="X",
        help="multiply every latency; 0 = answer at once (%(default)s)",
    )
    add(
        "--profile",
        choices=sorted(PROFILES),
        default="calm",
        help="how much goes wrong by itself (%(default)s)",
    )
    add(
        "--write-config",
        type=Path,
        metavar="FILE",
        help="write the insurers.toml that fits; - = to stdout, without serving",
    )
    add(
        "--verbose",
        action="store_true",
        help="log every request and every misused key",
    )
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= MAX_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to {MAX_PORT})")


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if 0 <= scale < float("inf"):
        return scale
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")


if __name__ == "__main__":
    main()
