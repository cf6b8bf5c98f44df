"""`hello`: agree on a protocol."""

from osago_core.wire.errors import ErrorKind, RpcError
from osago_core.wire.methods import HelloParams, HelloResult, Limits
from osago_core.wire.protocol import MAX_LINE_BYTES, PROTOCOL
from osago_daemon.quoting.desk import MAX_RUNS
from osago_daemon.server.context import ClientView, Daemon

CAPABILITIES = (
    "quote",
    "application.check",
    "insurers",
    "insurers.control",
    "discover",
    "cache",
    "tariff",
    "reload",
)
"""What this daemon can do beyond the bare protocol; clients ask here instead of by version."""


async def handle(daemon: Daemon, client: ClientView, params: HelloParams) -> HelloResult:
    """Answer with our protocol if the client speaks it."""
    del client
    if not params.protocol.min <= PROTOCOL <= params.protocol.max:
        raise RpcError(
            ErrorKind.UNSUPPORTED_PROTOCOL,
            f"this daemon speaks protocol {PROTOCOL}, the client {params.protocol.min} to "
            f"{params.protocol.max}: update the older of the two",
        )
    return HelloResult(
        protocol=PROTOCOL,
        daemon=daemon.info(),
        capabilities=CAPABILITIES,
        limits=Limits(max_line_bytes=MAX_LINE_BYTES, max_runs=MAX_RUNS),
    )
