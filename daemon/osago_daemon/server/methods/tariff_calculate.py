"""`tariff.calculate`: what a policy may cost by law, why, and what would change it."""

from collections.abc import Iterable

from osago_core.pricing.changes import CHANGES
from osago_core.pricing.facts import Problem, UnpricedError
from osago_core.pricing.report import report
from osago_core.tariff import NoTariff
from osago_core.wire.errors import ErrorKind, ProblemData, RpcError
from osago_core.wire.methods import TariffCalculateParams, TariffCalculateResult
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.lookup import valid_application


async def handle(
    daemon: Daemon, client: ClientView, params: TariffCalculateParams
) -> TariffCalculateResult:
    """Calculate; nobody is asked. Without `on`, by the tariff of today in Moscow."""
    del client
    valid = valid_application(daemon.desk, params.application)
    today = daemon.desk.today()
    try:
        told = report(
            valid.application,
            book=daemon.book,
            on=params.on or today,
            today=today,
            changes=params.changes,
        )
    except UnpricedError as error:
        raise _unpriced(error.problems) from error
    except NoTariff as gap:
        raise _no_tariff(gap) from gap
    return TariffCalculateResult(
        price=told.price,
        levers=told.levers,
        changed=told.changed,
        warnings=tuple(map(ProblemData.of, valid.warnings)),
    )


def _unpriced(problems: Iterable[Problem]) -> RpcError:
    """The user mends the application; whoever asked mends the changes."""
    found = tuple(map(_data, problems))
    if any(problem.path.startswith(f"{CHANGES}.") for problem in found):
        kind, message = ErrorKind.INVALID_PARAMS, "the changes make no sense for this application"
    else:
        kind, message = ErrorKind.INVALID_APPLICATION, "the tariff cannot price the application"
    return RpcError(kind, message, problems=found)


def _data(problem: Problem) -> ProblemData:
    return ProblemData(
        path=problem.path, code=problem.code, text=problem.text, params=dict(problem.params)
    )


def _no_tariff(gap: NoTariff) -> RpcError:
    """A gap in the tables, named: another day may have what this one lacks."""
    params = {"table": gap.table, "version": gap.version, "detail": gap.detail}
    text = f"{gap}; nothing is put in its place"
    problem = ProblemData(path="on", code="no_tariff", text=text, params=params)
    return RpcError(ErrorKind.INVALID_PARAMS, text, problems=[problem])
