"""`quote.start`: ask insurers for an offer."""

from osago_core.wire.errors import ErrorKind, ProblemData, RpcError
from osago_core.wire.methods import QuoteStartParams, QuoteStartResult
from osago_daemon.quoting.call import Asker
from osago_daemon.quoting.desk import MAX_RUNS
from osago_daemon.resilience.exchange import Rank
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.lookup import known_insurers, valid_application

BUSY_RETRY_MS = 5000
"""A full daemon gets room as runs end; the first of them do within seconds."""


async def handle(daemon: Daemon, client: ClientView, params: QuoteStartParams) -> QuoteStartResult:
    """Check everything once, begin the run, answer at once."""
    desk = daemon.desk
    if desk.draining:
        raise RpcError(ErrorKind.DRAINING, "the daemon is about to stop; ask again in a moment")
    if desk.active >= MAX_RUNS:
        raise RpcError(
            ErrorKind.OVERLOADED,
            f"{desk.active} quotes are under way, the most there may be; ask again shortly",
            retry_after_ms=BUSY_RETRY_MS,
        )
    insurers = known_insurers(desk, params.insurers)
    valid = valid_application(desk, params.application)
    run = desk.start(
        valid.application,
        insurers=insurers,
        deadline_s=params.deadline_s,
        cache=params.cache,
        asker=Asker(Rank[params.priority.upper()], client.key),
    )
    if params.watch:
        client.to_follow.append((run, 0))
    return QuoteStartResult(
        quote_id=run.id,
        deadline_at=run.deadline_at,
        insurers=run.names(),
        warnings=tuple(map(ProblemData.of, valid.warnings)),
    )
