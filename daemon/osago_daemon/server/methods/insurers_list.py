"""`insurers.list`: how each insurer is doing."""

from osago_core.wire.methods import InsurersListResult, InsurerStatus, NoParams
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.server.context import ClientView, Daemon


async def handle(daemon: Daemon, client: ClientView, params: NoParams) -> InsurersListResult:
    """In the order of insurers.toml."""
    del client, params
    return InsurersListResult(insurers=tuple(map(_status, daemon.desk.insurers.values())))


def _status(insurer: Insurer) -> InsurerStatus:
    record = insurer.record
    return InsurerStatus(
        id=insurer.id,
        name=insurer.name,
        breaker=insurer.breaker_status(),
        latency=record.latency(),
        last_error=record.last_error,
        last_error_at=record.last_error_at,
    )
