"""`daemon.reload`: take insurers.toml as it is now. All of it, or nothing changes."""

from osago_core.wire.errors import ErrorKind, RpcError
from osago_core.wire.methods import DaemonReloadResult, NoParams
from osago_daemon.config_problems import ConfigError
from osago_daemon.reloading import DrainingError, problem_data
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.lookup import require_may_change

MOST_TOLD = 1000
"""Of a file's problems: a line may hold 1 MiB, and nobody reads more."""


async def handle(daemon: Daemon, client: ClientView, params: NoParams) -> DaemonReloadResult:
    """Answers when the new file holds, or with everything that is wrong with it."""
    del params
    require_may_change(client)
    if daemon.reloader is None:
        raise RpcError(ErrorKind.NOT_ALLOWED, "this daemon has no insurers.toml to read again")
    try:
        return await daemon.reloader.reload()
    except DrainingError:
        raise RpcError(ErrorKind.DRAINING, "the daemon is about to stop") from None
    except ConfigError as error:
        count = len(error.problems)
        raise RpcError(
            ErrorKind.CONFIG_INVALID,
            f"{daemon.insurers_file} has {count} problem{'s' if count > 1 else ''}; "
            "what held before holds on",
            problems=map(problem_data, error.problems[:MOST_TOLD]),
        ) from None
