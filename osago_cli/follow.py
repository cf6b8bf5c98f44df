"""Follows a run to its end: events in, a writer's output out, an exit code back."""

from datetime import UTC, datetime

from osago_cli.client import Client, ConnectionLost, Json, Refused
from osago_cli.errors import CliError
from osago_cli.exits import Exit, exit_of
from osago_cli.locale import t
from osago_cli.output.formats import Format, Writer, writer
from osago_cli.run_view import RunView

TICK_S = 0.5


def follow(client: Client, started: Json, format_: Format, *, strict: bool, owned: bool) -> Exit:
    """Show the run that `started` describes until it is done.

    Ctrl-C cancels a run that is `owned`, and only leaves one that somebody else began.
    Raises CliError where the daemon goes away.
    """
    view = RunView.of(started)
    out: Writer | None = None
    try:
        out = writer(format_, _left_s(started["deadline_at"]))
        out.start(view)
        while view.done is None:
            event = client.event(TICK_S)
            if event is None:
                out.tick(view)
            elif event["quote_id"] == view.quote_id and view.apply(event):
                out.event(view, event)
    except KeyboardInterrupt:
        _leave(client, view, out, owned=owned)
        return Exit.INTERRUPTED
    except ConnectionLost as lost:
        message = t("daemon.lost_run", socket=lost.path, quote_id=view.quote_id)
        raise CliError(message, Exit.UNREACHABLE) from None
    finally:
        if out is not None:
            out.finish(view)
    return exit_of(view.done, strict=strict)


def _leave(client: Client, view: RunView, out: Writer | None, *, owned: bool) -> None:
    if not owned:
        return
    try:
        client.request("quote.cancel", {"quote_id": view.quote_id})
        while view.done is None and (event := client.event(TICK_S)) is not None:
            if view.apply(event) and out is not None:
                out.event(view, event)
    except (ConnectionLost, Refused):
        return  # it is over either way


def _left_s(deadline_at: str) -> float:
    left = datetime.fromisoformat(deadline_at) - datetime.now(UTC)
    return max(0.0, round(left.total_seconds()))
