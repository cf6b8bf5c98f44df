"""`application.check`: check an application, ask nobody."""

from osago_core.wire.errors import ProblemData
from osago_core.wire.methods import ApplicationCheckParams, ApplicationCheckResult
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.lookup import valid_application


async def handle(
    daemon: Daemon, client: ClientView, params: ApplicationCheckParams
) -> ApplicationCheckResult:
    """The fingerprint tells whether two applications are the same to insurers."""
    del client
    valid = valid_application(daemon.desk, params.application)
    return ApplicationCheckResult(
        fingerprint=daemon.desk.fingerprint(valid.application),
        warnings=tuple(map(ProblemData.of, valid.warnings)),
    )
