"""`quote.get`: the whole run as far as it is, without the application."""

from osago_core.wire.methods import QuoteGetResult, QuoteIdParams
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.lookup import find_run


async def handle(daemon: Daemon, client: ClientView, params: QuoteIdParams) -> QuoteGetResult:
    """Look, change nothing."""
    del client
    return find_run(daemon.desk, params.quote_id).whole()
