"""Where files and sockets live. The one place both sides ask; options first, then the environment.

Standard library only: the plain CLI path imports it.
"""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

SYSTEM_SOCKET = Path("/run/osago/osago.sock")
SYSTEM_CONFIG = Path("/etc/osago/insurers.toml")
MAX_SOCKET_PATH_BYTES = 107
"""`sun_path` of a Unix socket holds 108 bytes with the closing NUL (unix(7))."""


def socket_path(option: Path | None = None, env: Mapping[str, str] = os.environ) -> Path:
    """Where a client looks: `--socket`, `$OSAGO_SOCKET`, the user's own, the system service's.

    A user without a daemon of their own reaches the system service where there is one.
    """
    own = own_socket_path(option, env)
    named = option is not None or env.get("OSAGO_SOCKET")
    return own if named or is_there(own) or not is_there(SYSTEM_SOCKET) else SYSTEM_SOCKET


def own_socket_path(option: Path | None = None, env: Mapping[str, str] = os.environ) -> Path:
    """Where a daemon serves: `--socket`, `$OSAGO_SOCKET`, then the runtime directory."""
    if option is not None:
        return option
    if named := env.get("OSAGO_SOCKET"):
        return Path(named)
    return _runtime_dir(env) / "osago.sock"


def is_there(path: Path) -> bool:
    """Whether something is at this path, also if we may not look: then asking it will tell."""
    try:
        path.lstat()
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def state_dir(option: Path | None = None, env: Mapping[str, str] = os.environ) -> Path:
    """`--state-dir`, `$OSAGO_STATE_DIR`, systemd's `$STATE_DIRECTORY`, then the user's own."""
    if option is not None:
        return option
    for name in ("OSAGO_STATE_DIR", "STATE_DIRECTORY"):
        if named := env.get(name):
            return Path(named)
    if xdg := env.get("XDG_STATE_HOME"):
        return Path(xdg) / "osago"
    return _home(env) / ".local/state/osago"


def insurers_file(option: Path | None = None, env: Mapping[str, str] = os.environ) -> Path:
    """`--insurers`, `$OSAGO_INSURERS`, the user's file, the system's, then the shipped one."""
    if option is not None:
        return option
    if named := env.get("OSAGO_INSURERS"):
        return Path(named)
    config_home = Path(env.get("XDG_CONFIG_HOME") or _home(env) / ".config")
    for path in (config_home / "osago/insurers.toml", SYSTEM_CONFIG):
        if os.path.exists(path):  # noqa: PTH110  # False where we may not look; Path's raises
            return path
    return shipped("insurers.toml")


def shipped(name: str) -> Path:
    """A file that comes with the program: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "shipped" / name
    return installed if installed.exists() else package.parent / name


def _runtime_dir(env: Mapping[str, str]) -> Path:
    if service := env.get("RUNTIME_DIRECTORY"):  # systemd.exec(5): ours to make sockets in
        return Path(service)
    if xdg := env.get("XDG_RUNTIME_DIR"):
        return Path(xdg) / "osago"
    if os.getuid() == 0:
        return SYSTEM_SOCKET.parent
    login = Path(f"/run/user/{os.getuid()}")  # cron has a login's directory but no variable for it
    return login / "osago" if login.is_dir() else state_dir(env=env) / "run"


def _home(env: Mapping[str, str]) -> Path:
    return Path(env.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir)
