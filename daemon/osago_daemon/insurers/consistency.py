"""What spans several keys of an insurer's table: http and secrets, states and poll, kept values.

Works on the raw table, of which any part may be missing or wrong: wrong types are somebody else's
problem here, so that all problems can be told at once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from osago_daemon.insurers import urls
from osago_daemon.insurers.expressions import Expression, ExpressionError
from osago_daemon.insurers.keys import Key
from osago_daemon.insurers.names import REQUEST
from osago_daemon.insurers.secrets import NOT_HERE
from osago_daemon.insurers.tables import Located, texts_in

LINK = "{link}"
"""A poll's path that is a link out of the answer."""

RawTable: TypeAlias = Mapping[str, Any]


def problems(insurer: RawTable) -> Iterator[Located]:
    """Every contradiction between keys of one `[insurers.ID]` table."""
    yield from _base_url(insurer)
    yield from _paths(insurer)
    yield from _plain_secrets(insurer)
    yield from _states(_table(insurer, "answer"))
    yield from _poll(insurer)
    yield from _kept(insurer)


def _table(table: RawTable, name: str) -> RawTable:
    value = table.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(table: RawTable, name: str) -> str | None:
    value = table.get(name)
    return value if isinstance(value, str) else None


def _base_url(insurer: RawTable) -> Iterator[Located]:
    url = _text(insurer, "base_url")
    if url is not None:
        text = urls.base_url_problem(url, allow_http=insurer.get("allow_http") is True)
        if text is not None:
            yield ("base_url",), text


def _paths(insurer: RawTable) -> Iterator[Located]:
    """A path that is one by itself, and yet makes no URL: too long, mostly."""
    base_url = _text(insurer, "base_url")
    if base_url is None or urls.base_url_problem(base_url, allow_http=True) is not None:
        return
    for step in ("create", "poll"):
        path = _text(_table(insurer, step), "path")
        if path is not None and urls.is_path(path) and not urls.is_joinable(base_url, path):
            yield (step, "path"), "makes no URL together with base_url"


def _plain_secrets(insurer: RawTable) -> Iterator[Located]:
    """A secret may stand in the file only where it opens nothing: at a server on this machine."""
    if urls.is_loopback_url(_text(insurer, "base_url") or ""):
        return
    auth = _table(insurer, "auth")
    for above, table in ((("auth",), auth), (("auth", "secrets"), _table(auth, "secrets"))):
        for name, value in table.items():
            if isinstance(value, str) and value.startswith("plain:"):
                yield (*above, name), NOT_HERE


def _states(answer: RawTable) -> Iterator[Located]:
    states = answer.get("states")
    if "state" in answer and not isinstance(states, Mapping):
        yield ("answer", "states"), "is missing: it says what the words of `state` mean"
    if not isinstance(states, Mapping):
        return
    if "state" not in answer:
        yield ("answer", "states"), "has no use without `state`"
    if not states.get("offer") and not states.get("preliminary"):
        yield ("answer", "states"), "names no word for an offer: list one under `offer`"
    counted = Counter(
        word.casefold()
        for words in states.values()
        if isinstance(words, list)
        for word in words
        if isinstance(word, str)
    )
    for word, times in counted.items():
        if times > 1:
            yield ("answer", "states"), f'has "{word}" {times} times (case does not matter)'


def _poll(insurer: RawTable) -> Iterator[Located]:
    if _table(_table(insurer, "answer"), "states").get("pending") and "poll" not in insurer:
        yield ("poll",), "is missing: answer.states.pending says that the offer comes later"


def _kept(insurer: RawTable) -> Iterator[Located]:
    keep, poll = set(_table(_table(insurer, "create"), "keep")), _table(insurer, "poll")
    path = _text(poll, "path")
    for name in urls.placeholders(_text(_table(insurer, "create"), "path") or ""):
        yield ("create", "path"), f"nothing is kept yet that {{{name}}} could stand for"
    for name in urls.placeholders(path or ""):
        if name not in keep:
            yield ("poll", "path"), f"{{{name}}} is not in create.keep"
    for step, known in (("create", set[str]()), ("poll", keep)):
        for key, text in _leaves(_table(insurer, step), ()):
            for name in sorted(_kept_names(text) - known):
                yield (step, *key), f"kept.{name} is not known here: create.keep says what is kept"


def _leaves(step: RawTable, key: Key) -> Iterator[tuple[Key, str]]:
    """The texts of a step that are expressions of its request."""
    for part in ("headers", "query", "body"):
        yield from texts_in(step.get(part), (*key, part))


def _kept_names(text: str) -> set[str]:
    try:
        return Expression(text, REQUEST).names_under("kept")
    except ExpressionError:
        return set()  # a problem of its own, told by the expression's own check
