"""`insurers.restore`: ask an insurer again, whoever or whatever took it out.

With all that are asked for through the same one. Also if the insurer itself asked for a pause: who
restores it knows better, or is told so again.
"""

import structlog

from osago_core.wire.methods import BreakerResult, InsurerParams
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.insurers_status import breaker_result
from osago_daemon.server.methods.lookup import find_insurer, require_may_change

log = structlog.get_logger(__name__)


async def handle(daemon: Daemon, client: ClientView, params: InsurerParams) -> BreakerResult:
    """Done again it changes nothing."""
    require_may_change(client)
    insurer = find_insurer(daemon.desk, params.insurer)
    insurer.pipeline.limiter.resume()
    insurer.pipeline.breaker.restore()
    log.info("insurer_restored", insurer=insurer.source, uid=client.uid)
    return breaker_result(insurer, daemon.desk.wall_clock())
