"""`rpc.discover`: the contract itself, with all schemas."""

from osago_core.wire.methods import DiscoverResult, NoParams
from osago_core.wire.openrpc import document
from osago_daemon.server.context import ClientView, Daemon


async def handle(daemon: Daemon, client: ClientView, params: NoParams) -> DiscoverResult:
    """The same document that stands in docs/schema/openrpc.json."""
    del daemon, client, params
    return DiscoverResult.model_validate(document())
