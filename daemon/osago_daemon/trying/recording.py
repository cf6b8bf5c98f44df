"""Keeps one walk as a record that tests can replay, with nobody real and no secret in it.

The insurer sees the real application. Of its answers everything real is swapped for made-up values;
the requests of the record are those that the made-up application gives over these answers. Nothing
is written that does not come to the same outcome, or in which anything real is left.
"""

import errno
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from osago_core.application import MASK
from osago_core.moscow import moscow_day
from osago_core.offer import Declined, Failed, Offer, Outcome
from osago_daemon.insurers.port import Several
from osago_daemon.insurers.responses import headers_of
from osago_daemon.insurers.tables import is_secret_header
from osago_daemon.resilience.trouble import TroubleKind
from osago_daemon.trying import replay
from osago_daemon.trying.exchanges import BORING, FRAMING
from osago_daemon.trying.leaks import leak_in
from osago_daemon.trying.madeup import MadeUp, made_up
from osago_daemon.trying.swapping import Swap
from osago_daemon.trying.walking import Trip, Walked, walk
from osago_daemon.trying.watching import Document, Raw, secrets_in

_NOT_KEPT = ("transport",)
"""Of the table: the way out, where a proxy's password may stand. A replay has none."""
_COOKIE = re.compile(r"(?P<before>(?:^|, )[^=;,\s]+=)(?P<value>[^;]*)")


class NotRecordableError(Exception):
    """Nothing was written. `problem` is the word for why, the rest belongs to it."""

    def __init__(self, problem: str, **told: str) -> None:
        super().__init__(problem)
        self.told = {"problem": problem, **told}


async def record(
    trip: Trip, transport: httpx.AsyncBaseTransport, path: Path, *, force: bool
) -> Document:
    """Walk, and write the record; what became of it. Sends real requests."""
    try:
        _look(path, force=force)
        document = await _recorded(trip, transport)
        _write(path, document, force=force)
    except NotRecordableError as problem:
        return problem.told
    return {
        "insurer": trip.tried.id,
        "outcome": document["outcome"]["type"],
        "exchanges": len(document["exchanges"]),
    }


async def _recorded(trip: Trip, transport: httpx.AsyncBaseTransport) -> Document:
    at = trip.now()
    made = made_up(trip.application, moscow_day(at))
    if made is None:
        raise NotRecordableError("application")
    dictionaries = _dictionaries(trip)
    told: list[Document] = []
    walked = await walk(
        Trip(trip.tried, trip.application, trip.deadline_s, told.append, trip.now, trip.key),
        transport,
    )
    if walked.trouble is not None and walked.trouble.kind is TroubleKind.TIMEOUT:
        raise NotRecordableError("unrecordable", why=walked.trouble.message)
    raws = list(_worth_keeping(walked.lookout.raw, told))
    if not raws or any(raw.response is None for raw in raws):
        raise NotRecordableError("unrecordable", why="there was no answer")
    swap = _swap(made, raws, walked)
    document = {
        "format": replay.FORMAT,
        "at": at.isoformat(timespec="seconds"),
        "insurer": _table(trip),
        "dictionaries": dictionaries,
        "application": made.document,
        "exchanges": [_exchange(raw, swap) for raw in raws],
        "outcome": {},
    }
    try:
        await _replayed(document, raws, walked, swap)
    except replay.ReplayError as error:
        raise NotRecordableError("changed", step=error.step, why=error.why) from None
    if where := leak_in(document, walked.masker):
        raise NotRecordableError("leak", where=where)
    return document


async def _replayed(document: Document, raws: Sequence[Raw], walked: Walked, swap: Swap) -> None:
    """Take the requests from a replay, and prove by another that all of it comes to the same."""
    transport = replay.Replay(document["exchanges"], checking=False)
    outcome = await replay.walked(document, transport)
    transport.over()
    for exchange, raw, sent in zip(document["exchanges"], raws, transport.sent, strict=True):
        if why := _unlike(raw.request, sent):
            raise replay.ReplayError(raw.step, why)
        exchange["request"] |= replay.request_of(sent) | {"headers": _sent_headers(sent)}
    if not _same(walked.outcome, outcome, swap):
        raise replay.ReplayError(raws[-1].step, "another outcome")
    document["outcome"] = replay.outcome_of(outcome)
    await replay.replay(json.loads(json.dumps(document)))


def _worth_keeping(raws: Sequence[Raw], told: Sequence[Document]) -> Iterator[Raw]:
    """Without the polls that found nothing new: how many there are is chance."""
    before: tuple[str, Any] | None = None
    for raw, entry in zip(raws, told, strict=True):
        now = raw.step, entry.get("reading")
        if now != before or now[1] != "pending":
            yield raw
        before = now


def _swap(made: MadeUp, raws: Sequence[Raw], walked: Walked) -> Swap:
    others: dict[str, str] = {}
    for raw in raws:
        for secret in secrets_in(raw, walked.masker.also):
            others.setdefault(secret, f"made-up-{len(others) + 1}")
    for number, link in enumerate(_links(walked.outcome), 1):
        url = httpx.URL(link)
        others[link] = f"{url.scheme}://{url.netloc.decode()}/made-up-{number}"
    masker = walked.masker
    masker.forget_links()
    masker.spare(made.kept)
    return Swap(made.pairs, others, masker)


