"""`quote.cancel`: end a run now, with what has arrived."""

from osago_core.wire.events import DoneReason
from osago_core.wire.methods import QuoteCancelResult, QuoteIdParams
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.lookup import find_run


async def handle(daemon: Daemon, client: ClientView, params: QuoteIdParams) -> QuoteCancelResult:
    """A run that has ended stays as it ended."""
    del client
    daemon.desk.stop(find_run(daemon.desk, params.quote_id), DoneReason.CANCELLED)
    return QuoteCancelResult()
