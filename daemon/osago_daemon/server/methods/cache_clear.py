"""`cache.clear`: forget today's answers; the journal of what insurers have stays."""

import structlog

from osago_core.wire.errors import ErrorKind, RpcError
from osago_core.wire.methods import CacheClearParams, CacheClearResult
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.lookup import find_insurer, require_may_change
from osago_daemon.server.methods.store_status import store_status

log = structlog.get_logger(__name__)


async def handle(daemon: Daemon, client: ClientView, params: CacheClearParams) -> CacheClearResult:
    """For all instances that share the store. What one answer says of several goes together."""
    require_may_change(client)
    source = None
    if params.insurer is not None:
        source = find_insurer(daemon.desk, params.insurer).source
    away = store_status(daemon.desk.store.state())
    if away.state == "away":
        text = f"the store is away ({away.reason}): what it keeps can't be cleared until it is back"
        raise RpcError(ErrorKind.STORE_AWAY, text)
    removed = await daemon.desk.store.clear(source)
    log.info("cache_cleared", insurer=source, removed=removed)
    return CacheClearResult(removed=removed)
