"""`insurers.isolate`: ask an insurer nothing, for a while or until it is restored.

Who is asked for through another is isolated with it and all of its members: there is one door.
"""

import structlog

from osago_core.wire.methods import BreakerResult, InsurersIsolateParams
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.insurers_status import breaker_result
from osago_daemon.server.methods.lookup import find_insurer, require_may_change

log = structlog.get_logger(__name__)


async def handle(
    daemon: Daemon, client: ClientView, params: InsurersIsolateParams
) -> BreakerResult:
    """Done again it only gives the isolation another end."""
    require_may_change(client)
    insurer = find_insurer(daemon.desk, params.insurer)
    insurer.pipeline.breaker.isolate(params.for_s)
    log.info("insurer_isolated", insurer=insurer.source, for_s=params.for_s, uid=client.uid)
    return breaker_result(insurer, daemon.desk.wall_clock())