def _links(outcome: Outcome | Several) -> Iterator[str]:
    match outcome:
        case Several():
            for one in outcome.outcomes.values():
                yield from _links(one)
        case Offer(payment_url=str(link)):
            yield link


def _exchange(raw: Raw, swap: Swap) -> Document:
    response = raw.response
    assert response is not None  # noqa: S101  # asked before
    try:
        body = replay.body_of(response.content)
    except ValueError:
        raise NotRecordableError("unrecordable", why=f"{raw.step}: no text") from None
    if body is not None:
        body = {kind: swap.value(value) for kind, value in body.items()}
    headers = [[n, v] for n, v in _answer_headers(response, swap)]
    return {
        "step": raw.step,
        "request": {},
        "answer": {"status": response.status_code, "headers": headers, "body": body},
    }


def _answer_headers(response: httpx.Response, swap: Swap) -> Iterator[tuple[str, str]]:
    for line in response.headers.get_list("set-cookie"):
        yield "set-cookie", _COOKIE.sub(lambda m: m["before"] + _cookie(m["value"], swap), line, 1)
    for name, value in headers_of(response).items():
        if name not in BORING and name != "set-cookie":
            yield name, swap.text(value)


def _cookie(value: str, swap: Swap) -> str:
    """One that is too short to be known elsewhere is made up here."""
    made = swap.text(value)
    return "made-up" if made == value and value else made


def _sent_headers(request: httpx.Request) -> Document:
    """For people: a replay looks at method, path and body."""
    return {
        name: MASK if is_secret_header(name) else value
        for name, value in request.headers.items()
        if name not in FRAMING
    }


def _unlike(real: httpx.Request, made: httpx.Request) -> str:
    """Where the two requests are not of the same shape."""
    if real.method != made.method:
        return "another method"
    paths = [request.url.raw_path.decode("ascii") for request in (real, made)]
    if paths[0].count("/") != paths[1].count("/"):
        return "another path"
    try:
        bodies = [replay.body_of(request.content) for request in (real, made)]
    except ValueError:
        return "a body that is no text"
    shapes = [_shape(body) for body in bodies]
    return "" if shapes[0] == shapes[1] else "a request of another shape"


def _shape(value: Any) -> Any:
    match value:
        case {"text": str(text), **others} if not others:
            return re.findall(r"</?[\w:.-]+|[\w.\[\]-]+=", re.sub(r">[^<]+<", "><", text))
        case dict():
            return {name: _shape(item) for name, item in value.items()}
        case list():
            return [_shape(item) for item in value]
        case bool() | None:
            return value
        case int() | float():
            return "number"
        case _:
            return "text"


def _same(real: Outcome | Several, made: Outcome | Several, swap: Swap) -> bool:
    """Whether two outcomes are the same but for what was swapped."""
    match real, made:
        case Several(), Several():
            ids = real.outcomes.keys() == made.outcomes.keys()
            both = ((real.outcomes[id_], made.outcomes.get(id_)) for id_ in real.outcomes)
            return ids and all(m is not None and _same(r, m, swap) for r, m in both)
        case Offer(), Offer():
            told = [replay.outcome_of(one) for one in (real, made)]
            return bool(swap.value(told[0]) == told[1])
        case Declined(), Declined():
            return real.reason is made.reason
        case Failed(), Failed():
            return real.kind is made.kind
        case _:
            return False


def _table(trip: Trip) -> Document:
    """As it stands in the file, with references for secrets."""
    table = {k: _closed(v) for k, v in trip.tried.table.items() if k not in _NOT_KEPT}
    return {"id": trip.tried.id, **table}


def _closed(value: Any) -> Any:
    match value:
        case str() if value.startswith("plain:"):
            return f"plain:{replay.STAND_IN}"
        case Mapping():
            return {name: _closed(item) for name, item in value.items()}
        case list():
            return [_closed(item) for item in value]
        case _:
            return value


def _dictionaries(trip: Trip) -> Mapping[str, Any]:
    text = json.dumps(trip.tried.table, default=str, ensure_ascii=False)
    found = {name: t for name, t in trip.tried.dictionaries.items() if name in text}
    if any(isinstance(table, Mapping) and "file" in table for table in found.values()):
        raise NotRecordableError("unrecordable", why="a dictionary stands in a file of its own")
    return found


def _look(path: Path, *, force: bool) -> None:
    """Whether it can be written, before anything is sent."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        mode = None
    except OSError as error:
        raise _unwritable(error) from None
    if mode is not None and stat.S_ISDIR(mode):
        raise _unwritable(IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    if mode is not None and not stat.S_ISREG(mode):  # what a link leads to is not ours to replace
        raise NotRecordableError("unwritable", reason="not a regular file")
    if mode is not None and not force:
        raise NotRecordableError("exists")
    _look_at_folder(path.parent)


def _look_at_folder(folder: Path) -> None:
    if not folder.exists():
        raise _unwritable(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    if not folder.is_dir():
        raise _unwritable(NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def _unwritable(error: OSError) -> NotRecordableError:
    return NotRecordableError("unwritable", reason=error.strerror or "")


def _write(path: Path, document: Document, *, force: bool) -> None:
    """Whole or not at all. Looks once more: the walk has taken its time."""
    _look(path, force=force)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    fresh = path.with_name(f".{path.name}.{os.getpid()}") if force else path
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise NotRecordableError("exists") from None
    except OSError as error:
        raise _unwritable(error) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _unwritable(error) from None
