"""What several handlers look up, and the errors for what is not there or not allowed."""

import os
from difflib import get_close_matches
from typing import Any

from osago_core.application import Valid, check
from osago_core.wire.errors import ErrorKind, ProblemData, RpcError
from osago_daemon.quoting.desk import QuoteDesk
from osago_daemon.quoting.insurer import Insurer
from osago_daemon.quoting.run import Run
from osago_daemon.server.context import ClientView

ROOT = 0


def find_run(desk: QuoteDesk, quote_id: str) -> Run:
    """The run with this id. Raises `unknown_quote`."""
    run = desk.get(quote_id)
    if run is None:
        raise RpcError(
            ErrorKind.UNKNOWN_QUOTE,
            "no such quote: it is older than this daemon, long over, or mistyped; "
            "quote.list has those still known",
        )
    return run


def valid_application(desk: QuoteDesk, data: dict[str, Any]) -> Valid:
    """The application with its warnings. Raises `invalid_application` with all problems."""
    checked = check(data, today=desk.today())
    if isinstance(checked, Valid):
        return checked
    count = len(checked.problems)
    raise RpcError(
        ErrorKind.INVALID_APPLICATION,
        f"the application has {count} problem{'s' if count > 1 else ''}",
        problems=map(ProblemData.of, checked.problems),
    )


def known_insurers(desk: QuoteDesk, wanted: tuple[str, ...] | None) -> list[str]:
    """The ids to ask, each once, in the order of insurers.toml. Raises `unknown_insurer`."""
    if wanted is None:
        return list(desk.insurers)
    problems = [
        _unknown(desk, f"insurers[{index}]", name)
        for index, name in enumerate(wanted)
        if name not in desk.insurers
    ]
    if problems:
        raise RpcError(
            ErrorKind.UNKNOWN_INSURER,
            "; ".join(problem.text for problem in problems),
            problems=problems,
        )
    return [id_ for id_ in desk.insurers if id_ in wanted]


def find_insurer(desk: QuoteDesk, id_: str) -> Insurer:
    """The insurer with this id, also one that is only asked on others' behalf.

    Raises `unknown_insurer` with the nearest one there is.
    """
    insurer = desk.insurers.get(id_) or _source(desk, id_)
    if insurer is None:
        problem = _unknown(desk, "insurer", id_)
        raise RpcError(ErrorKind.UNKNOWN_INSURER, problem.text, problems=[problem])
    return insurer


def require_may_change(client: ClientView) -> None:
    """Only the user whose daemon it is, and root, may change things. Raises `not_allowed`."""
    if client.uid not in {ROOT, os.getuid()}:
        raise RpcError(
            ErrorKind.NOT_ALLOWED,
            "only the user whom the daemon runs as, and root, may change things",
        )


def _source(desk: QuoteDesk, id_: str) -> Insurer | None:
    return next((each.via for each in desk.insurers.values() if each.source == id_), None)


def _unknown(desk: QuoteDesk, path: str, name: str) -> ProblemData:
    if source := _source(desk, name):
        members = ", ".join(source.members)
        return ProblemData(
            path=path,
            code="has_members",
            text=f"`{name}` offers nothing itself; those asked for through it are {members}",
            params={"name": name, "members": members},
        )
    near = get_close_matches(name, desk.insurers, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "insurers.list has those there are"
    return ProblemData(
        path=path,
        code="unknown_insurer",
        text=f"no insurer `{name}`; {hint}",
        params={"name": name, "nearest": near[0] if near else None},
    )
