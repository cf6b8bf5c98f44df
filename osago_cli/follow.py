"""Follows a run to its end: events in, a writer's output out, an exit code back."""

import sys
from collections.abc import Callable
from pathlib import Path

from osago_cli.client import ConnectionLost, Refused
from osago_cli.errors import CliError
from osago_cli.exits import Exit, exit_of
from osago_cli.locale import t
from osago_cli.output.formats import Format, Writer, writer
from osago_cli.resume import Forgotten, GaveUp, Run
from osago_cli.run_view import RunView

TICK_S = 0.5


def follow(run: Run, format_: Format, *, strict: bool, owned: bool) -> Exit:
    """Show the run until it is done.

    Ctrl-C cancels a run that is `owned`, and only leaves one that somebody else began.
    Raises CliError where the daemon goes away and does not come back with it.
    """
    view = RunView.of(run.started)
    out: Writer | None = None
    try:
        out = writer(format_, round(run.left_s))
        out.start(view)
        while view.done is None:
            event = run.event(TICK_S)
            if event is None:
                out.tick(view)
            elif view.apply(event):
                out.event(view, event)
    except KeyboardInterrupt:
        _leave(run, view, out, owned=owned)
        return Exit.INTERRUPTED
    except GaveUp as error:
        view.cut_off = True
        message = t("daemon.lost_run", socket=error.path, quote_id=view.quote_id)
        raise CliError(message, Exit.UNREACHABLE) from None
    except Forgotten:
        view.cut_off = True
        message = t("daemon.forgot_run", quote_id=view.quote_id)
        raise CliError(message, Exit.UNREACHABLE) from None
    finally:
        if out is not None:
            out.finish(view)
    return exit_of(view.done, strict=strict)


def say_once() -> Callable[[Path], None]:
    """Tells the user that the daemon went away; once, however often that happens."""
    said: list[Path] = []

    def say(path: Path) -> None:
        if not said:
            print(t("daemon.waiting", socket=path), file=sys.stderr, flush=True)
        said.append(path)

    return say


def _leave(run: Run, view: RunView, out: Writer | None, *, owned: bool) -> None:
    client = run.client
    if not owned or client is None:  # nobody is there to be told: it goes on when they are back
        return
    try:
        client.request("quote.cancel", {"quote_id": view.quote_id})
        while view.done is None and (event := client.event(TICK_S)) is not None:
            if view.apply(event) and out is not None:
                out.event(view, event)
    except (ConnectionLost, Refused):
        return  # it is over either way
