"""`insurers.list`: how each insurer is doing."""

from osago_core.wire.methods import InsurersListResult, NoParams
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.insurers_status import insurer_status


async def handle(daemon: Daemon, client: ClientView, params: NoParams) -> InsurersListResult:
    """In the order of insurers.toml."""
    del client, params
    now = daemon.desk.wall_clock()
    insurers = daemon.desk.insurers.values()
    return InsurersListResult(insurers=tuple(insurer_status(each, now) for each in insurers))
