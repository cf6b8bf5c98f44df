"""`quote.watch`: follow a run, or pick it up again after the last event seen."""

from osago_core.wire.errors import ErrorKind, ProblemData, RpcError
from osago_core.wire.methods import QuoteWatchParams, QuoteWatchResult
from osago_daemon.server.context import ClientView, Daemon
from osago_daemon.server.methods.lookup import find_run


async def handle(daemon: Daemon, client: ClientView, params: QuoteWatchParams) -> QuoteWatchResult:
    """Events after `after_seq` follow the answer."""
    run = find_run(daemon.desk, params.quote_id)
    if params.after_seq > run.seq:
        text = f"the run has {run.seq} events so far, there is none after {params.after_seq}"
        problem = ProblemData(path="after_seq", code="out_of_range", text=text)
        raise RpcError(ErrorKind.INVALID_PARAMS, f"quote.watch: {text}", problems=[problem])
    client.to_follow.append((run, params.after_seq))
    return QuoteWatchResult(
        quote_id=run.id,
        state=run.state,
        seq=run.seq,
        insurers=run.names(),
        deadline_at=run.deadline_at,
    )
