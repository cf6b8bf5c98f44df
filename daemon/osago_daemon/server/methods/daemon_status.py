"""`daemon.status`: how the daemon is doing."""

from osago_core.wire.methods import DaemonStatusResult, NoParams, RunCounts
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.store_status import store_status


async def handle(daemon: Daemon, client: ClientView, params: NoParams) -> DaemonStatusResult:
    """Look, change nothing."""
    del client, params
    desk, reloader = daemon.desk, daemon.reloader
    return DaemonStatusResult(
        daemon=daemon.info(),
        state="draining" if desk.draining else "running",
        uptime_s=daemon.uptime_s(),
        runs=RunCounts(active=desk.active, known=desk.known, not_kept=desk.not_kept),
        clients=len(daemon.clients),
        store=store_status(desk.store.state()),
        insurers=len(desk.insurers),
        insurers_unavailable=tuple(
            insurer.id
            for insurer in desk.insurers.values()
            if insurer.pipeline.breaker.state in {"open", "isolated"}
        ),
        insurers_file=str(daemon.insurers_file),
        socket=str(daemon.socket),
        state_dir=str(daemon.state_dir),
        reloaded_at=None if reloader is None else reloader.reloaded_at,
        config_refused=None if reloader is None else reloader.refused,
    )
