"""Starts and stops the daemon and the sandbox as processes of their own, never as imports."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from osago_cli.client import Client, NotRunning, Unreachable
from osago_cli.errors import CliError
from osago_cli.exits import Exit
from osago_cli.locale import t

START_S = 20.0
STOP_S = 15.0
_LOOK_AGAIN_S = 0.02

DAEMON = "osago_daemon"
SANDBOX = "osago_sandbox"


def command(module: str, arguments: Sequence[str]) -> list[str]:
    """The command line that runs one of our programs with this interpreter.

    `-P`: never import from the folder that the user happens to stand in.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def become(module: str, arguments: Sequence[str]) -> None:
    """Replace this process, so that signals and exit code are the program's own."""
    sys.stdout.flush()
    os.execv(sys.executable, command(module, arguments))  # noqa: S606  # no shell is wanted


def start_daemon(
    arguments: Sequence[str], *, log: Path, without: Sequence[str] = ()
) -> "subprocess.Popen[bytes]":
    """Start `osagod` in the background, its log appended to a file (mode 0600).

    It inherits the environment but for the variables `without`.
    """
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        message = t("file.unwritable", file=log, reason=error.strerror)
        raise CliError(message, Exit.INTERNAL) from None
    try:
        return subprocess.Popen(  # noqa: S603  # our own program
            command(DAEMON, arguments),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name not in without},
        )
    finally:
        os.close(descriptor)


def wait_until_ready(
    process: "subprocess.Popen[bytes]", socket: Path, log: Path, *, log_from: int = 0
) -> None:
    """Wait for the daemon's first hello. Raises CliError with what it logged from a position."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(Unreachable), Client.connect(socket):
            return
        if process.poll() is not None:
            break
        time.sleep(_LOOK_AGAIN_S)
    code = Exit.INVALID if process.returncode == Exit.INVALID else Exit.INTERNAL
    raise CliError(t("daemon.start_failed", log=log), code, _lines(log, log_from))


@contextmanager
def sandbox(arguments: Sequence[str]) -> Iterator[None]:
    """Run the sandbox while the block runs. Raises CliError where it does not start."""
    process = subprocess.Popen(  # noqa: S603  # our own program
        command(SANDBOX, arguments),
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us; we stop it ourselves
    )
    with ended(process):
        assert process.stdout is not None  # noqa: S101  # piped just above
        if not process.stdout.readline():  # it says one line when it is ready
            raise CliError(t("demo.sandbox_failed"), Exit.INTERNAL)
        yield


@contextmanager
def ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Stop the process at the end of the block, gently first."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def stop_daemon(socket: Path) -> int | None:
    """Ask the daemon on this socket to stop and wait until it has; its pid, None if none runs.

    Raises CliError where it can't be asked or does not go.
    """
    try:
        client = Client.connect(socket)
    except NotRunning:
        return None
    with client:
        pid = int(client.daemon["pid"])
        if pid <= 1 or pid != client.peer_pid():  # of another container, or started by systemd
            raise CliError(t("daemon.not_ours_to_stop", pid=pid), Exit.INTERNAL)
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return pid
        except PermissionError:
            message = t("daemon.no_permission", socket=socket, detail="")
            raise CliError(message, Exit.UNREACHABLE) from None
    until = time.monotonic() + STOP_S
    while time.monotonic() < until:
        if not _alive(pid):
            return pid
        time.sleep(_LOOK_AGAIN_S)
    raise CliError(t("daemon.does_not_stop", pid=pid), Exit.INTERNAL)


def ensure_running(socket: Path, state_dir: Path, arguments: Sequence[str] = ()) -> Path | None:
    """Start a daemon unless one runs; the log of one that was started now.

    Raises CliError where it does not start, Unreachable where the socket is not for us.
    """
    try:
        Client.connect(socket).close()
    except NotRunning:
        log = state_dir / "osagod.log"
        log_from = log.stat().st_size if log.exists() else 0
        process = start_daemon(["--socket", os.fspath(socket), *arguments], log=log)
        wait_until_ready(process, socket, log, log_from=log_from)
        return log
    return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Gone, but its parent has not asked for its exit code."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def _lines(log: Path, position: int) -> list[str]:
    try:
        return log.read_bytes()[position:].decode(errors="replace").splitlines()
    except OSError:
        return []
