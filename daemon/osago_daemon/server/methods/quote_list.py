"""`quote.list`: runs still known, newest first."""

from osago_core.wire.methods import QuoteListParams, QuoteListResult
from osago_daemon.server.context import ClientView, Daemon


async def handle(daemon: Daemon, client: ClientView, params: QuoteListParams) -> QuoteListResult:
    """No personal data: a run knows none."""
    del client
    return QuoteListResult(quotes=tuple(r.summary() for r in daemon.desk.latest(params.limit)))
