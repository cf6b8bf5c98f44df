"""`insurers.show`: one insurer, with its whole pipeline and where every number came from."""

from osago_core.wire.methods import InsurerParams, InsurersShowResult
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.insurers_status import insurer_status
from osago_daemon.server.methods.lookup import find_insurer


async def handle(daemon: Daemon, client: ClientView, params: InsurerParams) -> InsurersShowResult:
    """Look, change nothing."""
    del client
    insurer = find_insurer(daemon.desk, params.insurer)
    status = insurer_status(insurer, daemon.desk.wall_clock())
    return InsurersShowResult(
        **dict(status),
        members=tuple(insurer.members) or None,
        adapter=insurer.kind,
        file=str(daemon.insurers_file),
        pipeline=insurer.explained,
    )
